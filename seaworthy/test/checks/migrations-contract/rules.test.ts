import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { listRules, renderRuleIndex, RULES_FOLDER } from '../../../../tools/generate-rules.ts'
import { explanations } from '../../../src/checks/migrations-contract/explanations.ts'
import type { Rule, Sample } from '../../../src/checks/migrations-contract/rule.ts'
import { rules } from '../../../src/checks/migrations-contract/rules/index.ts'
import { loadGrammar } from '../../../src/sql/parse.ts'
import { type Asked, codesOf, findingsOf } from './setting.ts'

const ROOT = join(import.meta.dirname, '../../../..')

beforeAll(loadGrammar)

const sqlOf = (sample: Sample): string => (typeof sample === 'string' ? sample : sample.sql)
const askedOf = (sample: Sample, profile: Rule['profiles'][number]): Asked =>
  typeof sample === 'string'
    ? { profile }
    : {
        profile,
        ...(sample.send === undefined ? {} : { send: sample.send }),
        ...(sample.given === undefined ? {} : { given: sample.given }),
      }

describe.each(rules.map((rule) => [rule.code, rule] as const))('%s', (code, rule) => {
  const profile = rule.profiles[0] ?? 'online'

  test.each(rule.bad.map((sample) => [sqlOf(sample), sample] as const))('speaks of: %s', (sql, sample) => {
    const findings = findingsOf(sql, askedOf(sample, profile))
    expect([...new Set(findings.map((one) => one.code))]).toEqual([code])
    for (const one of findings) {
      expect(one.where?.line).toBeGreaterThan(0)
      expect(one.subject).toBeTruthy()
      expect(one.message).not.toMatch(/undefined|\[object|\?\./)
    }
  })

  test.each(rule.good.map((sample) => [sqlOf(sample), sample] as const))('is silent about: %s', (sql, sample) => {
    expect(codesOf(sql, askedOf(sample, profile))).toEqual([])
  })

  test('explains itself', () => {
    expect(rule.bad.length).toBeGreaterThan(0)
    expect(rule.good.length).toBeGreaterThan(0)
    for (const text of [rule.title, rule.why, rule.instead]) expect(text.length).toBeGreaterThan(5)
  })
})

test('the registry is up to date', async () => {
  const folder = join(ROOT, RULES_FOLDER)
  const files = await listRules(folder)
  expect(await readFile(join(folder, 'index.ts'), 'utf8')).toBe(renderRuleIndex(files))
  expect(rules.map((rule) => `${rule.code}.ts`)).toEqual(files)
})

test('every code is explained once', () => {
  const codes = explanations.map((one) => one.code)
  expect(new Set(codes).size).toBe(codes.length)
  expect(codes.length).toBeGreaterThan(70)
})
