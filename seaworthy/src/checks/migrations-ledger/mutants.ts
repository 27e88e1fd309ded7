import type { Mutant } from '../../gate/check.ts'
import { type Observations, notObserved, observed } from '../../gate/observation.ts'
import { branches } from '../../observers/branches/kind.ts'
import { type LedgerRow, ledger } from '../../observers/ledger/kind.ts'
import { type TreeProblem, migrationTree } from '../../observers/migration-tree/kind.ts'
import { type ChangedBaselineFile, pending } from '../../observers/pending/kind.ts'
import { migration, withLedger, withPending, withTree } from './sample.ts'

const problem = (kind: TreeProblem['kind'], isOpaque: boolean): ((set: Observations) => Observations) => {
  const one = {
    kind,
    file: 'migrations/0021_x_up.sql',
    message: 'the tool passes over this file',
    hint: null,
    isOpaque,
  }
  return (set) => withTree(set, { problems: [one] })
}

const newest =
  (change: Partial<LedgerRow>) =>
  (set: Observations): Observations =>
    withLedger(set, { rows: set.need(ledger).rows.map((row, index) => (index === 2 ? { ...row, ...change } : row)) })

const changed =
  (change: ChangedBaselineFile['change'], file = 'migrations/120_gone.up.sql') =>
  (set: Observations): Observations =>
    withPending(set, { changedBaseline: [{ file, change, version: '120' }] })

/** golang-migrate's own ledger in place of a runner's: one row. */
const highWater = (set: Observations, key: string, isDirty = false): Observations =>
  withLedger(set, { style: 'high-water', rows: [{ key, name: null, checksum: null, appliedAt: null, isDirty }] })

/** Worlds that the judge must refuse, each made from the sample by one damage. */
export const mutants: readonly Mutant[] = [
  {
    name: 'the ledger that said what is pending is not among the observations',
    why: 'a word that nobody can look at again',
    damage: (set) => set.without(ledger),
  },
  {
    name: 'two files with one version',
    why: 'story 1: two people wrote migration 123',
    damage: (set) =>
      withTree(set, { migrations: [...set.need(migrationTree).migrations, migration('124', 'outcomes')] }),
  },
  {
    name: 'one version with and without a leading zero',
    why: 'the ledger holds a number',
    damage: (set) =>
      withTree(set, { migrations: [...set.need(migrationTree).migrations, migration('0124', 'outcomes')] }),
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
  {
    name: 'the folder is empty',
    why: 'an empty set proves nothing',
    damage: (set) => withTree(withPending(withLedger(set, { rows: [] }), { files: [] }), { migrations: [] }),
  },
  {
    name: 'applied under another name',
    why: 'story 1: the name check of the runner failed at the next deploy',
    damage: newest({ name: 'hearing_outcomes' }),
  },
  {
    name: 'applied with another content',
    why: 'an applied file was edited',
    damage: newest({ checksum: 'f'.repeat(64) }),
  },
  {
    name: 'applied with other line endings',
    why: 'a runner that compares bytes stops',
    damage: newest({ checksum: migration('123', 'hearings').checksumOtherEndings }),
  },
  {
    name: 'checksums of an unknown kind',
    why: 'nothing was compared',
    damage: (set) =>
      withLedger(set, { rows: set.need(ledger).rows.map((row) => ({ ...row, checksum: 'f'.repeat(64) })) }),
  },
  { name: 'applied and gone', why: 'a branch was deployed and not merged', damage: newest({ key: '129', name: 'x' }) },
  { name: 'half applied', why: 'production is stuck', damage: newest({ isDirty: true }) },
  { name: 'half applied, by golang-migrate', why: 'production is stuck', damage: (set) => highWater(set, '123', true) },
  {
    name: 'the newest version is gone',
    why: 'golang-migrate stops at start-up',
    damage: (set) => highWater(set, '130'),
  },
  {
    name: 'new, and older than what is live',
    why: 'golang-migrate skips it without a word',
    damage: (set) => withPending(highWater(set, '123'), { newSinceBase: ['migrations/122_cases.up.sql'] }),
  },
  {
    name: 'new, and older than the baseline, without a ledger',
    why: 'golang-migrate skips it without a word',
    damage: (set) => withPending(set.without(ledger), { basis: 'merge-base', files: ['migrations/122_cases.up.sql'] }),
  },
  {
    name: 'the ledger was asked for and did not answer',
    why: 'could not look',
    damage: (set) => set.with(notObserved(ledger, 'postgresql://db/app', 'the connection was refused')),
  },
  {
    name: 'what is pending was not found out',
    why: 'a shallow clone has no merge base',
    damage: (set) => set.with(notObserved(pending, 'git', 'no merge base')),
  },
  {
    name: 'the folder was not read',
    why: 'could not look',
    damage: (set) => set.with(notObserved(migrationTree, 'folder migrations', 'permission denied')),
  },
  {
    name: 'pending files of another folder',
    why: 'two observations that do not belong together',
    damage: (set) => withPending(set, { files: ['elsewhere/124_deadlines.up.sql'] }),
  },
  {
    name: 'a baseline that the ledger does not confirm',
    why: 'the release was tried on a schema that production does not have',
    damage: (set) => withLedger(withPending(set, { basis: 'baseline' }), { rows: set.need(ledger).rows.slice(0, 2) }),
  },
  {
    name: 'nobody could say whether live files were edited',
    why: 'a shallow clone, and a ledger without checksums',
    damage: (set) =>
      withPending(withLedger(set, { rows: set.need(ledger).rows.map((row) => ({ ...row, checksum: null })) }), {
        baseCommit: null,
        newSinceBase: null,
        baseProblem: 'this is a shallow clone',
      }),
  },
  {
    name: 'nothing is pending, by a ledger that lacks the newest',
    why: 'two observations that do not belong together',
    damage: (set) => withPending(set, { files: [] }),
  },
  {
    name: 'an empty ledger, and what is pending left as it was',
    why: 'two observations that do not belong together',
    damage: (set) => withPending(withLedger(set, { rows: [] }), { newSinceBase: null }),
  },
  {
    name: 'an empty ledger of a folder that is not new',
    why: 'the ledger of a fresh database in place of production’s',
    damage: (set) =>
      withPending(withLedger(set, { rows: [] }), {
        files: set.need(migrationTree).migrations.map((one) => one.up.file),
      }),
  },
  { name: 'a live file was edited', why: 'production keeps the old one', damage: changed('edited') },
  { name: 'a live file was removed', why: 'golang-migrate stops', damage: changed('removed') },
  { name: 'a live file has other line endings', why: 'the bytes are compared', damage: changed('line-endings') },
  {
    name: 'another branch has the version',
    why: 'whichever is merged second collides',
    damage: (set) =>
      set.with(
        observed(branches, 'git', {
          branches: ['origin/x'],
          taken: [{ branch: 'origin/x', version: '0124', name: 'fees', file: 'migrations/0124_fees.up.sql' }],
          leftOut: 0,
        }),
      ),
  },
  {
    name: 'the branches could not be read',
    why: 'a shallow clone knows one branch',
    damage: (set) => set.with(notObserved(branches, 'git', 'this is a shallow clone')),
  },
]
