import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsRepeat } from '../../../src/checks/migrations-repeat/index.ts'
import { judge } from '../../../src/checks/migrations-repeat/judge.ts'
import {
  failure,
  repeated,
  sample,
  withLastStop,
  withStart,
  withTree,
} from '../../../src/checks/migrations-repeat/sample.ts'
import { cannotProve } from '../../../src/gate/finding.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement } from '../../../src/gate/verdict.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import { plainError, type Repeat, repeat } from '../../../src/observers/repeat/kind.ts'

beforeAll(async () => {
  await migrationsRepeat.prepare?.()
})

const judged = (observations: Observations, profile: 'online' | 'additive' = 'additive'): Judgement =>
  judge(observations, {
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    settings: { ...DEFAULT_POLICY.settings, profile },
  })
const trials = (change: (seen: Repeat) => Partial<Repeat>): Observations => sample.with(repeated(sample, change))

const CASES = 'migrations/002_cases.sql'
const AGAIN = 'started again, the tool finds all of it in its ledger'
const UNCHANGED = 'applied a second time, the pending migrations change nothing in the schema'
const stopped = (places: string, same: number, others = ''): string =>
  `${places} at which a pending migration can stop half-way: from ${same} it can be begun again and ends with the same schema${others}`
const STOPPED = stopped('2 places', 2)
const made = {
  file: CASES,
  version: '002',
  line: 1,
  column: 1,
  endLine: 1,
  text: 'CREATE TABLE cases',
  object: 'table cases',
}

describe('trials that do not fit', () => {
  const incomplete = {
    findings: [
      cannotProve({
        code: 'unproven/repeat-incomplete',
        message: 'the trial of starting again does not fit the pending migrations',
        subject: 'repeat',
        hint: 'Run again. If it stays, please report it with the evidence folder (--evidence DIR).',
      }),
    ],
    proved: [],
  }
  const error = plainError('42P01', 'no ledger')
  const changed = ['table public.cases']

  it.each<[string, Observations]>([
    ['another profile was tried', trials(() => ({ profile: 'online' }))],
    ['nobody started it a second time', trials(() => ({ secondStart: null }))],
    ['a stop is missing', trials(({ stops }) => ({ stops: stops.slice(1) }))],
    ['the stops stand in another order', trials(({ stops }) => ({ stops: stops.toReversed() }))],
    ['a stop of another file', withLastStop(sample, { file: CASES })],
    ['a stop at another statement', withLastStop(sample, { index: 3 })],
    ['a stop of another sort', withLastStop(sample, { kind: 'after' })],
    ['it is not known what is pending', sample.without(pending)],
    ['something pending is not in the folder', withTree(sample, { migrations: [] })],
    ['what was applied again is not in the folder', withStart(sample, { ledger: 'missing', again: ['other.sql'] })],
    [
      'one of two that were applied again is not',
      withStart(sample, { ledger: 'missing', again: [CASES, 'other.sql'] }),
    ],
    ['what is made again is not in the folder', withStart(sample, { madeAgain: [{ ...made, file: 'other.sql' }] })],
    ['nothing was applied again, and it failed', withStart(sample, { failure: failure() })],
    ['nothing was applied again, and something changed', withStart(sample, { changed })],
    ['the ledger is not known, and nothing was applied again', withStart(sample, { ledger: 'unknown' })],
    ['the ledger is gone, and nothing was applied again', withStart(sample, { ledger: 'missing' })],
    ['the ledger could not be read, for no reason', withStart(sample, { ledger: 'unreadable' })],
    ['the ledger was read, with an error', withStart(sample, { error })],
    ['the same, with a failure', withLastStop(sample, { failure: failure() })],
    ['the same, with a change', withLastStop(sample, { changed })],
    ['the same, with an invalid index', withLastStop(sample, { invalid: ['index i'] })],
    ['the same, with a reason why it was not tried', withLastStop(sample, { why: 'no time' })],
    ['failed without a failure', withLastStop(sample, { outcome: 'failed' })],
    ['failed, and not tried', withLastStop(sample, { outcome: 'failed', failure: failure(), why: 'no time' })],
    ['different without a difference', withLastStop(sample, { outcome: 'differs' })],
    ['different, and failed', withLastStop(sample, { outcome: 'differs', changed, failure: failure() })],
    ['different, and not tried', withLastStop(sample, { outcome: 'differs', changed, why: 'no time' })],
    ['not tried for no reason', withLastStop(sample, { outcome: 'untried' })],
    ['not tried, and failed', withLastStop(sample, { outcome: 'untried', why: 'no time', failure: failure() })],
  ])('prove nothing: %s', (_, observations) => {
    expect(judged(observations)).toEqual(incomplete)
  })

  it('nor does a second start that the profile did not ask for', () => {
    const online = trials(() => ({ profile: 'online' }))
    expect(judged(online, 'online').proved).toEqual([AGAIN, STOPPED])
    expect(
      judged(
        trials(() => ({ profile: 'online', secondStart: null })),
        'online',
      ).proved,
    ).toEqual([STOPPED])
    expect(judged(sample, 'online')).toEqual(incomplete)
  })
})

