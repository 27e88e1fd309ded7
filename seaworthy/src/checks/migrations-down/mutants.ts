import type { JudgeContext, Mutant } from '../../gate/check.ts'
import { isNotHere, type NotHere, notHere } from '../../gate/drill/drill.ts'
import type { Observations } from '../../gate/observation.ts'
import { DEFAULT_POLICY } from '../../gate/policy.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { type DownTrial, plainError, type RehearsalDown, rehearsalDown } from '../../observers/rehearsal-down/kind.ts'
import { both, changes, type Damage, fails, lacks, withStray } from '../damage.ts'

/** A project that relies on its downs. */
const context: Partial<JudgeContext> = { settings: { ...DEFAULT_POLICY.settings, requireDowns: true } }

const failureOf = (
  { downFile, file, version }: DownTrial,
  change: Partial<NonNullable<DownTrial['failure']>> = {},
): NonNullable<DownTrial['failure']> => ({
  file: downFile ?? file,
  version,
  error: plainError('42P01', 'table "hearing" does not exist'),
  statement: { index: 1, line: 1, column: 1, text: 'DROP TABLE hearing' },
  owner: null,
  leavesHalf: false,
  missingExtension: null,
  isInfrastructure: false,
  ...change,
})

/** The newest trial whose down took its migration back; not here where none did. */
function lastWorking(set: Observations): DownTrial | NotHere {
  if (set.maybe(migrationTree)?.migrations.every((one) => one.down === null) === true) {
    return notHere('the folder has no down files')
  }
  const found = set.maybe(rehearsalDown)?.trials.findLast((one) => one.outcome === 'reverted')
  return found ?? notHere('no down was tried that took its migration back')
}

/** Something else about that trial. */
const last =
  (change: Partial<DownTrial> | ((trial: DownTrial) => Partial<DownTrial>)): Damage =>
  (set) => {
    const found = lastWorking(set)
    if (isNotHere(found)) return found
    const more = typeof change === 'function' ? change(found) : change
    return changes(rehearsalDown, ({ trials }) => ({
      trials: trials.map((trial) => (trial === found ? { ...trial, ...more } : trial)),
    }))(set)
  }

/** Something else about all that was tried. */
const tried =
  (change: (downs: RehearsalDown, set: Observations) => Partial<RehearsalDown> | NotHere): Damage =>
  (set) => {
    const found = lastWorking(set)
    return isNotHere(found) ? found : changes(rehearsalDown, (downs) => change(downs, set))(set)
  }

const column = (definition: string): { object: string; definition: string } => ({
  object: 'column public.cases.title',
  definition: `of table public.cases\n${definition}`,
})

/** Damages that only a policy with `requireDowns` refuses; without it they warn. */
export const defects: readonly Mutant[] = [
  {
    name: 'a down fails',
    why: '7 of 116 downs of a real project fail',
    damage: last((trial) => ({ outcome: 'down-failed', failure: failureOf(trial) })),
  },
  {
    name: 'a down leaves an index over',
    why: 'the next up skips it with IF NOT EXISTS, although it is another one',
    damage: last({ leftOver: [{ object: 'index public.cases_idx', definition: 'of table public.cases' }] }),
  },
  {
    name: 'a down drops a table that was there before',
    why: 'a copied down file still names the old table',
    damage: last({ missing: [{ object: 'table public.courts', definition: 'owner deploy' }] }),
  },
  {
    name: 'a down brings a column back with another default',
    why: 'the old version relies on the default',
    damage: last({ changed: [{ before: column("default 'x'"), after: column("default 'y'") }] }),
  },
  {
    name: 'the up does not apply again',
    why: 'after a rollback the release cannot be tried again',
    damage: last((trial) => ({ outcome: 'up-again-failed', failure: failureOf(trial, { file: trial.file }) })),
  },
  {
    name: 'an up fails, so its down was not tried',
    why: 'nobody knows whether there is a way back',
    damage: last((trial) => ({ outcome: 'up-failed', failure: failureOf(trial, { file: trial.file }) })),
  },
  { name: 'a down was not reached', why: 'nobody looked', damage: last({ outcome: 'not-reached' }) },
  {
    name: 'a time limit cut a down short',
    why: 'a limit of ours says nothing about the down',
    damage: last((trial) => ({ outcome: 'down-failed', failure: failureOf(trial, { isInfrastructure: true }) })),
  },
  {
    name: 'a pending migration has no down file',
    why: '29 of 116 downs of a real project are missing',
    damage: (set) => {
      const found = lastWorking(set)
      if (isNotHere(found)) return found
      const untracked = changes(migrationTree, ({ migrations }) => ({
        migrations: migrations.map((one) => (one.up.file === found.file ? { ...one, down: null } : one)),
      }))
      return both(last({ downFile: null, outcome: 'no-down-file' }), untracked)(set)
    },
  },
]

