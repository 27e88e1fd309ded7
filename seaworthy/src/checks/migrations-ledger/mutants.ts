import type { Mutant } from '../../gate/check.ts'
import { isNotHere, type NotHere, notHere } from '../../gate/drill/drill.ts'
import { notObserved, type Observations, observed } from '../../gate/observation.ts'
import { branches } from '../../observers/branches/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { type Migration, type TreeProblem, migrationTree } from '../../observers/migration-tree/kind.ts'
import { type ChangedBaselineFile, pending } from '../../observers/pending/kind.ts'
import { both, changes, type Damage, fails, pendingIn } from '../damage.ts'
import { ofRows } from './mutants-of-rows.ts'
import { toolOf } from './tools.ts'

const problem = (kind: TreeProblem['kind'], isOpaque: boolean): Damage =>
  changes(migrationTree, ({ folder, problems }) => {
    const file = `${folder}/0021_seaworthy_drill_up.sql`
    return { problems: [...problems, { kind, file, message: 'the tool passes over this file', hint: null, isOpaque }] }
  })

/** One migration more, made from the newest one. */
const twin = (change: (newest: Migration) => Partial<Migration> | NotHere): Damage =>
  changes(migrationTree, ({ migrations, folder }) => {
    const newest = migrations.at(-1)
    if (newest === undefined) return notHere('the folder has no migration')
    const made = change(newest)
    if (isNotHere(made)) return made
    const up = { ...newest.up, file: `${folder}/seaworthy_drill.sql` }
    return { migrations: [...migrations, { ...newest, name: 'seaworthy_drill', up, down: null, ...made }] }
  })

/** A file that is live is not what it was. */
const changed =
  (change: ChangedBaselineFile['change']): Damage =>
  (set) => {
    const tree = set.maybe(migrationTree)
    if (tree === undefined) return notHere('the folder was not read')
    const { refusesLineEndings, title } = toolOf(tree, set.maybe(ledger))
    if (change === 'line-endings' && !refusesLineEndings) return notHere(`${title} does not compare line endings`)
    const one = { file: `${tree.folder}/seaworthy_drill_gone.sql`, change, version: null }
    return changes(pending, ({ changedBaseline }) => ({ changedBaseline: [...changedBaseline, one] }))(set)
  }

/** Without its migrations, and whatever else was said of them. */
const emptied: Damage = (set) => {
  const files = both(
    changes(migrationTree, ({ migrations }) =>
      migrations.length === 0 ? notHere('the folder has no migration') : { migrations: [] },
    ),
    changes(pending, () => ({ files: [] })),
  )
  return set.maybe(ledger) === undefined
    ? files(set)
    : both(
        files,
        changes(ledger, () => ({ rows: [] })),
      )(set)
}

/** An older migration is pending beside one that is live, and there is no ledger. */
function olderThanBaseline(set: Observations): ReturnType<Damage> {
  const tree = set.maybe(migrationTree)
  const older = tree?.migrations.at(-2)
  if (tree === undefined || older === undefined) return notHere('the folder has no two migrations')
  const { older: becomes, title } = toolOf(tree, undefined)
  if (becomes !== 'skipped') return notHere(`${title} does not skip it`)
  const waiting = changes(pending, () => ({ basis: 'merge-base' as const, files: [older.up.file] }))
  return waiting(set.without(ledger))
}

/** Git was there and could not say what the live files were, and the ledger keeps no checksums. */
function withoutBase(set: Observations): ReturnType<Damage> {
  const files = new Set(set.maybe(pending)?.files)
  const isLive = set.maybe(migrationTree)?.migrations.some((one) => !files.has(one.up.file)) === true
  if (!isLive) return notHere('nothing is live before the release')
  const unknown = changes(pending, () => ({
    baseCommit: null,
    newSinceBase: null,
    baseProblem: 'this is a shallow clone',
  }))
  const bare = changes(ledger, ({ rows }) => ({ rows: rows.map((row) => ({ ...row, checksum: null })) }))
  return set.maybe(ledger) === undefined ? unknown(set) : both(bare, unknown)(set)
}

