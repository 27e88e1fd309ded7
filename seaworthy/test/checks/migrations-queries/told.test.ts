import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsQueries } from '../../../src/checks/migrations-queries/index.ts'
import { judge } from '../../../src/checks/migrations-queries/judge.ts'
import { change, planned, query, sample, withChanges } from '../../../src/checks/migrations-queries/sample.ts'
import { cannotProve, warn } from '../../../src/gate/finding.ts'
import type { Observations } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement } from '../../../src/gate/verdict.ts'
import { plainError, type Queries, queries } from '../../../src/observers/queries/kind.ts'

beforeAll(async () => {
  await migrationsQueries.prepare?.()
})

const judged = (observations: Observations, staleQueriesPercent = 20): Judgement =>
  judge(observations, {
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    settings: { ...DEFAULT_POLICY.settings, staleQueriesPercent },
  })
const seen = (replace: Partial<Queries>): Observations => sample.with(planned(sample, () => replace))

const [workload] = sample.need(queries).sources
const shape = { ...workload!, kind: 'shape', file: 'shape.json' } as const
const error = plainError('42P01', 'no such relation')
const stale = (count: number): Queries['stale'] =>
  Array.from({ length: count }, (_, at) => ({ query: query({ text: `SELECT ${at}`, line: null }), error }))

describe('what does not add up', () => {
  const incomplete = {
    findings: [
      cannotProve({
        code: 'unproven/queries-incomplete',
        message: 'what was observed of the queries does not add up',
        subject: 'queries',
        hint: 'Run again. If it stays, please report it with the evidence folder (--evidence DIR).',
      }),
    ],
    proved: [],
  }
  const failed = { works: false, error, isInfrastructure: true } as const
  it.each<[string, Observations]>([
    ['it is not known why there are none', seen({ unavailable: 'no queries' })],
    ['nobody gave any', seen({ total: 0, same: 0, sources: [{ ...workload!, queries: 0 }] })],
    ['others were given', seen({ sources: [{ ...workload!, queries: 9 }] })],
    ['two sources gave more', seen({ sources: [workload!, shape] })],
    ['one is missing', seen({ same: 9 })],
    ['one is counted twice', seen({ overLimit: 1 })],
    ['stale ones are counted besides', seen({ stale: stale(1) })],
    ['unknown ones are counted besides', seen({ unknown: stale(1) })],
    ['a change without a migration', withChanges(sample, change({ files: [] }))],
    ['a change by what is not pending', withChanges(sample, change({ files: ['migrations/001_courts.up.sql'] }))],
    [
      'a change by one that is pending and one that is not',
      withChanges(sample, change({ files: ['migrations/002_cases.up.sql', 'migrations/001_courts.up.sql'] })),
    ],
    ['a server that was lost', withChanges(sample, change({ after: failed }))],
    ['nothing is different', withChanges(sample, change({ after: change().before }))],
    ['one change of two is none', withChanges(sample, change(), change({ after: change().before }))],
  ])('proves nothing: %s', (_, observations) => {
    expect(judged(observations)).toEqual(incomplete)
  })

  it('but another meaning with the same answer is a change', () => {
    const meaning = { before: 'a', after: 'b', column: null }
    const { findings } = judged(withChanges(sample, change({ after: change().before, meaning })))
    expect(findings.map((one) => one.code)).not.toContain('unproven/queries-incomplete')
  })

  it('all of it together adds up', () => {
    const all = seen({ overLimit: 1, same: 5, stale: stale(1), unknown: stale(1), changes: [change(), change()] })
    expect(judged(all).findings.map((one) => one.code)).not.toContain('unproven/queries-incomplete')
  })
})

describe('stale queries', () => {
  const cut = (count: number): string =>
    Array.from({ length: count }, (_, at) => `\`SELECT ${at}\` (no such relation)`).join('; ')

  it('up to the limit are no finding, and are told beside what was proved', () => {
    expect(judged(seen({ same: 8, stale: stale(2) }))).toEqual({
      findings: [],
      proved: [
        '8 of 8 queries that work before the pending migrations are answered alike after them; 2 of 10 are stale (they do not work before either)',
      ],
    })
  })

  it('beyond it leave the check unproven, with five of them and what to do', () => {
    const few = {
      code: 'unproven/stale-queries',
      message: `3 of 10 queries (30 %) do not work before the pending migrations either, and the policy allows 20 %: ${cut(3)}`,
      subject: 'stale queries',
      hint: 'Take out of the workload what no running version sends. If production differs from what its migrations build, that is drift: rehearse with --shape. `policy.staleQueriesPercent` sets the limit.',
    }
    expect(judged(seen({ same: 7, stale: stale(3) })).findings).toEqual([cannotProve(few)])
    const many = seen({
      total: 12,
      same: 4,
      stale: stale(8),
      sources: [
        { ...workload!, queries: 6 },
        { ...shape, queries: 6 },
      ],
    })
    expect(judged(many).findings).toEqual([
      cannotProve({
        ...few,
        message: `8 of 12 queries (66.7 %) do not work before the pending migrations either, and the policy allows 20 %: ${cut(5)}`,
        hint: 'Take out of the workload what no running version sends. If production differs from what its migrations build, that is drift: rehearse with --shape. What somebody typed into psql counts too, until production runs pg_stat_statements_reset(): reset it, let the running version serve for a while, and capture again. `policy.staleQueriesPercent` sets the limit.',
      }),
    ])
  })

  it('alone prove nothing', () => {
    expect(judged(seen({ same: 0, stale: stale(10) }), 100)).toEqual({ findings: [], proved: [] })
  })
})