/** Damages that are refused whatever the policy says: nobody looked, or the evidence does not hold together. */
export const gaps: readonly Mutant[] = [
  {
    name: 'the downs were never tried',
    why: 'nobody looked',
    damage: lacks(rehearsalDown),
  },
  {
    name: 'no server could be had',
    why: '"no database" is never a pass',
    damage: fails(rehearsalDown, 'PostgreSQL did not start'),
  },
  {
    name: 'what is pending was not found out',
    why: 'a shallow clone has no merge base',
    damage: fails(pending, 'no merge base'),
  },
  {
    name: 'an empty list of trials',
    why: 'a loop over nothing finds nothing wrong',
    damage: tried(() => ({ trials: [] })),
  },
  {
    name: 'one trial is missing',
    why: 'the trial stopped half-way and nobody said so',
    damage: tried(({ trials }) => ({ trials: trials.slice(1) })),
  },
  {
    name: 'the last trial is missing',
    why: 'the trial stopped half-way and nobody said so',
    damage: tried(({ trials }) => ({ trials: trials.slice(0, -1) })),
  },
  {
    name: 'a trial was of another version',
    why: 'a file was renumbered after it had been tried',
    damage: last(({ version }) => ({ version: `${version}0` })),
  },
  {
    name: 'a down failed, and was compared all the same',
    why: 'there is no state after a failed down to compare',
    damage: last((trial) => ({
      outcome: 'down-failed',
      failure: failureOf(trial),
      leftOver: [{ object: 'table public.cases', definition: '' }],
    })),
  },
  {
    name: 'one trial counts twice',
    why: 'one proof stands for two migrations',
    damage: tried(({ trials }) =>
      trials.length < 2 ? notHere('only one down was tried') : { trials: trials.map((one) => trials[0] ?? one) },
    ),
  },
  {
    name: 'only the pending ones were tried, and it is said to be all',
    why: '--down all answers for the whole history',
    damage: tried(({ extent, trials }, set) =>
      extent === 'all' || trials.length === set.maybe(migrationTree)?.migrations.length
        ? notHere('all downs were tried in this run')
        : { extent: 'all' as const },
    ),
  },
  {
    name: 'a trial was of another down file',
    why: 'the file that was tried is not the one that ships',
    damage: last(({ downFile }) => ({ downFile: `${downFile}.other` })),
  },
  {
    name: 'a trial says that there is no down file, and there is one',
    why: 'the reader lost the file on the way',
    damage: last({ outcome: 'no-down-file' }),
  },
  {
    name: 'a down both worked and failed',
    why: 'one of the two is wrong',
    damage: last((trial) => ({ failure: failureOf(trial) })),
  },
  { name: 'a down failed without any reason', why: 'no server has answered', damage: last({ outcome: 'down-failed' }) },
  {
    name: 'something is pending that the folder does not have',
    why: 'the folder was read after the file was taken away',
    damage: both(
      tried(() => ({})),
      withStray,
    ),
  },
]

/** Worlds that the judge must refuse, each made from the sample or from a run by one damage. */
export const mutants: readonly Mutant[] = [...defects, ...gaps].map((mutant) => ({ ...mutant, context }))
