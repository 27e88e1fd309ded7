import { beforeAll, describe, expect, it } from 'vitest'
import { looseType } from '../../../src/checks/migrations-queries/difference.ts'
import { migrationsQueries } from '../../../src/checks/migrations-queries/index.ts'
import { mutants } from '../../../src/checks/migrations-queries/mutants.ts'
import { aboutOf } from '../../../src/checks/migrations-queries/place.ts'
import { change, planned, query, sample, withChanges } from '../../../src/checks/migrations-queries/sample.ts'
import { type CheckResult, type JudgeContext, runCheck } from '../../../src/gate/check.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import { plainError, queries, type Queries, type QueryChange } from '../../../src/observers/queries/kind.ts'
import { damaged } from '../damaged.ts'

beforeAll(async () => {
  await migrationsQueries.prepare?.()
})

const judge = (observations: Observations, context: Partial<JudgeContext> = {}): CheckResult =>
  runCheck(migrationsQueries, observations, {
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    settings: DEFAULT_POLICY.settings,
    ...context,
  })

const failing = (sqlstate: string, message: string): QueryChange['after'] => ({
  works: false,
  error: plainError(sqlstate, message),
  isInfrastructure: false,
})

const returning = (...columns: [name: string, type: string][]): QueryChange['after'] => ({
  works: true,
  columns: columns.map(([name, type]) => ({ name, type })),
  parameters: ['bigint'],
})

const seen = (replace: Partial<Queries>): Observations => sample.with(planned(sample, () => replace))

describe('the judge of the queries', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('refuses: %s', (_name, mutant) => {
    const { verdict } = judge(damaged(mutant, sample), mutant.context)
    expect(['fail', 'unproven']).toContain(verdict)
  })

  it('passes the sample, and says what it proved', () => {
    expect(judge(sample)).toMatchObject({
      verdict: 'pass',
      findings: [],
      proved: ['10 of 10 queries that work before the pending migrations are answered alike after them'],
    })
  })

  it('returns only codes that are explained, and explains only those', () => {
    const warned = [
      seen({ roles: [{ name: 'app', as: 'deploy', why: 'the rehearsal has no such role' }] }),
      seen({
        sources: [
          { kind: 'shape', file: 's.json', queries: 10, leftOut: [], isPartial: 'not all', isForbidden: false },
        ],
      }),
    ]
    const codes = [...mutants.map((mutant) => damaged(mutant, sample)), ...warned]
      .flatMap((one) => judge(one).findings)
      .map((finding) => finding.code)
    const explained = migrationsQueries.explanations.map((one) => one.code)
    expect(new Set(codes.filter((code) => code !== 'unproven/not-observed'))).toEqual(new Set(explained))
  })

  it('does not apply without queries, by the reason that was observed, nor where nothing is pending', () => {
    const none = seen({ sources: [], total: 0, same: 0, unavailable: 'no queries were given' })
    expect(judge(none)).toMatchObject({ verdict: 'not-applicable', reason: 'no queries were given' })
    const idle = sample.with(observed(pending, 'git', { ...sample.need(pending), files: [] }))
    expect(judge(idle).verdict).toBe('not-applicable')
  })

  it('queries that a shape has and that were lost on the way are no reason not to ask', () => {
    const lost = sample.with(
      planned(sample, ({ sources }) => ({
        sources: sources.map((one) => ({ ...one, kind: 'shape' as const })),
        total: 0,
        same: 0,
        unavailable: 'the shape holds no query',
      })),
    )
    expect(judge(lost).verdict).toBe('unproven')
  })
})

