import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsEffects } from '../../../src/checks/migrations-effects/index.ts'
import { error, type Harm, remark, warning } from '../../../src/checks/migrations-effects/harm.ts'
import { judge, onceEach, standing } from '../../../src/checks/migrations-effects/judge.ts'
import { affected, NEXT_FILE, sample } from '../../../src/checks/migrations-effects/sample.ts'
import type { CheckSettings } from '../../../src/gate/check.ts'
import { cannotProve, type Finding, note, refuse, warn } from '../../../src/gate/finding.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement, Settled } from '../../../src/gate/verdict.ts'
import { type Effects, effects, type TraceEvent } from '../../../src/observers/effects/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'

beforeAll(async () => migrationsEffects.prepare?.())

const judged = (observations: Observations, settings: Partial<CheckSettings> = {}): Judgement =>
  judge(observations, {
    evaluatedAt: '2026-11-21T00:00:00Z',
    settings: { ...DEFAULT_POLICY.settings, ...settings },
  })
const changed = (change: (seen: Effects) => Partial<Effects>, of = sample): Observations =>
  of.with(affected(of, change))
/** The sample's statements, those at an index with these events besides. */
const doing = (more: Readonly<Record<number, readonly TraceEvent[]>>): Observations =>
  changed(({ steps }) => ({
    steps: steps.map((step) => ({
      ...step,
      statements: step.statements.map((one, at) => ({ ...one, events: [...one.events, ...(more[at] ?? [])] })),
    })),
  }))
const rewritten = (table: string): TraceEvent => ({
  kind: 'rewritten',
  object: `table public.${table}`,
  reason: '4',
  via: null,
})
const written = (operation: 'delete' | 'update', rows: number): TraceEvent => ({
  kind: 'write',
  operation,
  object: 'table public.courts',
  rows,
  isUpsert: false,
  via: null,
})
const lost = (count: number, table = 'courts'): Effects['rows'][number] => ({
  object: `table public.${table}`,
  rowsBefore: 4,
  lost: count,
  lostExample: 'id=1',
  columns: [],
})
const NOTHING = { added: [], removed: [], changed: [] }
const idle = sample
  .with(observed(pending, 'git', { ...sample.need(pending), files: [] }))
  .with(affected(sample, () => ({ steps: [], difference: NOTHING })))

const claim = (statements: string, changes: string, harms: string, tables: string, aside = ''): string =>
  `1 pending migration traced on PostgreSQL 18.4 (${statements}): ${changes} of the catalogue judged, ${harms} among them; ${tables} written anew${aside}`
const ROWS = '2 tables with 12 rows: none lost'
const CITY = {
  code: 'lock/add-column-rewrite',
  where: { file: NEXT_FILE, line: 2, column: 1 },
  endLine: 2,
  subject: 'column public.courts.city',
  why: 'the server changed it without writing the table anew',
}

