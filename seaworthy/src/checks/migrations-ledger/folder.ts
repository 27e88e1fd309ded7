import { type Finding, cannotProve, refuse, warn } from '../../gate/finding.ts'
import type { Migration, MigrationTree, TreeProblem, TreeProblemKind } from '../../observers/migration-tree/kind.ts'
import type { ToolFacts } from './tools.ts'

/** The top of a file, as a place. */
export const topOf = (file: string): { file: string; line: number; column: number } => ({ file, line: 1, column: 1 })

/** The part of a path that tells migrations apart: the file's name, or the folder's where every file is called the same. */
export function labelOf(file: string): string {
  const parts = file.split('/')
  const last = parts.at(-1) ?? file
  return /^(?:up|migration)\.sql$/.test(last) ? (parts.at(-2) ?? last) : last
}

/** Two migrations in one slot. */
export function duplicates(tree: MigrationTree, facts: ToolFacts): Finding[] {
  const bySlot = groupBy(tree.migrations, (migration) => migration.ledgerKey)
  const inOneSlot = [...bySlot.values()].filter((group) => group.length > 1)
  const byNumber = tree.format === 'drizzle' ? groupBy(tree.migrations, (migration) => migration.version) : new Map()
  const withOneNumber = [...byNumber.values()].filter((group) => group.length > 1)
  return [
    ...inOneSlot.map((group) => refuse(duplicate(group, facts))),
    ...withOneNumber
      .filter((group) => !inOneSlot.some((one) => one[0] === group[0]))
      .map((group) => warn(duplicate(group, facts))),
  ]
}

function duplicate(group: readonly Migration[], facts: ToolFacts): Parameters<typeof refuse>[0] {
  const version = group[0]?.version ?? ''
  const names = group.map((migration) => labelOf(migration.up.file))
  return {
    code: 'ledger/duplicate-version',
    message: `duplicate version ${version}: ${listed(names)} take the same slot; ${facts.duplicate}`,
    where: topOf(group.at(-1)?.up.file ?? ''),
    subject: `migration ${version}`,
    hint: 'Keep the one that is live, and give the other one the next free version (seaworthy reserve NAME makes its files).',
  }
}

function groupBy(migrations: readonly Migration[], keyOf: (one: Migration) => string): Map<string, Migration[]> {
  const groups = new Map<string, Migration[]>()
  for (const migration of migrations) {
    const key = keyOf(migration)
    groups.set(key, [...(groups.get(key) ?? []), migration])
  }
  return groups
}

const CODES: Record<TreeProblemKind, string> = {
  'misnamed-file': 'ledger/misnamed-file',
  'orphan-down': 'ledger/orphan-down',
  'orphan-journal-entry': 'ledger/journal-without-file',
  'missing-from-journal': 'ledger/file-without-journal',
  'journal-order': 'ledger/journal-order',
  'other-language': 'ledger/other-language',
  'bad-metadata': 'ledger/bad-metadata',
  'invalid-utf8': 'parse/invalid-utf8',
  unreadable: 'parse/unreadable',
  'too-large': 'parse/too-large',
  'symlink-loop': 'parse/symlink-loop',
}

/** What is wrong with the folder itself: what nobody could read is unproven, what the tool would drop refuses. */
export function folderProblems(tree: MigrationTree): Finding[] {
  const downs = new Set(tree.migrations.map((migration) => migration.down?.file))
  return tree.problems.map((problem) => {
    const input = {
      code: CODES[problem.kind],
      message: `${labelOf(problem.file)}: ${problem.message}`,
      where: topOf(problem.file),
      subject: problem.file,
      hint: problem.hint,
    }
    if (problem.isOpaque) return cannotProve(input)
    return isUsedAnyway(problem, downs) ? warn(input) : refuse(input)
  })
}

/** A down file of another name is run all the same, and settings that say nothing have a known meaning. */
const isUsedAnyway = (problem: TreeProblem, downs: ReadonlySet<string | undefined>): boolean =>
  problem.kind === 'bad-metadata' || (problem.kind === 'misnamed-file' && downs.has(problem.file))

/** At most five of them by name. */
export function listed(names: readonly string[]): string {
  if (names.length <= 5)
    return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`
}
