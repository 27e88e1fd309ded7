import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsRepeat } from '../../../src/checks/migrations-repeat/index.ts'
import { mutants, stops } from '../../../src/checks/migrations-repeat/mutants.ts'
import {
  failure,
  repeated,
  sample,
  withLastStop,
  withStart,
  withTree,
} from '../../../src/checks/migrations-repeat/sample.ts'
import { type CheckResult, runCheck } from '../../../src/gate/check.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import { repeat } from '../../../src/observers/repeat/kind.ts'
import { damaged } from '../damaged.ts'

beforeAll(async () => {
  await migrationsRepeat.prepare?.()
})

const judge = (observations: Observations, profile: 'online' | 'additive' = 'additive'): CheckResult =>
  runCheck(migrationsRepeat, observations, {
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    settings: { ...DEFAULT_POLICY.settings, profile },
  })

const online = (observations: Observations): Observations =>
  observations.with(repeated(observations, () => ({ profile: 'online', secondStart: null })))

describe('the judge of repeated starts', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('refuses: %s', (_name, mutant) => {
    expect(['fail', 'unproven']).toContain(judge(damaged(mutant, sample)).verdict)
  })

  it.each(stops.map((mutant) => [mutant.name, mutant] as const))(
    'only notes with the profile online: %s',
    (_name, mutant) => {
      const { verdict, findings } = judge(online(damaged(mutant, sample)), 'online')
      expect(verdict).toBe('pass')
      expect(findings.map((finding) => finding.severity)).toEqual(['note'])
    },
  )

  it('passes the sample, and says what it proved', () => {
    const stopped =
      '2 places at which a pending migration can stop half-way: from 2 it can be begun again and ends with the same schema'
    expect(judge(sample)).toMatchObject({
      verdict: 'pass',
      findings: [],
      proved: ['started again, the tool finds all of it in its ledger', stopped],
    })
    expect(judge(online(sample), 'online')).toMatchObject({ verdict: 'pass', findings: [], proved: [stopped] })
  })

  it('does not apply where nothing is pending, nor online where nothing can stop half-way', () => {
    const idle = sample.with(observed(pending, 'git', { ...sample.need(pending), files: [] }))
    expect(judge(idle).verdict).toBe('not-applicable')
    const whole = withTree(sample, {
      migrations: sample.need(migrationTree).migrations.map((one) => ({ ...one, up: { ...one.up, text: 'SELECT 1' } })),
    })
    const quiet = online(whole.with(repeated(whole, () => ({ stops: [] }))))
    expect(judge(quiet, 'online')).toMatchObject({
      verdict: 'not-applicable',
      reason: 'no pending migration can stop half-way',
    })
    expect(judge(online(sample.with(repeated(sample, () => ({ stops: [] })))), 'online').verdict).toBe('unproven')
  })

  it('returns only codes that are explained, and explains only those', () => {
    const codes = mutants.flatMap((mutant) => judge(damaged(mutant, sample)).findings).map((finding) => finding.code)
    const own = codes.filter((code) => code !== 'unproven/not-observed')
    expect(new Set(own)).toEqual(new Set(migrationsRepeat.explanations.map((one) => one.code)))
  })
})

describe('what a person reads', () => {
  it('says where it stopped, what failed then, and what to put there', () => {
    const { findings } = judge(withLastStop(sample, { outcome: 'failed', failure: failure() }))
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      code: 'repeat/not-from-the-middle',
      outcome: 'fail',
      where: { file: 'migrations/003_hearings.sql', line: 2, column: 1 },
      hint: expect.stringContaining('on the line before'),
    })
    expect(findings[0]?.message).toBe(
      'if 003 stops while statement 2 (`CREATE INDEX CONCURRENTLY cases_day ON cases (id)`), starting it again fails: relation "cases_day" already exists (SQLSTATE 42P07) at `CREATE INDEX CONCURRENTLY cases_day ON cases (id)`.',
    )
  })

  it('says what golang-migrate does then, and that its files are one message', () => {
    const tree = sample.need(migrationTree)
    const golang = withTree(sample, {
      format: 'golang-migrate',
      migrations: tree.migrations.map((one) =>
        one.version === '003'
          ? { ...one, up: { ...one.up, send: 'batch', text: 'CREATE INDEX CONCURRENTLY cases_day ON cases (id)' } }
          : one,
      ),
    })
    const one = golang.with(
      repeated(golang, ({ stops: [, last] }) => ({
        stops: last === undefined ? [] : [{ ...last, index: 1, outcome: 'failed', failure: failure() }],
      })),
    )
    const { findings } = judge(one)
    expect(findings[0]?.message).toContain('marks the version dirty')
    expect(findings[0]?.hint).toContain('one message')
  })

  it('tells an invalid index once, by its name', () => {
    const invalid = ['index public.cases_day']
    const { findings } = judge(withLastStop(sample, { outcome: 'differs', changed: invalid, invalid }))
    expect(findings.map((finding) => finding.code)).toEqual(['repeat/invalid-index'])
    expect(findings[0]).toMatchObject({ subject: 'index public.cases_day', where: { line: 2 }, endLine: 2 })
    expect(findings[0]?.hint).toContain('DROP INDEX CONCURRENTLY IF EXISTS public.cases_day;')
  })

  it('names what is applied once more, and why', () => {
    const start = { ledger: 'missing', again: ['migrations/002_cases.sql'], failure: failure() } as const
    const { findings } = judge(withStart(sample, start))
    expect(findings[0]?.message).toContain('applies a migration once more, since its ledger is gone; that fails at')
    const unknown = judge(withStart(sample, { ...start, ledger: 'unknown' }))
    expect(unknown.verdict).toBe('unproven')
    expect(unknown.findings[0]?.hint).toContain('ledgerTable')
    expect(judge(withStart(sample, { ...start, ledger: 'unknown', failure: null })).verdict).toBe('pass')
  })

  it('keeps what it reads through the schema', async () => {
    const data = sample.need(repeat)
    expect(await repeat.parse(structuredClone(data))).toEqual(data)
    await expect(repeat.parse({ ...data, profile: 'offline' })).rejects.toThrow('profile')
  })
})
