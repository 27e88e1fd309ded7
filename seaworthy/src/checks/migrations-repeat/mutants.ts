import type { JudgeContext, Mutant } from '../../gate/check.ts'
import { type Observations, notObserved, observed } from '../../gate/observation.ts'
import { DEFAULT_POLICY } from '../../gate/policy.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { plainError, type Repeat, repeat, type StopTrial } from '../../observers/repeat/kind.ts'
import { failure, repeated, withLastStop, withStart, withTree } from './sample.ts'

/** A project whose tool may be started again at any time. */
const context: Partial<JudgeContext> = { settings: { ...DEFAULT_POLICY.settings, profile: 'additive' } }

const last =
  (change: Partial<StopTrial>) =>
  (observations: Observations): Observations =>
    withLastStop(observations, change)

const start =
  (change: Partial<NonNullable<Repeat['secondStart']>>) =>
  (observations: Observations): Observations =>
    withStart(observations, change)

const replaced =
  (replace: (seen: Repeat) => Partial<Repeat>) =>
  (observations: Observations): Observations =>
    observations.with(repeated(observations, replace))

const AGAIN = ['migrations/002_cases.sql']

/** What a stop half-way leads to; a note with the profile `online`. */
export const stops: readonly Mutant[] = [
  {
    name: 'a migration does not apply again from the middle',
    why: 'a restart during a deploy: from then on the service does not come up',
    damage: last({ outcome: 'failed', failure: failure() }),
  },
  {
    name: 'a migration that is begun again inserts its rows twice',
    why: 'INSERT without ON CONFLICT before a statement that failed',
    damage: last({ outcome: 'differs', changed: ['rows of table public.cases'] }),
  },
  {
    name: 'an index is left invalid, and IF NOT EXISTS takes it for finished',
    why: 'a unique index that kept nothing out for months',
    damage: last({
      outcome: 'differs',
      changed: ['index public.cases_day'],
      invalid: ['index public.cases_day'],
    }),
  },
  {
    name: 'a stop was not tried',
    why: 'a block that commits on its way',
    damage: last({ outcome: 'untried', why: 'it may commit within the statement' }),
  },
]

/** What a second start finds. */
const starts: readonly Mutant[] = [
  {
    name: 'a second start applies a migration again, and that fails',
    why: 'a migration emptied the ledger of its own tool',
    damage: start({ again: AGAIN, failure: failure() }),
  },
  {
    name: 'a second start changes something',
    why: 'every restart of the service adds the same rows',
    damage: start({ again: AGAIN, changed: ['rows of table public.cases'] }),
  },
  {
    name: 'a second start applies again, and nothing is seen of it',
    why: 'without rows an UPDATE shows nothing',
    damage: start({ again: AGAIN }),
  },
  {
    name: 'the ledger is gone',
    why: 'DROP SCHEMA … CASCADE took it along',
    damage: start({ ledger: 'missing', again: AGAIN, failure: failure() }),
  },
  {
    name: 'the ledger cannot be read any more',
    why: 'its table went to another owner',
    damage: start({
      ledger: 'unreadable',
      error: plainError('42501', 'permission denied for table schema_migrations'),
    }),
  },
  {
    name: 'no ledger is known, and applying again fails',
    why: 'nobody knows what the runner would do',
    damage: start({ ledger: 'unknown', again: AGAIN, failure: failure() }),
  },
  {
    name: 'a block makes a table that is there already',
    why: 'the words IF NOT EXISTS are asked for where a reader sees them, and nowhere else',
    damage: start({
      madeAgain: [
        {
          file: 'migrations/002_cases.sql',
          version: '002',
          line: 1,
          column: 1,
          endLine: 1,
          text: "DO $$BEGIN EXECUTE 'CREATE TABLE cases ()'; END$$",
          object: 'table public.cases',
        },
      ],
    }),
  },
]

/** Evidence that proves nothing. */
const gaps: readonly Mutant[] = [
  {
    name: 'nobody started it again',
    why: 'the scratch server did not start',
    damage: (observations) => observations.with(notObserved(repeat, 'none', 'PostgreSQL did not start')),
  },
  {
    name: 'what is pending was not found out',
    why: 'a shallow clone has no merge base',
    damage: (observations) => observations.with(notObserved(pending, 'git', 'no merge base')),
  },
  {
    name: 'the folder was not read',
    why: 'nobody can tell where a migration can stop',
    damage: (observations) => observations.without(migrationTree),
  },
  {
    name: 'the second start is missing',
    why: 'it was observed for another profile',
    damage: replaced(() => ({ secondStart: null })),
  },
  {
    name: 'the observation is for another profile',
    why: 'the profile was changed after it',
    damage: replaced(() => ({ profile: 'online' })),
  },
  {
    name: 'a stop is missing',
    why: 'the trial ended early and nobody said so',
    damage: replaced((seen) => ({ stops: seen.stops.slice(0, -1) })),
  },
  {
    name: 'a stop counts twice',
    why: 'one proof stands for two places',
    damage: replaced((seen) => ({ stops: seen.stops.map((one) => seen.stops[0] ?? one) })),
  },
  {
    name: 'the file has a statement more than was tried',
    why: 'it was edited after the trial',
    damage: (observations) =>
      withTree(observations, {
        migrations: observations
          .need(migrationTree)
          .migrations.map((one) => ({ ...one, up: { ...one.up, text: `${one.up.text};\nSELECT 1` } })),
      }),
  },
  {
    name: 'a start that failed counts as the same',
    why: 'the two contradict each other',
    damage: last({ failure: failure() }),
  },
  {
    name: 'a failed start without a reason',
    why: 'no server has answered',
    damage: last({ outcome: 'failed' }),
  },
  {
    name: 'a difference in nothing',
    why: 'what differed was lost',
    damage: last({ outcome: 'differs' }),
  },
  {
    name: 'nothing was applied again, and it changed something',
    why: 'the two contradict each other',
    damage: start({ changed: ['table public.cases'] }),
  },
  {
    name: 'no ledger is known, and nothing was applied again',
    why: 'without a ledger the tool applies all of it',
    damage: start({ ledger: 'unknown' }),
  },
  {
    name: 'something was applied again that the folder does not have',
    why: 'the observation is of another folder',
    damage: start({ again: ['migrations/009_other.sql'] }),
  },
  {
    name: 'something is pending that the folder does not have',
    why: 'the folder was read after the file was taken away',
    damage: (observations) =>
      observations.with(
        observed(pending, 'git', {
          ...observations.need(pending),
          files: [...observations.need(pending).files, 'migrations/004_gone.sql'],
        }),
      ),
  },
]

/** Worlds that the judge must refuse, each made from the sample by one damage. */
export const mutants: readonly Mutant[] = [...stops, ...starts, ...gaps].map((mutant) => ({ ...mutant, context }))
