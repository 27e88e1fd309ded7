import type { JudgeContext, Mutant } from '../../gate/check.ts'
import { isNotHere, type NotHere, notHere } from '../../gate/drill/drill.ts'
import { DEFAULT_POLICY } from '../../gate/policy.ts'
import { type Migration, migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import {
  type Failure,
  plainError,
  type Repeat,
  repeat,
  type SecondStart,
  type StopTrial,
} from '../../observers/repeat/kind.ts'
import { changes, type Damage, fails, lacks, pendingIn, withStray, withText } from '../damage.ts'
import { pointsOf } from './points.ts'

/** A project whose tool may be started again at any time. */
const context: Partial<JudgeContext> = { settings: { ...DEFAULT_POLICY.settings, profile: 'additive' } }

const failureOf = (file: string, version: string): Failure => ({
  file,
  version,
  error: plainError('42P07', 'relation "cases_day" already exists'),
  statement: { index: 2, line: 2, column: 1, text: 'CREATE INDEX CONCURRENTLY cases_day ON cases (id)' },
  owner: null,
  leavesHalf: false,
  missingExtension: null,
  isInfrastructure: false,
})

const replaced = (replace: (seen: Repeat) => Partial<Repeat> | NotHere): Damage => changes(repeat, replace)

/** Something else about the last place at which a migration can stop half-way. */
const stopped = (change: (stop: StopTrial) => Partial<StopTrial>): Damage =>
  replaced(({ stops }) => {
    const found = stops.findLast((one) => one.outcome === 'same')
    if (found === undefined) return notHere('no pending migration can stop half-way')
    return { stops: stops.map((one) => (one === found ? { ...one, ...change(one) } : one)) }
  })

/** The same in a profile that refuses what comes of it. */
const refusedStop =
  (change: (stop: StopTrial) => Partial<StopTrial>): Damage =>
  (set) =>
    set.maybe(repeat)?.profile === 'online'
      ? notHere('the profile is online, in which the tool is not promised to be started again')
      : stopped(change)(set)

/** Something else about the second start. */
const start =
  (change: (first: Migration, seen: SecondStart) => Partial<SecondStart> | NotHere): Damage =>
  (set) => {
    const migrations = pendingIn(set)
    if (isNotHere(migrations)) return migrations
    return replaced(({ secondStart }) => {
      if (secondStart === null) return notHere('the tool was not started again, since the profile is online')
      const more = change(migrations[0], secondStart)
      return isNotHere(more) ? more : { secondStart: { ...secondStart, ...more } }
    })(set)
  }

const withOneMore = (text: string): string => `${text};\nSELECT 1`

const again = ({ up }: Migration): { again: readonly string[] } => ({ again: [up.file] })
const failed = ({ up, version }: Migration): Pick<SecondStart, 'again' | 'failure'> => ({
  again: [up.file],
  failure: failureOf(up.file, version),
})

/** What a stop half-way leads to; a note with the profile `online`. */
export const stops: readonly Mutant[] = [
  {
    name: 'a migration does not apply again from the middle',
    why: 'a restart during a deploy: from then on the service does not come up',
    damage: refusedStop(({ file, version }) => ({ outcome: 'failed', failure: failureOf(file, version) })),
  },
  {
    name: 'a migration that is begun again inserts its rows twice',
    why: 'INSERT without ON CONFLICT before a statement that failed',
    damage: refusedStop(() => ({ outcome: 'differs', changed: ['rows of table public.cases'] })),
  },
  {
    name: 'an index is left invalid, and IF NOT EXISTS takes it for finished',
    why: 'a unique index that kept nothing out for months',
    damage: refusedStop(() => ({
      outcome: 'differs',
      changed: ['index public.cases_day'],
      invalid: ['index public.cases_day'],
    })),
  },
  {
    name: 'a stop was not tried',
    why: 'a block that commits on its way',
    damage: refusedStop(() => ({ outcome: 'untried', why: 'it may commit within the statement' })),
  },
]

/** What a second start finds. */
const starts: readonly Mutant[] = [
  {
    name: 'a second start applies a migration again, and that fails',
    why: 'a migration emptied the ledger of its own tool',
    damage: start((first, { ledger }) => ({ ...failed(first), ledger: ledger === 'unknown' ? 'known' : ledger })),
  },
  {
    name: 'a second start changes something',
    why: 'every restart of the service adds the same rows',
    damage: start((first) => ({ ...again(first), changed: ['rows of table public.cases'] })),
  },
  {
    name: 'a second start applies again, and nothing is seen of it',
    why: 'without rows an UPDATE shows nothing',
    damage: start((first, { ledger }) =>
      ledger === 'unknown' ? notHere('no ledger is known, so that all of it is applied again') : again(first),
    ),
  },
  {
    name: 'the ledger is gone',
    why: 'DROP SCHEMA … CASCADE took it along',
    damage: start((first) => ({ ...failed(first), ledger: 'missing' })),
  },
  {
    name: 'the ledger cannot be read any more',
    why: 'its table went to another owner',
    damage: start(() => ({
      ledger: 'unreadable',
      error: plainError('42501', 'permission denied for table schema_migrations'),
    })),
  },
  {
    name: 'no ledger is known, and applying again fails',
    why: 'nobody knows what the runner would do',
    damage: start((first) => ({ ...failed(first), ledger: 'unknown' })),
  },
  {
    name: 'a block makes a table that is there already',
    why: 'the words IF NOT EXISTS are asked for where a reader sees them, and nowhere else',
    damage: start(({ up, version }) => ({
      madeAgain: [
        {
          file: up.file,
          version,
          line: 1,
          column: 1,
          endLine: 1,
          text: "DO $$BEGIN EXECUTE 'CREATE TABLE cases ()'; END$$",
          object: 'table public.cases',
        },
      ],
    })),
  },
]

/** Evidence that proves nothing. */
const gaps: readonly Mutant[] = [
  {
    name: 'nobody started it again',
    why: 'the scratch server did not start',
    damage: fails(repeat, 'PostgreSQL did not start'),
  },
  {
    name: 'what is pending was not found out',
    why: 'a shallow clone has no merge base',
    damage: fails(pending, 'no merge base'),
  },
  {
    name: 'the folder was not read',
    why: 'nobody can tell where a migration can stop',
    damage: lacks(migrationTree),
  },
  {
    name: 'the second start is missing',
    why: 'it was observed for another profile',
    damage: replaced(({ secondStart }) =>
      secondStart === null
        ? notHere('the tool was not started again, since the profile is online')
        : { secondStart: null },
    ),
  },
  {
    name: 'the observation is for another profile',
    why: 'the profile was changed after it',
    damage: replaced(({ profile, secondStart, stops }) =>
      secondStart === null && stops.length === 0
        ? notHere('no pending migration can stop half-way')
        : { profile: profile === 'online' ? 'additive' : 'online' },
    ),
  },
  {
    name: 'a stop is missing',
    why: 'the trial ended early and nobody said so',
    damage: replaced(({ stops }) =>
      stops.length === 0 ? notHere('no pending migration can stop half-way') : { stops: stops.slice(0, -1) },
    ),
  },
  {
    name: 'a stop counts twice',
    why: 'one proof stands for two places',
    damage: replaced(({ stops }) =>
      stops.length < 2
        ? notHere('there are no two places at which a pending migration can stop half-way')
        : { stops: stops.map((one) => stops[0] ?? one) },
    ),
  },
  {
    name: 'the file has a statement more than was tried',
    why: 'it was edited after the trial',
    damage: (set) => {
      const migrations = pendingIn(set)
      const tree = set.maybe(migrationTree)
      if (isNotHere(migrations) || tree === undefined) return notHere('nothing is pending')
      const countIn = (one: Migration): number => pointsOf(one, tree).length
      const longer = migrations.find(
        (one) => countIn({ ...one, up: { ...one.up, text: withOneMore(one.up.text) } }) !== countIn(one),
      )
      return longer === undefined
        ? notHere('the tool sends a file as a whole, so that one statement more is no place to stop at')
        : withText(longer.up.file, withOneMore)(set)
    },
  },
  {
    name: 'a start that failed counts as the same',
    why: 'the two contradict each other',
    damage: stopped(({ file, version }) => ({ failure: failureOf(file, version) })),
  },
  {
    name: 'a failed start without a reason',
    why: 'no server has answered',
    damage: stopped(() => ({ outcome: 'failed' })),
  },
  {
    name: 'a difference in nothing',
    why: 'what differed was lost',
    damage: stopped(() => ({ outcome: 'differs' })),
  },
  {
    name: 'nothing was applied again, and it changed something',
    why: 'the two contradict each other',
    damage: start(() => ({ again: [], changed: ['table public.cases'] })),
  },
  {
    name: 'no ledger is known, and nothing was applied again',
    why: 'without a ledger the tool applies all of it',
    damage: start(() => ({ ledger: 'unknown', again: [] })),
  },
  {
    name: 'something was applied again that the folder does not have',
    why: 'the observation is of another folder',
    damage: start(() => ({ again: ['seaworthy-drill/other.sql'] })),
  },
  {
    name: 'something is pending that the folder does not have',
    why: 'the folder was read after the file was taken away',
    damage: withStray,
  },
]

/** Worlds that the judge must refuse, each made from the sample or from a run by one damage. */
export const mutants: readonly Mutant[] = [...stops, ...starts, ...gaps].map((mutant) => ({ ...mutant, context }))
