import { posix } from 'node:path'
import { JOURNAL, parseJournal } from '../../migrations/drizzle-journal.ts'
import type { CompareRequest } from './changed.ts'
import type { ChangedBaselineFile } from './kind.ts'

/**
 * Live migrations whose time in drizzle's journal is another than at the base. The time is what drizzle compares with its
 * ledger: a later one is applied a second time, an earlier one is passed over in a new environment. Empty for other formats.
 */
export async function redatedFiles(request: CompareRequest): Promise<ChangedBaselineFile[]> {
  const { tree, base } = request
  if (tree.format !== 'drizzle') return []
  const there = await timesAt(request, base.commit)
  const shared = base.ancestor === null || base.ancestor === base.commit ? null : await timesAt(request, base.ancestor)
  return tree.migrations.flatMap(({ up, version, ledgerKey }) => {
    const tag = posix.basename(up.file, '.sql')
    const before = there.get(tag)
    // What only the base's side redated is our being behind.
    if (before === undefined || before === ledgerKey || shared?.get(tag) === ledgerKey) return []
    return [{ file: up.file, change: 'edited' as const, version }]
  })
}

async function timesAt({ repository, gitFolder }: CompareRequest, commit: string): Promise<Map<string, string>> {
  const [bytes] = await repository.contents([`${commit}:${posix.join(gitFolder, JOURNAL)}`])
  const journal = bytes === undefined || bytes === null ? '' : parseJournal(bytes.toString('utf8'))
  return new Map(typeof journal === 'string' ? [] : journal.entries.map((entry) => [entry.tag, String(entry.when)]))
}
