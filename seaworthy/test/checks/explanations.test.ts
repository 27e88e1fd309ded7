import { beforeAll, describe, expect, it } from 'vitest'
import { checkNames, loadChecks } from '../../src/checks/index.ts'
import { gateExplanations } from '../../src/gate/explanations.ts'
import { type Explanation, familyOf } from '../../src/gate/finding.ts'
import { findingPage } from '../../src/reports/finding-page.ts'

/** A reader of one of these has to know how to tell a false alarm. */
const WITH_FALSE_ALARM = new Set(['data-loss', 'compat', 'lock', 'apply', 'repeat', 'ownership', 'security'])
/** Whatever can be said of production's own rows, SQL and record, too. */
const FULL = new Set([...WITH_FALSE_ALARM, 'ledger', 'parse', 'policy', 'unproven', 'drift', 'obligation', 'admission'])

let all: readonly Explanation[] = []
beforeAll(async () => {
  const checks = await loadChecks(checkNames)
  all = [...gateExplanations, ...checks.flatMap((check) => check.explanations)]
})

const codesWithout = (is: (one: Explanation) => boolean): string[] =>
  all.filter((one) => !is(one)).map((one) => one.code)

describe('the page of every code', () => {
  it('is of a known family', () => {
    expect(all.length).toBeGreaterThan(180)
    expect(codesWithout((one) => FULL.has(familyOf(one.code)))).toEqual([])
  })

  it('says how production feels it, and in which steps it is done', () => {
    expect(codesWithout((one) => (one.production ?? '').length > 5)).toEqual([])
    expect(codesWithout((one) => (one.steps ?? []).length > 0)).toEqual([])
  })

  it('says what a false alarm would look like', () => {
    expect(
      codesWithout((one) => !WITH_FALSE_ALARM.has(familyOf(one.code)) || (one.falseAlarm ?? '').length > 10),
    ).toEqual([])
  })

  it('is plain prose: sentences that end, and no placeholder', () => {
    for (const one of all) {
      const texts = [one.why, one.instead, one.production ?? '', ...(one.steps ?? []), one.falseAlarm ?? '.']
      expect({ code: one.code, open: texts.filter((text) => !/[.?!)`]$/.test(text.trim())) }).toEqual({
        code: one.code,
        open: [],
      })
      expect(texts.join(' ')).not.toMatch(/\b(?:TODO|TBD|lorem)\b/i)
    }
  })

  it('never shows one text as found and as not found', () => {
    expect(codesWithout(({ bad = [], good = [] }) => bad.every((sql) => !good.includes(sql)))).toEqual([])
  })

  it('has every part', () => {
    const page = findingPage(all.find((one) => one.code === 'lock/create-index') ?? all[0]!)
    const titles = [...page.matchAll(/^## (.*)$/gm)].map((match) => match[1])
    expect(titles).toEqual([
      'Why it matters',
      'How production feels it',
      'What to do instead',
      'Step by step',
      'Found',
      'Not found',
      'When it may be a false alarm',
    ])
    expect(page).toContain('\n1. CREATE INDEX CONCURRENTLY')
  })
})
