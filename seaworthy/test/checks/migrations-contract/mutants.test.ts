import { beforeAll, expect, test } from 'vitest'
import { migrationsContract } from '../../../src/checks/migrations-contract/index.ts'
import { judgeWith } from '../../../src/checks/migrations-contract/judge.ts'
import { mutants } from '../../../src/checks/migrations-contract/mutants.ts'
import { sample } from '../../../src/checks/migrations-contract/sample.ts'
import { emptyState } from '../../../src/checks/migrations-contract/state.ts'
import { type JudgeContext, runCheck } from '../../../src/gate/check.ts'
import { evaluate } from '../../../src/gate/evaluate.ts'
import { observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { migrationTree, type MigrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import { damaged } from '../damaged.ts'

const context: JudgeContext = { evaluatedAt: '2026-11-21T00:00:00Z', settings: DEFAULT_POLICY.settings }

beforeAll(async () => migrationsContract.prepare?.())

test('the sample passes, and says what was read', () => {
  const result = runCheck(migrationsContract, sample, context)
  expect(result.findings).toEqual([])
  expect(result.verdict).toBe('pass')
  expect(result.proved).toEqual([
    '2 pending migrations read statically (5 statements, profile online): nothing that is known to lose data, to break the running version or to block a busy table',
  ])
})

test('the claim says no more than the profile asks', () => {
  const file = 'migrations/2.sql'
  const script = { file, text: 'CREATE TABLE IF NOT EXISTS t (a int);', send: 'transaction' as const, pieces: null }
  const settings = { ...context.settings, profile: 'additive' as const }
  const { proved } = judgeWith(emptyState(), { scripts: [script], transaction: 'per-file', settings })
  expect(proved[0] ?? '').toContain('; locks are not judged in this profile')
  expect(proved[0] ?? '').not.toContain('busy table')
})

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('refuses %s', (_, mutant) => {
  const asked = { ...context, ...mutant.context }
  const result = runCheck(migrationsContract, damaged(mutant, sample), asked)
  expect(['fail', 'unproven']).toContain(result.verdict)
  // Comments in the files are applied by the gate: it must refuse as well.
  const evaluation = evaluate({
    subjects: [{ name: 'folder', observations: damaged(mutant, sample) }],
    checks: [migrationsContract],
    policy: { ...DEFAULT_POLICY, required: { 'pull-request': [], deploy: [] }, settings: asked.settings },
    action: 'pull-request',
    evaluatedAt: asked.evaluatedAt,
    isPartial: false,
  })
  expect(['fail', 'unproven']).toContain(evaluation.verdict)
  const known = new Set(migrationsContract.explanations.map((one) => one.code))
  for (const { code } of result.findings) expect(known.has(code) || code === 'unproven/not-observed').toBe(true)
})

test('with nothing pending it does not apply, and proves nothing', () => {
  const nothing = sample.with(observed(pending, 'folder', { ...sample.need(pending), files: [] }))
  const result = runCheck(migrationsContract, nothing, context)
  expect(result).toMatchObject({ verdict: 'not-applicable', reason: 'nothing is pending', proved: [] })
})

test('the same observations have the same answer', () => {
  for (const mutant of mutants) {
    const made = damaged(mutant, sample)
    expect(runCheck(migrationsContract, made, context)).toEqual(runCheck(migrationsContract, made, context))
  }
})

test('a file in another language may have made anything', () => {
  const tree = sample.need(migrationTree)
  const [first, next, ...rest] = tree.migrations
  if (first === undefined || next === undefined) throw new Error('the sample has lost its files')
  const text = 'CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t;'
  const problem = {
    kind: 'other-language',
    file: 'a.go',
    message: 'a Go migration',
    hint: null,
    isOpaque: true,
  } as const
  const changed = { ...tree, migrations: [first, { ...next, up: { ...next.up, text } }, ...rest] }
  const verdictOf = (problems: MigrationTree['problems']): string =>
    runCheck(migrationsContract, sample.with(observed(migrationTree, 'folder', { ...changed, problems })), context)
      .verdict
  expect(verdictOf([])).toBe('pass')
  expect(verdictOf([problem])).toBe('fail')
})
