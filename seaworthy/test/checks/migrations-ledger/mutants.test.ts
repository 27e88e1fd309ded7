import { expect, test } from 'vitest'
import { explanations } from '../../../src/checks/migrations-ledger/explanations.ts'
import { migrationsLedger } from '../../../src/checks/migrations-ledger/index.ts'
import { mutants } from '../../../src/checks/migrations-ledger/mutants.ts'
import { sample } from '../../../src/checks/migrations-ledger/sample.ts'
import { runCheck } from '../../../src/gate/check.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Observations } from '../../../src/gate/observation.ts'
import { damaged } from '../damaged.ts'

const context = {
  evaluatedAt: '2026-11-20T10:00:00Z',
  action: 'pull-request' as const,
  settings: DEFAULT_POLICY.settings,
}
const judged = (set: Observations) => runCheck(migrationsLedger, set, context)

test('the sample passes, and says what it proved', () => {
  const result = judged(sample)
  expect(result.findings).toEqual([])
  expect(result.verdict).toBe('pass')
  expect(result.proved).toHaveLength(4)
  expect(result.proved[0]).toContain('4 versions are unique')
})

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('refused: %s', (_name, mutant) => {
  const result = judged(damaged(mutant, sample))
  expect(result.verdict).not.toBe('pass')
  expect(result.verdict).not.toBe('not-applicable')
  const known = new Set([...explanations.map((one) => one.code), 'unproven/not-observed'])
  for (const finding of result.findings) expect(known).toContain(finding.code)
})

test('every code is explained once, and every explanation can be reached by a mutant or a test of the judge', () => {
  const codes = explanations.map((one) => one.code)
  expect(new Set(codes).size).toBe(codes.length)
  for (const one of explanations) expect(Math.min(one.why.length, one.instead.length)).toBeGreaterThan(10)
})
