import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsEffects } from '../../../src/checks/migrations-effects/index.ts'
import { affected, entry, NEXT_FILE, sample } from '../../../src/checks/migrations-effects/sample.ts'
import { type CheckResult, runCheck } from '../../../src/gate/check.ts'
import type { Observations } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { type Effects, effects, type SequenceMove, type TracedStatement } from '../../../src/observers/effects/kind.ts'

beforeAll(async () => migrationsEffects.prepare?.())

const judge = (observations: Observations): CheckResult =>
  runCheck(migrationsEffects, observations, {
    evaluatedAt: '2026-11-21T00:00:00Z',
    settings: DEFAULT_POLICY.settings,
  })

const codes = ({ findings }: CheckResult): string[] => findings.map((one) => `${one.severity} ${one.code}`)

const changed = (observations: Observations, change: (data: Effects) => Partial<Effects>): Observations =>
  observations.with(affected(observations, change))

/** The sample with these statements after its own. */
const also = (...more: readonly Partial<TracedStatement>[]): Observations =>
  changed(sample, ({ steps }) => ({
    steps: steps.map((step) => ({
      ...step,
      statements: [
        ...step.statements,
        ...more.map((one, index): TracedStatement => {
          const line = 4 + index
          const place = { file: NEXT_FILE, version: '002', index: line, line, column: 1, endLine: line }
          return { ...place, text: '', transaction: 1, events: [], locks: [], nested: [], ...one }
        }),
      ],
    })),
  }))

