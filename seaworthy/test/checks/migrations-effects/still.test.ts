import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsEffects } from '../../../src/checks/migrations-effects/index.ts'
import { affected, sample } from '../../../src/checks/migrations-effects/sample.ts'
import { type CheckResult, runCheck } from '../../../src/gate/check.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { type Effects, effects } from '../../../src/observers/effects/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'

beforeAll(async () => migrationsEffects.prepare?.())

const judge = (observations: Observations): CheckResult =>
  runCheck(migrationsEffects, observations, {
    evaluatedAt: '2026-11-21T00:00:00Z',
    settings: DEFAULT_POLICY.settings,
  })

const still: Partial<Effects> = {
  steps: [],
  difference: { added: [], removed: [], changed: [] },
  rows: [],
  sequences: [],
  refusals: [],
  interference: [],
  traceUnproven: null,
  failure: null,
}

/** The sample as it would be if nothing were pending, but for this. */
const nothingPending = (but: Partial<Effects> = {}): Observations =>
  sample.with(
    observed(pending, 'test', { ...sample.need(pending), files: [] }),
    affected(sample, ({ probes: _tried, unprobed: _untried, partly: _partly, ...seen }) => ({
      ...seen,
      probes: [],
      unprobed: [],
      partly: [],
      ...still,
      ...but,
    })),
  )

describe('what is read when nothing is pending', () => {
  it('is not the catalogue, where nothing is another one than before', () => {
    const observations = nothingPending()
    const { before, ...rest } = observations.need(effects)
    const unread = before.map(({ object }) => ({
      object,
      get definition(): string {
        throw new Error(`${object} was read`)
      },
    }))
    const result = judge(observations.with(observed(effects, 'test', { ...rest, before: unread })))
    expect(result).toMatchObject({ verdict: 'pass', findings: [], settled: [], allows: [], obligations: [] })
    expect(result.proved).toEqual([`nothing is pending: nothing changes on PostgreSQL ${rest.server.version}`])
  })

  const { before } = sample.need(effects)
  const [first] = before
  if (first === undefined) throw new Error('the sample has a catalogue')
  const error = { sqlstate: null, message: 'no', detail: null, hint: null, offset: null, schema: null }
  const said = { ...error, table: null, column: null, constraint: null }
  it.each<[string, Partial<Effects>, string[]]>([
    ['something is gone', { difference: { added: [], removed: [first], changed: [] } }, ['fail']],
    ['an object is listed twice', { before: [...before, { ...first, definition: 'of nothing' }] }, ['fail']],
    ['nobody could trace', { traceUnproven: 'no instruments' }, ['unproven/trace']],
    ['two runs differ', { interference: ['one more row'] }, ['unproven/interference']],
    ['a role is refused', { refusals: [{ role: 'app', error: said }] }, ['compat/cannot-connect']],
    ['nothing was tried', { unprobed: [{ object: 'table public.a', reason: 'x' }] }, ['compat/writes-not-tried']],
    ['a sequence moved', { sequences: [moved] }, ['compat/restart-sequence']],
  ])('is all of it where %s', (_name, but, told) => {
    const { findings, verdict } = judge(nothingPending(but))
    const said = [...findings.map((one) => one.code), verdict]
    expect(said).toEqual(expect.arrayContaining(told))
    expect(findings).not.toEqual([])
  })
})

const moved: Effects['sequences'][number] = {
  object: 'sequence public.a',
  before: { last: '9', isCalled: true },
  after: { last: '1', isCalled: false },
  increment: '1',
  end: '100',
  isCycling: false,
  columns: [],
}