describe('what is a warning and what is nothing', () => {
  it.each([
    ['a column at the end', returning(['id', 'bigint'], ['title', 'text'], ['note', 'text'])],
    ['a length', returning(['id', 'bigint'], ['title', 'character varying(80)'])],
  ])('warns of %s', (_what, after) => {
    const { verdict, findings } = judge(withChanges(sample, change({ after })))
    expect(verdict).toBe('pass')
    expect(findings).toEqual([
      expect.objectContaining({ code: 'compat/query-changes-result', severity: 'warning', outcome: 'none' }),
    ])
  })

  it('says nothing of a parameter that is varchar now and was text', () => {
    const before = { works: true, columns: [], parameters: ['text'] } as const
    const after = { works: true, columns: [], parameters: ['character varying'] } as const
    expect(judge(withChanges(sample, change({ before, after })))).toMatchObject({ verdict: 'pass', findings: [] })
  })

  it('counts stale queries up to the limit of the policy', () => {
    const stale = Array.from({ length: 2 }, () => ({ query: query(), error: plainError('42P01', 'no such relation') }))
    expect(judge(seen({ same: 8, stale }))).toMatchObject({ verdict: 'pass', findings: [] })
    const strict = judge(seen({ same: 8, stale }), {
      settings: { ...DEFAULT_POLICY.settings, staleQueriesPercent: 19 },
    })
    expect(strict.verdict).toBe('unproven')
    expect(strict.findings[0]?.message).toContain('2 of 10 queries (20 %)')
    expect(strict.findings[0]?.message).toContain('SELECT id, title FROM courts WHERE id = $1')
  })

  it.each([
    ['character varying(20)', 'text'],
    ['timestamp(3) without time zone', 'timestamp without time zone'],
    ['numeric(10,2)[]', 'numeric[]'],
    ['bigint', 'bigint'],
  ])('takes %s for %s', (type, loose) => {
    expect(looseType(type)).toBe(loose)
  })
})

describe('what a person reads', () => {
  it('names query, role, migration, statement and change', () => {
    const { findings } = judge(
      withChanges(sample, change({ after: failing('42703', 'column "title" does not exist') })),
    )
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      code: 'compat/query-stops-working',
      outcome: 'fail',
      where: { file: 'migrations/002_cases.up.sql', line: 2, column: 1 },
      endLine: 2,
    })
    expect(findings[0]?.message).toBe(
      'the query of app: it stops working: column "title" does not exist (SQLSTATE 42703), by migrations/002_cases.up.sql: `SELECT id, title FROM courts WHERE id = $1` (line 4)',
    )
  })

  it('tells queries that break alike once, with five examples', () => {
    const broken = Array.from({ length: 7 }, (_, index) =>
      change({
        query: query({ text: `SELECT title FROM courts LIMIT ${index}`, role: index % 2 === 0 ? 'app' : 'reports' }),
        after: failing('42703', index === 0 ? 'column c.title does not exist' : 'column "title" does not exist'),
      }),
    )
    const { findings } = judge(withChanges(sample, ...broken))
    expect(findings).toHaveLength(1)
    expect(findings[0]?.message).toMatch(/^7 queries of app, reports: .* and 2 more$/)
    expect(findings[0]?.message.match(/SELECT title/g)).toHaveLength(5)
  })

  it('says of a result what is gone, what is new, and what has another type', () => {
    const after = returning(['id', 'integer'], ['name', 'text'])
    expect(judge(withChanges(sample, change({ after }))).findings[0]?.message).toContain(
      'it no longer returns title, returns name as well, changes the type of id from bigint to integer',
    )
  })

  it('names all that is pending where it commits together', () => {
    const files = sample.need(pending).files
    const after = failing('42P01', 'relation "courts" does not exist')
    expect(judge(withChanges(sample, change({ files, after }))).findings[0]).toMatchObject({
      message: expect.stringContaining('by 2 migrations that commit together'),
      where: { file: 'migrations/002_cases.up.sql', line: 2 },
    })
  })

  it.each([
    ['column "title" of relation "courts" does not exist', 'title'],
    ['column c.title does not exist', 'title'],
    ['relation "app.courts" does not exist', 'courts'],
    ['function app.total(integer) does not exist', 'total'],
    ['permission denied for table courts', 'courts'],
    ['permission denied for materialized view courts', 'courts'],
    ['there is no unique or exclusion constraint matching the ON CONFLICT specification', null],
  ])('finds in "%s" what it is about', (message, about) => {
    expect(aboutOf(plainError('42P01', message))).toBe(about)
  })

  it('keeps what it reads through the schema', async () => {
    const data = withChanges(sample, change()).need(queries)
    expect(await queries.parse(structuredClone(data))).toEqual(data)
    await expect(queries.parse({ ...data, same: -1 })).rejects.toThrow('same')
  })
})
