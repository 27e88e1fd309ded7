import { formatNamed } from '../../../src/migrations/formats.ts'
import type { FormatName, Ledger } from '../../../src/migrations/model.ts'
import { pending, type Pending } from '../../../src/observers/pending/kind.ts'
import { type PendingChoice, observePending } from '../../../src/observers/pending/observe.ts'
import { ScratchRepository, gitEnv } from '../../git/scratch-repository.ts'
import { treeAt } from '../read-tree.ts'

interface Options {
  readonly choice?: PendingChoice
  readonly ledger?: Ledger
  readonly env?: NodeJS.ProcessEnv
  readonly isGit?: boolean
  readonly format?: FormatName
  readonly folder?: string
}

/** What is pending in a folder `m`. */
export async function ask(root: string, options: Options = {}): Promise<Pending> {
  const format = options.format ?? 'golang-migrate'
  const observation = await observePending({
    root,
    isGit: options.isGit ?? true,
    tree: await treeAt(root, options.folder ?? 'm', format),
    format: formatNamed(format),
    choice: options.choice ?? {},
    ledger: options.ledger,
    env: { ...gitEnv, ...options.env },
  })
  if (observation.status !== 'observed') throw new Error('not observed')
  return pending.parse(observation.data)
}

/** A migration of that version, as a file of the folder. */
export const up = (version: string, text = `select ${Number(version)};\n`): Record<string, string> => ({
  [`m/${version}_x.up.sql`]: text,
})
/** Its path. */
export const file = (version: string): string => `m/${version}_x.up.sql`

/** 1 and 2 on main; then a branch with 3 committed, 4 staged, 5 untracked. */
export function feature(): { scratch: ScratchRepository; base: string } {
  const scratch = new ScratchRepository()
  scratch.commit(up('1'))
  const base = scratch.commit(up('2'))
  scratch.git('checkout', '-q', '-b', 'feature')
  scratch.commit(up('3'))
  scratch.write(file('4'), 'select 4;')
  scratch.git('add', '-A')
  scratch.write(file('5'), 'select 5;')
  return { scratch, base }
}
