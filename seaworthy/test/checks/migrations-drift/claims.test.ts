import { describe, expect, it } from 'vitest'
import { claims } from '../../../src/checks/migrations-drift/claims.ts'
import { inProduction, rehearsed, sample } from '../../../src/checks/migrations-drift/sample.ts'
import { sampleFolder, sampleMigration } from '../../../src/checks/sample-folder.ts'
import { type ClaimOutcome, judgeClaim } from '../../../src/gate/cold/claim.ts'
import type { ClaimContext, LookedAgain } from '../../../src/gate/cold/looked-again.ts'
import { notObserved, Observations, observed } from '../../../src/gate/observation.ts'
import { ledger } from '../../../src/observers/ledger/kind.ts'
import { type Shape, shape } from '../../../src/observers/shape/kind.ts'
import { AGAIN } from '../../gate/cold/scene.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { entry, release } from './scene.ts'

const CONTEXT: ClaimContext = {
  subject: 'db',
  evaluatedAt: '2026-11-21T12:00:00.000Z',
  witness: 'bundle',
  action: 'deploy',
  settings: DEFAULT_POLICY.settings,
}
/** A release that makes `languages`, alters `cases`, and drops `feeds` if it is there. */
const told = sample.with(sampleFolder([sampleMigration('003', 'languages', 'DROP TABLE IF EXISTS Feeds;')]))
const run = (...of: Observations[]): LookedAgain['run'] => ({
  done: {
    subjects: of.map((observations) => ({ name: 'db', observations })),
    evaluation: {
      verdict: 'pass',
      results: [],
      accepted: [],
      allowed: [],
      overruled: [],
      obligations: [],
      policyFindings: [],
    },
  },
  witness: 'the gate',
})

function judged(change: Partial<Shape>, given: Observations = told, again: Partial<LookedAgain> = {}) {
  const production = new Map([
    ['db', new Observations([observed(shape, 'production', { ...told.need(shape), ...change })])],
  ])
  const looked: LookedAgain = { ...AGAIN, production, ...again }
  return new Map(
    claims(given, CONTEXT).map(({ claim, look }) => [claim.id, { claim, ...judgeClaim(claim, look(looked)) }]),
  )
}

/** What is contradicted or cannot be checked of what was left out: the sort, and how much it matters. */
const against = (change: Partial<Shape>, given?: Observations, again?: Partial<LookedAgain>) =>
  [...judged(change, given, again).values()]
    .filter(({ claim, outcome }) => /^shape\/(?:besides|sizes|queries)/.test(claim.id) && outcome !== 'confirmed')
    .map(({ claim, outcome }) => [claim.id, outcome === 'contradicted' ? claim.severity : claim.unchecked])

const more = (...entries: Shape['catalogue']): Partial<Shape> => ({
  catalogue: [...told.need(shape).catalogue, ...entries],
})
const giving = (change: Partial<Shape>): Observations => told.with(inProduction(told, () => change))

