import { beforeAll, describe, expect, it } from 'vitest'
import { explanations } from '../../../src/checks/migrations-obligations/explanations.ts'
import { migrationsObligations } from '../../../src/checks/migrations-obligations/index.ts'
import { mutants } from '../../../src/checks/migrations-obligations/mutants.ts'
import {
  answeredFirst,
  capturedFrom,
  JUDGED_AT,
  readFrom,
  sample,
  seen,
} from '../../../src/checks/migrations-obligations/sample.ts'
import { type Action, type CheckResult, runCheck } from '../../../src/gate/check.ts'
import type { Observations } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { answers } from '../../../src/observers/answers/kind.ts'
import { effects } from '../../../src/observers/effects/kind.ts'
import { shape } from '../../../src/observers/shape/kind.ts'
import { damaged } from '../damaged.ts'

const judge = (observations: Observations, action: Action = 'deploy'): CheckResult =>
  runCheck(migrationsObligations, observations, {
    evaluatedAt: JUDGED_AT,
    action,
    settings: DEFAULT_POLICY.settings,
  })

beforeAll(async () => await migrationsObligations.prepare?.())

describe('the judge of obligations', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('refuses: %s', (_name, mutant) => {
    const result = judge(damaged(mutant, sample))
    expect(['fail', 'unproven']).toContain(result.verdict)
    const known = new Set([...explanations.map((one) => one.code), 'unproven/not-observed'])
    for (const finding of result.findings) expect(known).toContain(finding.code)
  })

  it('passes the sample, and says what it proved', () => {
    expect(judge(sample)).toMatchObject({
      verdict: 'pass',
      findings: [],
      proved: [
        'what the release asks of the rows that production has is known: 2 questions',
        'production (sha256:aaaaaaaaaaaa…) answered 2 of 2 well, the oldest answer being of 2026-11-21T10:00:00.000Z',
      ],
    })
    expect(judge(sample).obligations.map((one) => one.question)).toEqual([
      'no duplicates in users.handle',
      'no NULL in users.email',
    ])
  })

  it('notes open questions in a pull request, whatever the reason, and does not refuse', () => {
    const open = [
      sample.without(answers),
      sample.with(answeredFirst(sample, { answeredAt: '2026-11-01T10:00:00.000Z' })),
      sample.with(answeredFirst(sample, { rows: null, problem: 'it took too long' })),
    ]
    for (const one of open) {
      const result = judge(one, 'pull-request')
      expect(result.verdict).toBe('pass')
      expect(result.findings[0]).toMatchObject({ code: 'obligation/unique', severity: 'note', outcome: 'none' })
    }
  })

  it('refuses a pull request on a bad answer, and takes none that is too old', () => {
    const bad = sample.with(answeredFirst(sample, { rows: 1_000 }))
    expect(judge(bad, 'pull-request').verdict).toBe('fail')
    expect(judge(bad).findings[0]?.message).toContain('at least 1000 groups of equal rows in the way')
    expect(judge(bad).findings[0]?.hint).toContain(
      'SELECT "handle", pg_catalog.count(*) FROM "public"."users" WHERE ("handle") IS NOT NULL GROUP BY "handle" HAVING pg_catalog.count(*) > 1 LIMIT 20;',
    )
    const old = sample.with(answeredFirst(sample, { rows: 1, answeredAt: '2026-11-01T10:00:00.000Z' }))
    expect(judge(old, 'pull-request').verdict).toBe('pass')
    expect(judge(old).findings[0]?.code).toBe('obligation/stale-answer')
    expect(judge(old).findings[0]?.message).toContain('481 hours ago, and the policy takes none that is older than 24')
    const early = sample.with(answeredFirst(sample, { answeredAt: '2026-11-22T10:00:00.000Z' }))
    expect(judge(early).findings[0]?.message).toContain('which is in the future')
  })

  it('takes answers of the database that the shape is of, and of no other one', () => {
    const other = sample.with(capturedFrom(sample, `sha256:${'b'.repeat(64)}`))
    const result = judge(other)
    expect(result.verdict).toBe('unproven')
    expect(result.findings[0]).toMatchObject({
      code: 'obligation/other-database',
      message: expect.stringMatching(/sha256:aaaaaaaaaaaa….*app \(sha256:bbbbbbbbbbbb…\)/),
    })
    expect(result.obligations.map((one) => ('state' in one ? one.state : null))).toEqual([null, null])
    expect(judge(other, 'pull-request').verdict).toBe('unproven')
    for (const unnamed of [sample.without(shape), sample.with(capturedFrom(sample, null))]) {
      expect(judge(unnamed).verdict).toBe('pass')
      expect(judge(unnamed).findings).toMatchObject([{ code: 'obligation/database-not-compared', severity: 'note' }])
      expect(judge(unnamed, 'pull-request').findings).toEqual([])
    }
  })

  it('takes answers of the database whose ledger was read, and of no other one', () => {
    const [same, other] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
    for (const set of [sample, sample.without(shape), sample.with(capturedFrom(sample, null))]) {
      const result = judge(set.with(readFrom(other)))
      expect(result.verdict).toBe('unproven')
      expect(result.findings.map(({ code }) => code)).toEqual([
        'obligation/other-database',
        'obligation/unanswered',
        'obligation/unanswered',
      ])
      expect(result.findings[0]?.message).toContain(
        'another database answered (sha256:aaaaaaaaaaaa…) than the one whose ledger was read (sha256:bbbbbbbbbbbb…)',
      )
      expect(judge(set.with(readFrom(same)))).toMatchObject({ verdict: 'pass', findings: [] })
    }
    const nobody = judge(sample.without(shape).with(readFrom(null)))
    expect(nobody).toMatchObject({ verdict: 'pass', findings: [{ code: 'obligation/database-not-compared' }] })
  })

  it('a conflict that a question settles is no finding of its own', () => {
    const [statement] = sample.need(effects).steps
    expect(statement).toBeDefined()
    const covered = sample.with(
      seen(sample, () => ({
        conflicts: [
          {
            failure: {
              file: 'migrations/002_handles.up.sql',
              version: '002',
              error: {
                sqlstate: '23505',
                message: 'could not create unique index "users_handle_key"',
                detail: null,
                hint: null,
                offset: null,
                schema: 'public',
                table: 'users',
                column: null,
                constraint: 'users_handle_key',
              },
              statement: { index: 1, line: 1, column: 1, text: 'ALTER TABLE' },
              owner: null,
              leavesHalf: false,
              missingExtension: null,
              isInfrastructure: false,
            },
            resolution: 'the duplicates were taken away',
          },
        ],
      })),
    )
    expect(judge(covered).verdict).toBe('pass')
  })

  it('a backfill that mended made-up rows is noted, and not asked', () => {
    const mutant = mutants.find((one) => one.name.startsWith('the release writes'))
    const written = mutant === undefined ? sample : damaged(mutant, sample)
    const mended = written.with(
      seen(written, () => ({
        rows: [
          {
            object: 'table public.users',
            rowsBefore: 12,
            lost: 0,
            lostExample: null,
            columns: [
              { column: 'email', overwritten: 0, example: null, filled: 3, isRetyped: false, isDropped: false },
            ],
          },
        ],
      })),
    )
    const result = judge(mended)
    expect(result.verdict).toBe('pass')
    expect(result.findings.map((one) => one.code)).toEqual(['obligation/settled-by-release'])
  })
})
