import { beforeAll, expect, test } from 'vitest'
import { migrationsEffects } from '../../../src/checks/migrations-effects/index.ts'
import { mutants } from '../../../src/checks/migrations-effects/mutants.ts'
import { sample } from '../../../src/checks/migrations-effects/sample.ts'
import { type JudgeContext, runCheck } from '../../../src/gate/check.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { effects } from '../../../src/observers/effects/kind.ts'
import { damaged } from '../damaged.ts'

const context: JudgeContext = { evaluatedAt: '2026-11-21T00:00:00Z', settings: DEFAULT_POLICY.settings }

beforeAll(async () => migrationsEffects.prepare?.())

test('the sample passes, and says what was seen', () => {
  const result = runCheck(migrationsEffects, sample, context)
  expect(result.findings).toEqual([])
  expect(result.verdict).toBe('pass')
  expect(result.proved).toEqual([
    '1 pending migration traced on PostgreSQL 18.4 (3 statements): 5 changes of the catalogue judged, 0 harms among them; 0 tables written anew',
    '2 tables with 12 rows: none lost',
  ])
})

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('refuses %s', (_, mutant) => {
  const result = runCheck(migrationsEffects, damaged(mutant, sample), { ...context, ...mutant.context })
  expect(['fail', 'unproven']).toContain(result.verdict)
  const known = new Set(migrationsEffects.explanations.map((one) => one.code))
  for (const { code } of result.findings) expect(known.has(code) || code === 'unproven/not-observed').toBe(true)
})

test('each mutant is refused by a finding of its own', () => {
  const told = mutants.map((one) => {
    const { findings } = runCheck(migrationsEffects, damaged(one, sample), { ...context, ...one.context })
    return findings.map(({ code, subject, where }) => `${code} ${subject} ${where?.line}`).join()
  })
  expect(new Set(told).size).toBeGreaterThan(mutants.length - 8)
})

test('the same observations have the same answer, also after a way through JSON', async () => {
  for (const mutant of mutants.slice(2)) {
    const made = damaged(mutant, sample)
    const data = await effects.parse(JSON.parse(JSON.stringify(made.need(effects))))
    const again = made.with({ ...made.find(effects)!, status: 'observed', data })
    expect(runCheck(migrationsEffects, again, context)).toEqual(runCheck(migrationsEffects, made, context))
  }
})
