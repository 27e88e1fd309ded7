import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsContract } from '../../src/checks/migrations-contract/index.ts'
import { sample as contractSample } from '../../src/checks/migrations-contract/sample.ts'
import { migrationsEffects } from '../../src/checks/migrations-effects/index.ts'
import { sample as effectsSample } from '../../src/checks/migrations-effects/sample.ts'
import type { Check } from '../../src/gate/check.ts'
import type { Observations } from '../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../src/gate/policy.ts'
import { migrationTree } from '../../src/observers/migration-tree/kind.ts'
import { loadGrammar, parseSql } from '../../src/sql/parse.ts'
import { parseScript } from '../../src/sql/script.ts'

beforeAll(loadGrammar)

const KIND = 'create function f() returns int language sql as $$ select 1 $$; create table a (id int);'

describe('a script that is parsed once', () => {
  it('is what parseSql says of it, also where it is none', () => {
    for (const text of [KIND, '', 'select', 'select 1; select (', '-- nothing'])
      expect([parseScript(text), parseScript(text)]).toEqual([parseSql(text), parseSql(text)])
  })

  it('is the very same while it is kept, and is not kept for ever', () => {
    const first = parseScript(KIND)
    expect(parseScript(KIND)).toBe(first)
    for (let number = 0; number < 40; number += 1) parseScript(`select ${number} -- ${'x'.repeat(10_000)}`)
    expect(parseScript(KIND)).not.toBe(first)
    expect(parseScript(KIND)).toEqual(first)
  })

  it('is kept beside others that are asked for in turn', () => {
    const first = parseScript(KIND)
    for (let number = 0; number < 40; number += 1) {
      parseScript(`select ${number} -- ${'x'.repeat(10_000)}`)
      expect(parseScript(KIND)).toBe(first)
    }
  })

  it('is kept from the second time on where it makes no function', () => {
    const text = 'create table seldom (id int)'
    const first = parseScript(text)
    const second = parseScript(text)
    expect(second).not.toBe(first)
    expect(second).toEqual(first)
    expect(parseScript(text)).toBe(second)
  })

  it('keeps nothing that is larger than all that is kept', () => {
    const large = `${KIND} -- ${'x'.repeat(300_000)}`
    expect(parseScript(large)).not.toBe(parseScript(large))
  })

  it.each<[string, Check, Observations]>([
    ['contract', migrationsContract, contractSample],
    ['effects', migrationsEffects, effectsSample],
  ])('is left as it is by %s', (_name, check, observations) => {
    const texts = observations.need(migrationTree).migrations.map((one) => one.up.text)
    const before = texts.map((text) => JSON.stringify(parseScript(text)))
    check.judge(observations, { evaluatedAt: '2026-11-21T00:00:00Z', settings: DEFAULT_POLICY.settings })
    expect(texts.map((text) => JSON.stringify(parseScript(text)))).toEqual(before)
  })
})