describe('what is proved', () => {
  it('of the sample', () => {
    expect(judged(sample)).toEqual({
      findings: [],
      proved: [claim('3 statements', '5 changes', '0 harms', '0 tables'), ROWS],
      settled: [CITY],
    })
  })

  it('of nothing', () => {
    expect(judged(idle)).toEqual({
      findings: [],
      proved: ['nothing is pending: nothing changes on PostgreSQL 18.4'],
      settled: [],
    })
  })

  it('of nothing, although the catalogue was read', () => {
    const twice = changed(({ before }) => ({ before: [...before, ...before.slice(0, 1)] }), idle)
    expect(judged(twice).proved).toEqual(['nothing is pending: nothing changes on PostgreSQL 18.4'])
    const unread = changed(
      ({ before }) => ({
        before: before.map(({ object }) => ({
          object,
          get definition(): string {
            throw new Error(`${object} was read`)
          },
        })),
      }),
      idle,
    )
    expect(judged(unread).findings).toEqual([])
  })

  it('of several files in one step', () => {
    const two = changed(({ steps }) => ({ steps: steps.map((step) => ({ ...step, files: [...step.files, 'b.sql'] })) }))
    expect(judged(two).proved[0]).toMatch(/^2 pending migrations traced /)
  })

  it('of one thing each', () => {
    const one = changed(({ steps, seeding, difference }) => ({
      steps: steps.map((step) => ({ ...step, statements: step.statements.slice(1, 2) })),
      difference: { ...difference, added: difference.added.slice(0, 1) },
      seeding: { ...seeding, tables: [{ object: 'table public.courts', rows: 1, synthetic: 1 }] },
      rows: [lost(1)],
    }))
    expect(judged(one).proved).toEqual([
      claim('1 statement', '1 change', '1 harm', '0 tables'),
      '1 table with 1 row: 1 lost',
    ])
  })

  it('of what is gone, changed and lost, each counted', () => {
    const all = changed(({ difference, before }) => {
      const named = (object: string) => before.find((entry) => entry.object === object)!
      const seats = named('column public.courts.seats')
      return {
        difference: {
          ...difference,
          removed: [named('table public.judged'), named('column public.judged.id')],
          changed: [
            { before: seats, after: { ...seats, definition: seats.definition.replace('default 1', 'default 2') } },
          ],
        },
        rows: [lost(2), lost(1, 'cases')],
      }
    })
    const { proved, findings } = judged(all)
    const refused = findings.filter((one) => one.outcome === 'fail')
    expect(refused.length).toBeGreaterThan(2)
    expect(proved).toEqual([
      claim('3 statements', '8 changes', `${refused.length} harms`, '0 tables'),
      '2 tables with 12 rows: 3 lost',
    ])
  })

  it('of tables that were written anew, each once; a lock is no harm among the changes', () => {
    const anew = doing({ 1: [rewritten('courts'), rewritten('courts')] })
    expect(judged(anew)).toMatchObject({
      findings: [{ code: 'lock/add-column-rewrite', outcome: 'fail' }],
      proved: [claim('3 statements', '5 changes', '0 harms', '1 table'), ROWS],
    })
    expect(judged(doing({ 1: [rewritten('courts'), rewritten('cases')] })).proved[0]).toContain(
      '; 2 tables written anew',
    )
  })

  it('of the profile additive: locks are not judged', () => {
    expect(judged(sample, { profile: 'additive' }).proved[0]).toBe(
      claim('3 statements', '5 changes', '0 harms', '0 tables', '; locks are not judged in the profile additive'),
    )
  })

  it('nothing, where something was not seen', () => {
    expect(judged(changed(() => ({ steps: [] })))).toMatchObject({
      findings: [{ code: 'unproven/not-all-applied', where: null }],
      proved: [],
    })
    // Nothing happened, and something was to happen.
    expect(judged(changed(() => ({ steps: [], difference: NOTHING }))).proved).toEqual([])
    expect(judged(changed(() => ({ traceUnproven: 'no rights', rows: [lost(1)] }))).proved).toEqual([])
  })
})