describe('what the shape lacks', () => {
  it('is nothing where production is what it was', () => {
    expect(against({})).toEqual([])
    expect(against({}, told, { production: new Map() })).toHaveLength(6)
    const found = judged({}, told, { production: new Map() }).get('shape/besides db')
    expect(found).toMatchObject({ outcome: 'cannot-be-checked', claim: { unchecked: 'discrepancy' } })
    expect(found?.needs).toContain('--shape-url')
  })

  it('stands in the way where the release makes it, names it, or has to do with what it is of', () => {
    for (const reached of [
      entry('table public.languages'),
      entry('view public.languages'),
      entry('table public.feeds'),
      entry('table other."Feeds"'),
      entry('view public.open_cases', 'owner dba\ndefinition  SELECT id\n\t   FROM public.cases;'),
      entry('event trigger on_ddl', 'owner dba'),
      entry('default privileges of dba for tables', 'granted select'),
      entry('operator public.+(integer,integer)'),
    ]) {
      expect(against(more(reached))).toEqual([['shape/besides db', 'blocking']])
    }
    const found = judged(more(entry('table public.feeds'))).get('shape/besides db')
    expect(found?.why).toBe('the bundle does not have table public.feeds')
    const settings = [{ name: 'lock_timeout', value: '1s' }]
    const { server } = told.need(shape)
    expect(against({ server: { ...server, settings } })).toEqual([['shape/besides db', 'blocking']])
  })

  it('and else is to be noted: it may have come since', () => {
    const [part, column] = [
      entry('table public.log_7'),
      entry('column public.log_7.id', 'of table public.log_7\ntype bigint'),
    ]
    expect(against(more(part, column))).toEqual([['shape/besides elsewhere db', 'discrepancy']])
    expect(against(more(entry('table public.case')))).toEqual([['shape/besides elsewhere db', 'discrepancy']])
  })

  it('is judged by what the verifier saw the release do, and all of it matters where nobody could', () => {
    const lied = told.with(
      sampleFolder([]),
      rehearsed(told, () => ({ steps: [], difference: { added: [], removed: [], changed: [] } })),
    )
    const gone = more(entry('table public.languages'))
    expect(against(gone, lied)).toEqual([['shape/besides elsewhere db', 'discrepancy']])
    expect(against(gone, lied, { run: run(told) })).toEqual([['shape/besides db', 'blocking']])
    const other = more(entry('table public.log_7'))
    const untraced = told.with(rehearsed(told, () => ({ traceUnproven: 'no superuser' })))
    expect(against(other, lied, { run: run(untraced) })).toEqual([['shape/besides db', 'blocking']])
    expect(against(other, told.without({ ...shape, name: 'effects' }))).toEqual([['shape/besides db', 'blocking']])
    expect(against(other, told, { run: run() })).toEqual([['shape/besides elsewhere db', 'discrepancy']])
  })

  it('is counted where it is much', () => {
    const many = Array.from({ length: 60 }, (_, index) => entry(`table public.log_${index}`))
    expect(judged(more(...many)).get('shape/besides elsewhere db')?.why).toContain('and 43 more')
  })
})

describe('how large tables are', () => {
  const size = (object: string, rows: number | null, bytes = 8192) => ({ object, rows, bytes })
  const sizes = (...tables: Shape['tables']): Partial<Shape> => ({ tables })
  const small = giving(sizes(size('table public.cases', 10), size('table public.courts', 10)))

  it('stands in the way where a table of the release is large, and small in the shape', () => {
    expect(against(sizes(size('table public.cases', 60_000)), small)).toEqual([['shape/sizes db', 'blocking']])
    expect(against(sizes(size('table public.cases', null, 20_000_000)), small)).toEqual([
      ['shape/sizes db', 'blocking'],
    ])
    expect(judged(sizes(size('table public.cases', 60_000)), small).get('shape/sizes db')?.why).toBe(
      'the bundle does not have table public.cases as a large one: 60000 rows in 8192 bytes; in the shape 10 rows in 8192 bytes',
    )
    // Left out is not small, and it is not large either.
    expect(against(sizes(size('table public.cases', 10_000)))).toEqual([['shape/sizes db', 'blocking']])
    expect(against(sizes(size('table public.courts', 60_000)), small)).toEqual([
      ['shape/sizes elsewhere db', 'discrepancy'],
    ])
  })

  it('may change as long as that makes no large one', () => {
    for (const tables of [[size('table public.cases', 9_999, 9_999_999)], [], [size('table public.unknown', 60_000)]])
      expect(against({ tables }, small)).toEqual([])
    const large = giving(sizes(size('table public.cases', null, 10_000_000)))
    expect(against(sizes(size('table public.cases', 10_000)), large)).toEqual([])
  })

  it('is for a partitioned table what its partitions have', () => {
    const parts = [
      entry('table public.cases', 'partitioned by RANGE (id)'),
      entry('table public.cases_1', 'partition of public.cases FOR VALUES FROM (1) TO (5)'),
      entry('table public.cases_2', 'partition of public.cases DEFAULT'),
    ]
    const { catalogue } = told.need(shape)
    const all = { catalogue: [...catalogue.filter((one) => one.object !== 'table public.cases'), ...parts] }
    const [whole, first, second] = ['cases', 'cases_1', 'cases_2'].map((name) => `table public.${name}`)
    const given = giving({ ...all, tables: [whole!, first!, second!].map((one) => size(one, 10)) })
    const grown = { ...all, tables: [size(whole!, null, 0), size(first!, 6_000), size(second!, 4_000)] }
    expect(against(grown, given)).toEqual([['shape/sizes db', 'blocking']])
    expect(against({ ...grown, tables: grown.tables.map((one) => ({ ...one, rows: 4_999 })) }, given)).toEqual([])
  })
})