describe('beside the rows', () => {
  const move = (change: Partial<SequenceMove>): Observations =>
    changed(sample, () => ({
      sequences: [
        {
          object: 'sequence public.numbers',
          before: { last: '12', isCalled: true },
          after: { last: '1', isCalled: false },
          increment: '1',
          end: '100',
          isCycling: false,
          columns: [],
          ...change,
        },
      ],
    }))
  const at = (last: string, isCalled = true) => ({ last, isCalled })
  const columns = (farthest: string | null) => [{ column: 'column public.courts.id', farthest }]

  it.each([
    ['moved on', move({ after: at('50') }), []],
    ['moved on by most of what was left', move({ after: at('99') }), ['warning compat/restart-sequence']],
    ['moved on by most of what was left, to begin anew', move({ after: at('99'), isCycling: true }), []],
    ['moved on, the next number the same', move({ after: at('13', false) }), []],
    ['back, and nobody knows its rows', move({}), ['error compat/restart-sequence']],
    ['back into its rows', move({ after: at('8'), columns: columns('9') }), ['error compat/restart-sequence']],
    ['back to where its rows end', move({ after: at('9'), columns: columns('9') }), ['note compat/restart-sequence']],
    ['back, and its column holds nothing', move({ columns: columns(null) }), ['error compat/restart-sequence']],
    ['to its end', move({ after: at('100') }), ['error compat/restart-sequence']],
    ['to its end, to begin anew', move({ after: at('100'), isCycling: true }), []],
    ['down, as it counts', move({ before: at('-1'), after: at('-9'), increment: '-1', end: '-100' }), []],
    [
      'up, where it counts down',
      move({ before: at('-9'), after: at('-1'), increment: '-1', end: '-100' }),
      ['error compat/restart-sequence'],
    ],
  ])('a sequence %s', (_, observations, expected) => {
    expect(codes(judge(observations))).toEqual(expected)
  })

  it('a sequence that was set back is told with its positions, by the statement that called setval', () => {
    const setval = "SELECT setval('numbers', (SELECT 1))"
    const observations = also({ text: setval }, { text: 'CREATE TABLE x (a int)' })
    const { findings } = judge(changed(observations, () => ({ sequences: move({}).need(effects).sequences })))
    expect(findings).toMatchObject([
      {
        subject: 'sequence public.numbers',
        proof: 'stood at 12, stands at 1 (not yet given)',
        where: { file: NEXT_FILE, line: 4, column: 1 },
      },
    ])
  })

  it('an identity is named as the statement names it', () => {
    const text = 'ALTER TABLE courts ALTER COLUMN id RESTART WITH 1'
    const altered = { kind: 'altered', object: 'table public.courts', command: 'ALTER TABLE', via: null } as const
    const { sequences } = move({ columns: columns('9') }).need(effects)
    const { findings } = judge(changed(also({ text, events: [altered] }), () => ({ sequences })))
    expect(findings.filter((one) => one.code === 'compat/restart-sequence')).toMatchObject([
      { subject: 'column public.courts.id', proof: expect.stringContaining('stood at 12, stands at 1') },
    ])
  })

  it('what is known to have moved stands in place of a guess', () => {
    const guessed = also({ text: "SELECT setval(pg_get_serial_sequence('courts', 'id'), 1)" })
    expect(judge(guessed).findings.map((one) => one.subject)).toEqual(['sequence (computed at run time)'])
    const { findings } = judge(changed(guessed, () => ({ sequences: move({}).need(effects).sequences })))
    expect(findings.map((one) => one.subject)).toEqual(['sequence public.numbers'])
  })

  it.each([
    ['copies of its own rows', 'INSERT INTO courts (name) SELECT c.name FROM courts c WHERE id > 1', true],
    ['all of its rows', 'INSERT INTO courts SELECT * FROM courts', true],
    [
      'copies, unless they are there',
      'INSERT INTO courts (name) SELECT name FROM courts ON CONFLICT DO NOTHING',
      false,
    ],
    [
      'copies, where there is none',
      'INSERT INTO courts (name) SELECT name FROM courts c WHERE NOT EXISTS (SELECT FROM courts d WHERE d.id > c.id)',
      false,
    ],
    ['others that it makes of its own', "INSERT INTO courts (id, name) SELECT id, 'new' FROM courts", false],
    ['rows of another one', 'INSERT INTO courts (name) SELECT name FROM elsewhere', false],
  ])('a table that is given %s', (_, text, isDoubled) => {
    const event = { kind: 'write', operation: 'insert', object: 'table public.courts', rows: 3 } as const
    const { findings } = judge(also({ text, events: [{ ...event, isUpsert: false, via: null }] }))
    const told = findings.filter((one) => one.code.startsWith('data-loss/'))
    expect(told.map((one) => `${one.severity} ${one.code}`)).toEqual(
      isDoubled ? ['warning data-loss/doubled-rows'] : [],
    )
  })

  const view = entry('view public.open_cases', 'owner owner', 'definition  SELECT id\n\t   FROM public.cases;')
  const mine = entry('view public.mine', 'owner owner', 'definition  SELECT id\n\t   FROM public.open_cases;')
  const invoking = entry('view public.mine', 'owner owner', 'options security_invoker=true', view.definition.slice(12))
  const grant = (on: string, to: string, right = 'granted SELECT') =>
    entry(`privileges on view public.${on} for ${to}`, `of view public.${on}`, right)
  it.each([
    ['that the app may read, over another view', [mine, grant('mine', 'app')], ['view mine']],
    ['that only its owner may read', [mine, grant('mine', 'owner')], []],
    ['that the app may only write', [mine, grant('mine', 'app', 'granted INSERT')], []],
    ['that reads with the rights of its reader', [invoking, grant('mine', 'app')], []],
    ['of before, now read by the app', [grant('open_cases', 'app')], ['view open_cases']],
  ])('a view past row security %s', (_, added, expected) => {
    const { findings } = judge(
      changed(sample, ({ difference }) => ({ difference: { ...difference, added: [...difference.added, ...added] } })),
    )
    const told = findings.filter((one) => one.code === 'security/view-around-row-security')
    expect(told.map((one) => one.subject?.replace('public.', ''))).toEqual(expected)
  })
})