describe('what was proved', () => {
  const again = [CASES]
  it.each<[string, Partial<NonNullable<Repeat['secondStart']>>, string[]]>([
    ['all of it is in the ledger', {}, [AGAIN]],
    ['a part is not in the ledger', { again }, []],
    ['no ledger is known, and nothing changes', { ledger: 'unknown', again }, [UNCHANGED]],
    ['no ledger is known, and it fails', { ledger: 'unknown', again, failure: failure() }, []],
    ['no ledger is known, and it changes something', { ledger: 'unknown', again, changed: ['table x'] }, []],
    ['the ledger is gone', { ledger: 'missing', again }, []],
    ['the ledger cannot be read', { ledger: 'unreadable', error: plainError('42P01', 'no') }, []],
    ['something is made once more', { madeAgain: [made] }, [AGAIN]],
  ])('of the second start: %s', (_, start, claims) => {
    expect(judged(withStart(sample, start)).proved).toEqual([...claims, STOPPED])
  })

  it('of the stops: each outcome by its number', () => {
    const of = (change: Parameters<typeof withLastStop>[1]): string | undefined =>
      judged(withLastStop(sample, change)).proved.at(-1)
    expect(of({ outcome: 'failed', failure: failure() })).toBe(stopped('2 places', 1, ' (1 failed)'))
    expect(of({ outcome: 'differs', changed: ['table x'] })).toBe(stopped('2 places', 1, ' (1 differs)'))
    expect(of({ outcome: 'untried', why: 'no time' })).toBe(stopped('2 places', 1, ' (1 untried)'))
    const both = trials(({ stops }) => ({
      stops: stops.map((one, at) =>
        at === 0 ? { ...one, outcome: 'failed', failure: failure() } : { ...one, outcome: 'untried', why: 'no time' },
      ),
    }))
    expect(judged(both).proved.at(-1)).toBe(stopped('2 places', 0, ' (1 failed, 1 untried)'))
  })

  it('of one stop, and of none', () => {
    const { migrations } = sample.need(migrationTree)
    const text = (sql: string): Observations =>
      withTree(sample, {
        migrations: migrations.map((one) => (one.version === '003' ? { ...one, up: { ...one.up, text: sql } } : one)),
      })
    const none = text('SELECT 1')
    const quiet = none.with(repeated(none, () => ({ stops: [] })))
    expect(judged(quiet)).toEqual({ findings: [], proved: [AGAIN, 'no pending migration can stop half-way'] })
    const single = text('CREATE INDEX CONCURRENTLY cases_day ON cases (id)')
    const one = single.with(repeated(single, ({ stops }) => ({ stops: [{ ...stops[1]!, index: 1 }] })))
    expect(judged(one).proved).toEqual([AGAIN, stopped('1 place', 1)])
  })
})

it('tells the second start before the stops', () => {
  const bad = withLastStop(withStart(sample, { ledger: 'missing', again: [CASES] }), {
    outcome: 'failed',
    failure: failure(),
  })
  expect(judged(bad).findings.map((one) => one.code)).toEqual(['repeat/second-start', 'repeat/not-from-the-middle'])
  const asObserved = bad.with(observed(repeat, 'postgres 18.4', bad.need(repeat)))
  expect(judged(asObserved)).toEqual(judged(bad))
})
