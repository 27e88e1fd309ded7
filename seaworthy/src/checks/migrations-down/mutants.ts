import type { JudgeContext, Mutant } from '../../gate/check.ts'
import { type Observations, notObserved, observed } from '../../gate/observation.ts'
import { DEFAULT_POLICY } from '../../gate/policy.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { type DownTrial, plainError, rehearsalDown } from '../../observers/rehearsal-down/kind.ts'
import { lastTried, tried } from './sample.ts'

/** A project that relies on its downs. */
const context: Partial<JudgeContext> = { settings: { ...DEFAULT_POLICY.settings, requireDowns: true } }

/** A failure of the sample's last migration. */
export const failure = (
  change: Partial<NonNullable<DownTrial['failure']>> = {},
): NonNullable<DownTrial['failure']> => ({
  file: 'migrations/003_hearings.down.sql',
  version: '003',
  error: plainError('42P01', 'table "hearing" does not exist'),
  statement: { index: 1, line: 2, column: 1, text: 'DROP TABLE hearing' },
  owner: null,
  leavesHalf: false,
  missingExtension: null,
  isInfrastructure: false,
  ...change,
})

const last =
  (change: Partial<DownTrial>) =>
  (observations: Observations): Observations =>
    observations.with(lastTried(observations, change))

const column = (definition: string): { object: string; definition: string } => ({
  object: 'column public.cases.title',
  definition: `of table public.cases\n${definition}`,
})

/** Damages that only a policy with `requireDowns` refuses; without it they warn. */
export const defects: readonly Mutant[] = [
  {
    name: 'a down fails',
    why: '7 of 116 downs of a real project fail',
    damage: last({ outcome: 'down-failed', failure: failure() }),
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
    damage: last({ outcome: 'up-again-failed', failure: failure({ file: 'migrations/003_hearings.up.sql' }) }),
  },
  {
    name: 'an up fails, so its down was not tried',
    why: 'nobody knows whether there is a way back',
    damage: last({ outcome: 'up-failed', failure: failure({ file: 'migrations/003_hearings.up.sql' }) }),
  },
  { name: 'a down was not reached', why: 'nobody looked', damage: last({ outcome: 'not-reached' }) },
  {
    name: 'a time limit cut a down short',
    why: 'a limit of ours says nothing about the down',
    damage: last({ outcome: 'down-failed', failure: failure({ isInfrastructure: true }) }),
  },
  {
    name: 'a pending migration has no down file',
    why: '29 of 116 downs of a real project are missing',
    damage: (observations) =>
      last({ downFile: null, outcome: 'no-down-file' })(
        observations.with(
          observed(migrationTree, 'folder migrations', {
            ...observations.need(migrationTree),
            migrations: observations
              .need(migrationTree)
              .migrations.map((one) => (one.version === '003' ? { ...one, down: null } : one)),
          }),
        ),
      ),
  },
]

/** Damages that are refused whatever the policy says: nobody looked, or the evidence does not hold together. */
export const gaps: readonly Mutant[] = [
  {
    name: 'the downs were never tried',
    why: 'nobody looked',
    damage: (observations) => observations.without(rehearsalDown),
  },
  {
    name: 'no server could be had',
    why: '"no database" is never a pass',
    damage: (observations) => observations.with(notObserved(rehearsalDown, 'none', 'PostgreSQL did not start')),
  },
  {
    name: 'what is pending was not found out',
    why: 'a shallow clone has no merge base',
    damage: (observations) => observations.with(notObserved(pending, 'git', 'no merge base')),
  },
  {
    name: 'an empty list of trials',
    why: 'a loop over nothing finds nothing wrong',
    damage: (observations) => observations.with(tried(observations, () => ({ trials: [] }))),
  },
  {
    name: 'one trial is missing',
    why: 'the trial stopped half-way and nobody said so',
    damage: (observations) => observations.with(tried(observations, ({ trials }) => ({ trials: trials.slice(1) }))),
  },
  {
    name: 'the last trial is missing',
    why: 'the trial stopped half-way and nobody said so',
    damage: (observations) => observations.with(tried(observations, ({ trials }) => ({ trials: trials.slice(0, -1) }))),
  },
  {
    name: 'a trial was of another version',
    why: 'a file was renumbered after it had been tried',
    damage: last({ version: '030' }),
  },
  {
    name: 'a down failed, and was compared all the same',
    why: 'there is no state after a failed down to compare',
    damage: last({
      outcome: 'down-failed',
      failure: failure(),
      leftOver: [{ object: 'table public.cases', definition: '' }],
    }),
  },
  {
    name: 'one trial counts twice',
    why: 'one proof stands for two migrations',
    damage: (observations) =>
      observations.with(tried(observations, ({ trials }) => ({ trials: trials.map((one) => trials[0] ?? one) }))),
  },
  {
    name: 'only the pending ones were tried, and it is said to be all',
    why: '--down all answers for the whole history',
    damage: (observations) => observations.with(tried(observations, () => ({ extent: 'all' }))),
  },
  {
    name: 'a trial was of another down file',
    why: 'the file that was tried is not the one that ships',
    damage: last({ downFile: 'migrations/003_other.down.sql' }),
  },
  {
    name: 'a trial says that there is no down file, and there is one',
    why: 'the reader lost the file on the way',
    damage: last({ outcome: 'no-down-file' }),
  },
  { name: 'a down both worked and failed', why: 'one of the two is wrong', damage: last({ failure: failure() }) },
  { name: 'a down failed without any reason', why: 'no server has answered', damage: last({ outcome: 'down-failed' }) },
  {
    name: 'something is pending that the folder does not have',
    why: 'the folder was read after the file was taken away',
    damage: (observations) =>
      observations.with(
        observed(pending, 'git', {
          ...observations.need(pending),
          files: [...observations.need(pending).files, 'migrations/004_gone.up.sql'],
        }),
      ),
  },
]

/** Worlds that the judge must refuse, each made from the sample by one damage. */
export const mutants: readonly Mutant[] = [...defects, ...gaps].map((mutant) => ({ ...mutant, context }))
