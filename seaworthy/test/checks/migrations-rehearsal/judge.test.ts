import { describe, expect, it } from 'vitest'
import { migrationsRehearsal } from '../../../src/checks/migrations-rehearsal/index.ts'
import { mutants } from '../../../src/checks/migrations-rehearsal/mutants.ts'
import { rehearsed, sample } from '../../../src/checks/migrations-rehearsal/sample.ts'
import { sha256 } from '../../../src/gate/canonical.ts'
import { runCheck } from '../../../src/gate/check.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { plainError, rehearsal } from '../../../src/observers/rehearsal/kind.ts'
import { damaged } from '../damaged.ts'

const context = { evaluatedAt: '2026-11-21T12:00:00.000Z', settings: DEFAULT_POLICY.settings }
const judge = (observations: Observations, extra = {}) =>
  runCheck(migrationsRehearsal, observations, { ...context, ...extra })

describe('the rehearsal judge', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('refuses: %s', (_name, mutant) => {
    const { verdict, findings } = judge(damaged(mutant, sample), mutant.context)
    expect(verdict).not.toBe('pass')
    const known = new Set([...migrationsRehearsal.explanations.map((one) => one.code), 'unproven/not-observed'])
    expect(findings.filter((finding) => !known.has(finding.code))).toEqual([])
  })

  it('passes the sample, for a pull request and for a deploy, and says what it proved', () => {
    expect(judge(sample)).toMatchObject({ verdict: 'pass', findings: [] })
    expect(judge(sample, { action: 'deploy' }).verdict).toBe('pass')
    expect(judge(sample).proved).toEqual([
      '2 migrations apply on PostgreSQL 18.4, 1 of them pending and sent as deploy',
    ])
  })

  it('names the migration that took the column away, and the way to recover', () => {
    const observations = sample.with(
      rehearsed(sample, () => ({
        failure: {
          file: 'migrations/002_cases.up.sql',
          version: '002',
          error: plainError('42703', 'column "docket_no" does not exist'),
          statement: { index: 2, line: 4, column: 3, text: 'CREATE INDEX' },
          owner: null,
          leavesHalf: false,
          missingExtension: null,
          isInfrastructure: false,
          phase: 'pending',
          cause: {
            file: 'migrations/001_courts.up.sql',
            version: '001',
            line: 7,
            what: 'dropped the column docket_no of cases',
          },
        },
      })),
    )
    const [finding] = judge(observations).findings
    expect(finding).toMatchObject({
      code: 'apply/migration-fails',
      where: { file: 'migrations/002_cases.up.sql', line: 4, column: 3 },
    })
    expect(finding?.message).toContain('SQLSTATE 42703')
    expect(finding?.message).toContain('migration 001 dropped the column docket_no of cases')
    expect(finding?.hint).toContain('migrate force 1')
  })

  it.each([
    ['42704', 'type "blob" does not exist', 'SELECT 1', 'unproven/other-engine', 'SQLite'],
    ['42883', 'function strftime(unknown, unknown) does not exist', 'SELECT 1', 'unproven/other-engine', 'SQLite'],
    ['42601', 'syntax error at or near "AUTO_INCREMENT"', 'SELECT 1', 'unproven/other-engine', 'MySQL'],
    ['42601', 'syntax error at or near "{"', '-- a\nSELECT {{ .Name }}', 'unproven/templated', '{{'],
    ['42601', 'syntax error at or near "{"', '-- {{ a }}\nSELECT {', 'apply/baseline-fails', '42601'],
    ['42704', 'type "mood" does not exist', 'SELECT 1', 'apply/baseline-fails', '42704'],
  ])('a history that fails with %s %s', (sqlstate, message, text, code, words) => {
    const tree = sample.need(migrationTree)
    const run = sample.need(rehearsal)
    const [first, second] = tree.migrations
    const failing = (phase: 'baseline' | 'pending') =>
      judge(
        sample
          .with(
            observed(migrationTree, 'folder migrations', {
              ...tree,
              migrations: [{ ...first!, up: { ...first!.up, text } }, second!],
            }),
          )
          .with(
            observed(rehearsal, 'postgres 18.4', {
              ...run,
              steps: run.steps.map((step, index) => (index === 0 ? { ...step, sha256: sha256(text) } : step)),
              failure: {
                file: first!.up.file,
                version: '001',
                error: plainError(sqlstate, message),
                statement: { index: 1, line: 2, column: 1, text: '' },
                owner: null,
                leavesHalf: false,
                missingExtension: null,
                isInfrastructure: false,
                phase,
                cause: null,
              },
            }),
          ),
      )
    expect(failing('baseline').findings.map((one) => one.code)).toEqual([code])
    expect(failing('baseline').findings[0]?.message).toContain(words)
    expect(failing('baseline').verdict).toBe(code === 'apply/baseline-fails' ? 'fail' : 'unproven')
    const isTemplate = code === 'unproven/templated'
    expect(failing('pending').verdict).toBe(isTemplate ? 'unproven' : 'fail')
  })

  it('a ledger that refuses its rows in a pending migration is unproven', () => {
    const provided = [
      { what: 'ledger', name: 'public.l', why: 'a trigger refuses it', neededBy: 'pending', isUnproven: true },
    ] as const
    const { verdict, findings } = judge(sample.with(rehearsed(sample, () => ({ provided }))))
    expect(verdict).toBe('unproven')
    expect(findings).toMatchObject([{ code: 'unproven/privilege-assumed' }])
    expect(findings[0]?.hint).toContain('runner of your own')
  })

  it('reads back what it wrote', async () => {
    const data = sample.need(rehearsal)
    expect(await rehearsal.parse(JSON.parse(JSON.stringify(data)))).toEqual(data)
    await expect(rehearsal.parse({ ...data, steps: 'none' })).rejects.toThrow(/expected array/)
  })
})