/** Another branch has the version of the first pending migration. */
function takenElsewhere(set: Observations): ReturnType<Damage> {
  const migrations = pendingIn(set)
  if (isNotHere(migrations)) return migrations
  const tree = set.maybe(migrationTree)
  if (tree?.format === 'prisma') return notHere('Prisma knows a migration by its whole name')
  const version = `0${migrations[0].version}`
  const taken = [{ branch: 'origin/x', version, name: 'fees', file: `${tree?.folder}/${version}_fees.sql` }]
  return set.with(observed(branches, 'git', { branches: ['origin/x'], taken, leftOut: 0 }))
}

/** Worlds that the judge must refuse, each made from the sample or from a run by one damage. */
export const mutants: readonly Mutant[] = [
  { name: 'two files with one version', why: 'story 1: two people wrote migration 123', damage: twin(() => ({})) },
  {
    name: 'one version with and without a leading zero',
    why: 'the ledger holds a number',
    damage: twin(({ version, ledgerKey }) =>
      /^\d+$/.test(version) && /^\d+$/.test(ledgerKey) && BigInt(version) === BigInt(ledgerKey)
        ? { version: `0${version}` }
        : notHere('the ledger holds no number'),
    ),
  },
  { name: 'a misnamed file', why: 'a *.up.sql glob drops it', damage: problem('misnamed-file', false) },
  { name: 'a down file alone', why: 'its up file was lost', damage: problem('orphan-down', false) },
  { name: 'a journal entry alone', why: 'drizzle stops', damage: problem('orphan-journal-entry', false) },
  { name: 'a file that the journal lacks', why: 'it is never applied', damage: problem('missing-from-journal', false) },
  { name: 'a journal out of order', why: 'the older entry is skipped', damage: problem('journal-order', false) },
  { name: 'a migration in Go', why: 'nobody ran it', damage: problem('other-language', true) },
  { name: 'bytes that are not UTF-8', why: 'nobody knows what would be sent', damage: problem('invalid-utf8', true) },
  { name: 'a file that cannot be read', why: 'could not look', damage: problem('unreadable', true) },
  { name: 'a file that is too large', why: 'could not look', damage: problem('too-large', true) },
  { name: 'a link in a circle', why: 'could not look', damage: problem('symlink-loop', true) },
  { name: 'a journal that cannot be read', why: 'could not look', damage: problem('bad-metadata', true) },
  { name: 'the folder is empty', why: 'an empty set proves nothing', damage: emptied },
  ...ofRows,
  {
    name: 'new, and older than the baseline, without a ledger',
    why: 'golang-migrate skips it without a word',
    damage: olderThanBaseline,
  },
  {
    name: 'what is pending was not found out',
    why: 'a shallow clone has no merge base',
    damage: fails(pending, 'no merge base'),
  },
  { name: 'the folder was not read', why: 'could not look', damage: fails(migrationTree, 'permission denied') },
  {
    name: 'pending files of another folder',
    why: 'two observations that do not belong together',
    damage: changes(pending, () => ({ files: ['seaworthy-drill/124_deadlines.up.sql'] })),
  },
  {
    name: 'nobody could say whether live files were edited',
    why: 'a shallow clone, and a ledger without checksums',
    damage: withoutBase,
  },
  { name: 'a live file was edited', why: 'production keeps the old one', damage: changed('edited') },
  { name: 'a live file was removed', why: 'golang-migrate stops', damage: changed('removed') },
  { name: 'a live file has other line endings', why: 'the bytes are compared', damage: changed('line-endings') },
  {
    name: 'another branch has the version',
    why: 'whichever is merged second collides',
    damage: takenElsewhere,
  },
  {
    name: 'the branches could not be read',
    why: 'a shallow clone knows one branch',
    damage: (set) => set.with(notObserved(branches, 'git', 'this is a shallow clone')),
  },
]