describe('the queries that production serves', () => {
  const query = (text: string, role = 'app') => ({ text, role, searchPath: null, calls: 300 })
  const [ofCases, ofCourts] = [query('SELECT * FROM cases WHERE id = $1'), query('SELECT name FROM courts')]
  const both = giving({ queries: [ofCases, ofCourts] })

  it('stand in the way where the shape lacks one of what the release has to do with', () => {
    expect(against({ queries: [ofCourts, ofCases] }, both)).toEqual([])
    expect(against({ queries: [] }, both)).toEqual([])
    expect(against({ queries: [ofCases, { ...ofCourts, calls: 7 }] }, both)).toEqual([])
    expect(against({ queries: [ofCases] })).toEqual([['shape/queries db', 'blocking']])
    expect(judged({ queries: [ofCases] }).get('shape/queries db')?.why).toBe(
      'the bundle does not have SELECT * FROM cases WHERE id = $1 (by app, 300 times)',
    )
    expect(against({ queries: [query(ofCases.text, 'admin')] }, both)).toEqual([['shape/queries db', 'blocking']])
    expect(against({ queries: [ofCourts] })).toEqual([['shape/queries elsewhere db', 'discrepancy']])
  })

  it('all stand in the way of what changes the meaning of any', () => {
    const changes = [
      release([{ kind: 'setting', name: 'search_path', value: 'x', scope: 'role', subject: 'role app' }]),
      release([{ kind: 'altered', object: 'schema app', command: 'ALTER SCHEMA', via: null }]),
    ]
    for (const one of changes) expect(against({ queries: [ofCourts] }, one)).toEqual([['shape/queries db', 'blocking']])
    const own = release([{ kind: 'setting', name: 'lock_timeout', value: '1s', scope: 'session', subject: null }])
    expect(against({ queries: [ofCourts] }, own)).toEqual([['shape/queries elsewhere db', 'discrepancy']])
  })

  it('cannot be checked where nobody may read them, or none are kept: also where the shape says the same', () => {
    const [none, forbidden] = ['the extension is not installed', 'this login may not read them']
    const unread = [{ part: 'queries', why: forbidden }]
    for (const [now, given] of [
      [{ queriesUnavailable: none }, told],
      [{ queriesUnavailable: none }, giving({ queriesUnavailable: none })],
      [{ queriesUnavailable: forbidden, unread }, told],
      [{ queriesUnavailable: forbidden, unread }, giving({ queriesUnavailable: forbidden })],
    ] as const) {
      const found = judged(now, given).get('shape/queries db')
      const outcome: ClaimOutcome = 'cannot-be-checked'
      expect(found).toMatchObject({ outcome, why: `production's queries could not be read: ${now.queriesUnavailable}` })
    }
  })
})

describe('the database of the shape', () => {
  it('is the one whose ledger the verifier reads', () => {
    const [one, other] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`)
    const given = giving({ witness: one! })
    const outcome = (identity: string) => {
      const read = observed(ledger, `there of ${identity}`, { style: 'rows', rows: [] })
      const production = new Map([['db', new Observations([read, notObserved(shape, 'there', 'no')])]])
      return judged({}, given, { production }).get('ledger/database shape db')
    }
    expect(outcome(one!)?.outcome).toBe('confirmed')
    expect(outcome(other!)).toMatchObject({ outcome: 'contradicted', claim: { severity: 'blocking' } })
  })
})