describe('queries that nobody planned', () => {
  const hint = {
    unknown:
      'Nothing is known of them. Run again; where a function that is called while planning takes too long, look at it.',
    limit:
      'Queries that differ in their constants alone count as several: capture again after pg_stat_statements_reset().',
  }

  it.each([
    [1, '`SELECT 0` could not be planned: no such relation'],
    [3, '`SELECT 0` and 2 more could not be planned: no such relation'],
  ])('%i by the first and their number', (count, message) => {
    expect(judged(seen({ same: 10 - count, unknown: stale(count) })).findings).toEqual([
      cannotProve({
        code: 'unproven/query-not-planned',
        message,
        subject: 'queries that were not planned',
        hint: hint.unknown,
      }),
    ])
  })

  it('since there were too many', () => {
    expect(judged(seen({ same: 6, overLimit: 4 })).findings).toEqual([
      cannotProve({
        code: 'unproven/query-not-planned',
        message: '4 of 10 queries were not planned: there are too many, and these are called least',
        subject: 'queries beyond the limit',
        hint: hint.limit,
      }),
    ])
  })
})

describe('roles that were played', () => {
  const role = (name: string, as = 'deploy', why: string | null = 'no such role'): Queries['roles'][number] => ({
    name,
    as,
    why,
  })
  const told = (count: number): string | undefined =>
    judged(seen({ roles: Array.from({ length: count }, (_, at) => role(`r${at}`)) })).findings[0]?.message

  it('are warned of, with the sources that named them', () => {
    const two = seen({
      roles: [role('app')],
      total: 10,
      sources: [
        { ...workload!, queries: 4 },
        { ...shape, queries: 6 },
      ],
    })
    expect(judged(two).findings).toEqual([
      warn({
        code: 'unproven/query-role-played',
        message:
          'roles were played by another one, so that nothing is known of what they may do: app by deploy (no such role)',
        subject: 'workload.sql, shape.json',
        hint: 'Rehearse with --shape FILE, which brings production’s roles and grants, or name a role that the migrations make.',
      }),
    ])
  })

  it('are named up to five', () => {
    expect(told(2)).toContain('may do: r0 by deploy (no such role), r1 by deploy (no such role)')
    expect(told(5)).toMatch(/r4 by deploy \(no such role\)$/)
    expect(told(7)).toMatch(/r4 by deploy \(no such role\) and 2 more$/)
  })

  it('are none where nobody said why, or the role is its own', () => {
    expect(
      judged(seen({ roles: [role('app', 'deploy', null), role('deploy'), role('x', 'x', null)] })).findings,
    ).toEqual([])
  })
})

describe('a source that does not hold all', () => {
  const partial = { ...shape, isPartial: 'the login sees its own only' }

  it('is warned of where something was planned, and unproven where it was all there is', () => {
    const some = seen({
      sources: [
        { ...workload!, queries: 4 },
        { ...partial, queries: 6, isForbidden: true },
      ],
    })
    expect(judged(some).findings).toEqual([
      warn({
        code: 'unproven/queries-partly-known',
        message: 'shape.json does not hold all queries that production serves: the login sees its own only',
        subject: 'shape.json',
        hint: 'Capture as a member of pg_read_all_stats, or add the queries that are missing by --workload FILE.sql.',
      }),
    ])
    const none = seen({ total: 0, same: 0, sources: [{ ...partial, queries: 0, isForbidden: true }] })
    expect(judged(none)).toEqual({
      findings: [
        cannotProve({
          code: 'unproven/queries-not-captured',
          message: 'shape.json does not hold the queries that production serves: the login sees its own only',
          subject: 'shape.json',
          hint: 'Capture as a member of pg_read_all_stats, or list the queries in a file for --workload.',
        }),
      ],
      proved: [],
    })
  })

  it('is one among several where nothing could be captured', () => {
    const both = seen({
      total: 0,
      same: 0,
      sources: [
        { ...partial, queries: 0 },
        { ...partial, file: 'other.json', queries: 0, isForbidden: true },
      ],
    })
    expect(judged(both).findings.map((one) => [one.code, one.subject])).toEqual([
      ['unproven/queries-partly-known', 'shape.json'],
      ['unproven/queries-not-captured', 'other.json'],
    ])
  })
})

it('counts what was answered alike', () => {
  expect(judged(withChanges(sample, change(), change())).proved).toEqual([
    '8 of 10 queries that work before the pending migrations are answered alike after them',
  ])
})