describe('where a harm is told', () => {
  it('at its statement; else in the first file that is pending; else nowhere', () => {
    const unplaced = changed(({ steps }) => ({
      steps: steps.map((step) => ({ ...step, statements: step.statements.slice(0, 2) })),
      rows: [lost(1, 'cases')],
    }))
    const wheres = (of: Observations): unknown[] =>
      judged(of)
        .findings.filter((one) => one.code === 'data-loss/lost-rows')
        .map((one) => one.where)
    expect(wheres(changed(() => ({ rows: [lost(1)] })))).toEqual([{ file: NEXT_FILE, line: 3, column: 1 }])
    expect(wheres(unplaced)).toEqual([{ file: NEXT_FILE, line: 1, column: 1 }])
    expect(wheres(changed(() => ({ rows: [lost(1)] }), idle))).toEqual([null])
  })

  it('what could not be proved has no place but its own', () => {
    const { findings } = judged(changed(() => ({ traceUnproven: 'no rights' })))
    expect(findings.filter((one) => one.outcome === 'unproven').map((one) => one.where)).toEqual([null])
  })

  it('once, although the statement and the rows both tell of it', () => {
    const both = changed(() => ({ rows: [lost(1)] }), doing({ 2: [written('delete', 1)] }))
    const keys = judged(both).findings.map((one) => JSON.stringify([one.code, one.subject, one.where]))
    expect(keys.length).toBeGreaterThan(0)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('each table for itself', () => {
    const two = changed(() => ({ rows: [lost(1), lost(1, 'cases')] }))
    const subjects = judged(two).findings.map((one) => one.subject)
    expect(subjects).toContain('table public.courts')
    expect(subjects).toContain('table public.cases')
  })
})

describe('what is settled', () => {
  it('is not what is a finding here', () => {
    expect(judged(doing({ 1: [rewritten('courts')] })).settled).toEqual([])
    // Rows that were lost at another place have nothing to do with the column.
    expect(judged(changed(() => ({ rows: [lost(1)] }))).settled).toEqual([CITY])
  })

  it.each([
    ['the same column, in another statement', 'ALTER TABLE courts ADD COLUMN IF NOT EXISTS city text'],
    ['another column', 'ALTER TABLE courts ADD COLUMN town text'],
  ])('beside a finding of %s', (_, text) => {
    const anew = changed(({ steps }) => ({
      steps: steps.map((step) => ({
        ...step,
        statements: [
          ...step.statements,
          { ...step.statements[1]!, index: 4, line: 4, endLine: 4, text, events: [rewritten('courts')] },
        ],
      })),
    }))
    const { findings, settled } = judged(anew)
    expect(findings.map((one) => [one.code, one.where?.line])).toContainEqual(['lock/add-column-rewrite', 4])
    expect(settled).toContainEqual(CITY)
  })
})

describe('of several findings about one harm', () => {
  const [by = null] = sample.need(effects).steps.flatMap((step) => step.statements)
  const [refused] = error('lock/x', 'table a', 'refused')
  const [warned] = warning('lock/x', 'table a', 'warned')
  const [remarked] = remark('lock/x', 'table a', 'noted')
  const open = { ...refused!, message: 'open', isUnproven: true }
  const kept = (...harms: Harm[]): string[] =>
    onceEach(
      harms.map((one) => ({ ...one, by })),
      null,
    ).map((one) => one.message)

  it('the first one that refuses is kept, else the first one', () => {
    const again = { ...refused!, message: 'refused again' }
    expect(kept(warned!, refused!, again)).toEqual(['refused'])
    expect(kept(open, refused!)).toEqual(['refused'])
    expect(kept(refused!, warned!, open)).toEqual(['refused'])
    expect(kept(warned!, remarked!, open)).toEqual(['warned'])
    expect(kept(open, warned!)).toEqual(['open'])
  })

  it('another code, another subject or another place is another harm', () => {
    expect(kept(warned!, { ...warned!, code: 'lock/y' })).toHaveLength(2)
    expect(kept(warned!, { ...warned!, subject: 'table b' })).toHaveLength(2)
    expect(onceEach([{ ...warned!, by }, warned!], 'a.sql').map((one) => one.where)).toEqual([
      { file: by?.file, line: 1, column: 1 },
      { file: 'a.sql', line: 1, column: 1 },
    ])
    expect(onceEach([warned!, open], 'a.sql').map((one) => one.where?.file)).toEqual(['a.sql', undefined])
  })
})

describe('what stands of what is settled', () => {
  const settled: Settled = { ...CITY }
  const said = { code: CITY.code, message: 'm', subject: CITY.subject, where: CITY.where }
  const left = (finding: Finding): number => standing([settled], [finding]).length

  it('is what no refusal and no warning speaks of', () => {
    expect(left(refuse(said))).toBe(0)
    expect(left(warn(said))).toBe(0)
    expect(left(cannotProve(said))).toBe(0)
    expect(left(note(said))).toBe(1)
    expect(left(refuse({ ...said, code: 'lock/y' }))).toBe(1)
    expect(left(refuse({ ...said, subject: 'column public.courts.town' }))).toBe(1)
    expect(left(refuse({ ...said, where: { ...CITY.where, line: 3 } }))).toBe(1)
    expect(left(refuse({ ...said, where: null }))).toBe(1)
    expect(standing([settled], [note(said), refuse(said)])).toEqual([])
    expect(standing([settled], [])).toEqual([settled])
  })
})

it('an object of a new name is one change', () => {
  const renamed = changed(
    ({ before, difference }) => {
      const named = before.find((one) => one.object === 'sequence public.numbers')!
      return {
        difference: {
          ...difference,
          removed: [named],
          added: [...difference.added, { ...named, object: 'sequence public.figures' }],
        },
      }
    },
    doing({ 1: [{ kind: 'altered', object: 'sequence public.figures', command: 'ALTER SEQUENCE', via: null }] }),
  )
  expect(judged(renamed).proved[0]).toContain('6 changes of the catalogue judged')
})

it('a trace that could not be made is told with its reason', () => {
  const { findings } = judged(changed(() => ({ traceUnproven: 'the login may not instrument the server' })))
  expect(findings).toContainEqual(
    expect.objectContaining({
      ...cannotProve({ code: 'unproven/trace', message: '', subject: 'the trace' }),
      message: expect.stringContaining('the login may not instrument the server'),
      hint: expect.any(String),
    }),
  )
  expect(sample.need(effects).traceUnproven).toBeNull()
})
