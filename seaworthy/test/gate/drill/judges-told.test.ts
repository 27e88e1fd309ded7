import { describe, expect, it } from 'vitest'
import type { Check, Mutant } from '../../../src/gate/check.ts'
import type { DrillRow } from '../../../src/gate/drill/drill.ts'
import { drillJudges } from '../../../src/gate/drill/judges.ts'
import { evaluate, type Question } from '../../../src/gate/evaluate.ts'
import { cannotProve, type Finding, note, refuse, warn } from '../../../src/gate/finding.ts'
import { type Kind, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY, type Policy } from '../../../src/gate/policy.ts'

const kindOf = (name: string): Kind<readonly string[]> => ({
  name,
  version: 1,
  parse: () => Promise.reject(new Error('nothing comes from outside')),
})
const seen = kindOf('seen')
const other = kindOf('other')
const third = kindOf('third')
const set = (...harms: readonly string[]): Observations =>
  new Observations([observed(seen, 'w', harms), observed(other, 'w', [])])

const WHERE = { file: 'db/2.sql', line: 3, column: 1 }
const SAID = { message: 'm', where: WHERE, subject: 'table a' }

/** Says what it is told to, and proves something unless one of the harms is `nothing`. */
const judging = (say: (harm: string) => readonly Finding[], change: Partial<Check> = {}): Check => ({
  id: 'a-check',
  version: 1,
  question: 'Is there harm?',
  needs: [seen],
  uses: [other],
  explanations: [],
  judge: (observations) => {
    const harms = observations.need(seen)
    return { findings: harms.flatMap(say), proved: harms.includes('nothing') ? [] : ['it was looked at'] }
  },
  ...change,
})
const refusing = judging((code) => (['nothing', 'unseen'].includes(code) ? [] : [refuse({ ...SAID, code })]))

const mutant = (harm: string): Mutant => ({
  name: `with ${harm}`,
  why: 'w',
  damage: (one) => one.with(observed(seen, 'w', [...one.need(seen), harm])),
})
const POLICY: Policy = { ...DEFAULT_POLICY, required: { 'pull-request': [], deploy: [] } }

function drill(mutants: readonly Mutant[], check = refusing, change: Partial<Question> = {}): readonly DrillRow[] {
  const question: Question = {
    subjects: [{ name: 'db', observations: set() }],
    checks: [check],
    policy: POLICY,
    action: 'pull-request',
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    isPartial: false,
    ...change,
  }
  return drillJudges(question, evaluate(question), new Map([['a-check', mutants]]))
}
const ROW = { tier: 'judge', check: 'a-check', subject: 'db', family: null } as const
const named = (name: string) => ({ ...ROW, world: name, title: name })

describe('a mutant is refused', () => {
  it('by what the check says of it, each code once', () => {
    const twice = judging((code) => [
      refuse({ ...SAID, code }),
      refuse({ ...SAID, code, subject: 'table b' }),
      cannotProve({ ...SAID, code: 'unproven/y' }),
      warn({ ...SAID, code: 'lock/w' }),
      note({ ...SAID, code: 'lock/n' }),
    ])
    const refused = { ...named('with lock/x'), outcome: 'refused', by: ['lock/x', 'unproven/y'], why: null }
    expect(drill([mutant('lock/x')], twice)).toEqual([refused])
    // Where a comment or another check could answer for all of it, nobody does.
    expect(drill([mutant('lock/x')])).toEqual([{ ...refused, by: ['lock/x'] }])
  })

  it.each([
    ['code', 'lock/y', {}],
    ['place', 'lock/x', { where: { ...WHERE, line: 9 } }],
    ['subject', 'lock/x', { subject: 'table b' }],
    ['outcome', 'lock/x', { outcome: 'unproven' as const }],
  ])('by what is new in its %s alone', (_, code, change) => {
    const check = judging((harm) => {
      const said = refuse({ ...SAID, code: 'lock/x' })
      return [harm === 'second' ? { ...said, code, ...change } : said]
    })
    const subjects = [{ name: 'db', observations: set('first') }]
    expect(drill([mutant('second')], check, { subjects })).toMatchObject([{ outcome: 'refused', by: [code] }])
    expect(drill([mutant('third')], check, { subjects })).toMatchObject([{ outcome: 'unproven', by: [] }])
  })

  it('by nothing that it says of the run as it is, and by nothing that somebody answers for', () => {
    const subjects = [{ name: 'db', observations: set('ledger/x') }]
    expect(drill([mutant('ledger/y'), mutant('unseen')], refusing, { subjects })).toMatchObject([
      { outcome: 'refused', by: ['ledger/y'] },
      { outcome: 'unproven', by: [] },
    ])
    const both = judging(() => [refuse({ ...SAID, code: 'lock/x' }), refuse({ ...SAID, code: 'ledger/x' })])
    const policy = { ...POLICY, accept: [{ code: 'lock/x', reason: 'r', author: 'a', expires: '2027-01-01' }] }
    expect(drill([mutant('x')], both, { policy })).toMatchObject([{ outcome: 'refused', by: ['ledger/x'] }])
  })

  it('by what it says itself, in whatever order the checks are asked, and whether or not it answers for others', () => {
    const loud = { ...refusing, id: 'b-check' }
    const blind = judging(() => [])
    for (const checks of [
      [blind, loud],
      [loud, blind],
    ])
      expect(drill([mutant('lock/x'), mutant('ledger/x')], blind, { checks })).toMatchObject([
        { outcome: 'survived', why: 'a-check does not see it' },
        { outcome: 'survived', why: 'a-check does not see it' },
      ])
    const shy: Check = { ...refusing, canAnswerForOthers: false }
    expect(drill([mutant('lock/x')], shy, { checks: [{ ...blind, id: 'b-check' }, shy] })).toMatchObject([
      { outcome: 'refused', by: ['lock/x'] },
    ])
  })

  it('by what it no longer proves', () => {
    const row = { ...named('with nothing'), by: [] }
    const refused = { ...row, outcome: 'refused', why: 'the check proves nothing of it' }
    expect(drill([mutant('nothing')])).toEqual([refused])
    const silent = (said: string) => ({
      ...row,
      outcome: 'unproven',
      why: `the last run is refused as it is, and the mutant adds nothing to what a-check says: ${said}`,
    })
    const subjects = [
      { name: 'db', observations: set('nothing') },
      { name: 'other', observations: set() },
    ]
    // Each folder by what was said of it before.
    expect(drill([mutant('nothing')], refusing, { subjects })).toEqual([
      silent('nothing is proved'),
      { ...refused, subject: 'other' },
    ])
    const instead: Mutant = { ...mutant('nothing'), damage: () => set('nothing') }
    const standing = [{ name: 'db', observations: set('ledger/x') }]
    expect(drill([instead], refusing, { subjects: standing })).toEqual([silent('ledger/x')])
  })
})

describe('what could be answered for', () => {
  const accept = [{ code: 'data-loss/x', reason: 'r', author: 'a', expires: '2027-01-01' }]

  it('is asked of the whole gate: an acceptance for another subject lets nothing through', () => {
    const policy = { ...POLICY, accept: accept.map((one) => ({ ...one, subject: 'table b' })) }
    expect(drill([mutant('data-loss/x')], refusing, { policy })).toMatchObject([
      { outcome: 'refused', by: ['data-loss/x'], why: null },
    ])
    expect(drill([mutant('data-loss/x')], refusing, { policy: { ...POLICY, accept } })).toMatchObject([
      { outcome: 'survived', by: [] },
    ])
  })

  it.each<[string, boolean, Partial<Finding>, string?]>([
    ['ledger/x', false, {}],
    ['ledger/x', false, {}, 'ledger/y'],
    ['ledger/x', true, {}, 'ledger/x'],
    ['repeat/x', true, {}],
    ['repeat/x', true, { where: null }],
    ['security/x', true, {}],
    ['security/x', false, { where: null }],
    ['repeat/x', false, { outcome: 'unproven' }],
    ['repeat/x', false, { outcome: 'unproven' }, 'repeat/x'],
  ])('is %s: %s, with %j, where the policy accepts %s', (code, isAnswerable, change, accepted) => {
    let judged = 0
    const judge: Check['judge'] = () => {
      judged += 1
      return { findings: [], proved: ['p'] }
    }
    const check = judging((harm) => [{ ...refuse({ ...SAID, code: harm }), ...change }])
    const codes = [accepted ?? 'x/x', 'y/y']
    const policy = { ...POLICY, accept: codes.map((one) => ({ ...accept[0]!, code: one, file: 'db/1.sql' })) }
    const rows = drill([mutant(code)], check, { policy, checks: [check, { ...check, id: 'b-check', judge }] })
    expect(rows).toMatchObject([{ outcome: 'refused', by: [code] }])
    // Another check is asked by the base run, and once more of the run and of the mutant where it could answer.
    expect(judged).toBe(isAnswerable ? 3 : 1)
  })

  const settled = [{ code: 'repeat/x', where: WHERE, endLine: 3, subject: SAID.subject, why: 'never twice' }]
  /** Answers for it as long as nobody damages what it looks at. */
  const settler = judging(() => [], {
    id: 'b-check',
    judge: (observations) => ({
      findings: [],
      proved: ['p'],
      settled: observations.need(other).length === 0 ? settled : [],
    }),
  })

  it('is all asked, if one of it may be', () => {
    const both = judging((code) => [refuse({ ...SAID, code: 'repeat/x' }), refuse({ ...SAID, code })])
    expect(drill([mutant('ledger/x')], both, { checks: [both, settler] })).toMatchObject([
      { outcome: 'refused', by: ['ledger/x'] },
    ])
  })

  it('stands where the mutant takes the answer away, although the check says what it said before', () => {
    const question = { checks: [refusing, settler], subjects: [{ name: 'db', observations: set('repeat/x') }] }
    const away: Mutant = { ...mutant('x'), damage: (one) => one.with(observed(other, 'w', ['x'])) }
    expect(drill([away, mutant('unseen')], refusing, question)).toMatchObject([
      { outcome: 'refused', by: ['repeat/x'] },
      { outcome: 'survived', by: [] },
    ])
  })
})

describe('a mutant that shows nothing', () => {
  const made = (damage: Mutant['damage']): readonly DrillRow[] => drill([{ name: 'm', why: 'w', damage }])

  it('could not be made', () => {
    const why = (reason: string): string => `the mutant could not be made, which is a bug in Seaworthy: ${reason}`
    const row = { ...named('m'), outcome: 'unproven', by: [] }
    const thrown = (what: unknown) =>
      made(() => {
        throw what
      })
    expect(thrown(new Error('no such member'))).toEqual([{ ...row, why: why('no such member') }])
    expect(thrown('a text')).toEqual([{ ...row, why: why('a text') }])
  })

  it('changed nothing: neither a kind more or less, nor what one holds', () => {
    const nothing = {
      ...named('m'),
      outcome: 'unproven',
      by: [],
      why: 'the mutant changed nothing, which is a bug in Seaworthy',
    }
    expect(made((one) => one)).toEqual([nothing])
    expect(made(() => set())).toEqual([nothing])
    expect(made((one) => one.with(observed(seen, 'w', [])))).toEqual([nothing])
    const survived = { outcome: 'survived', why: 'a-check does not see it' }
    expect(made((one) => one.with(observed(third, 'w', [])))).toMatchObject([survived])
    expect(made(() => new Observations([observed(seen, 'w', [])]))).toMatchObject([survived])
    expect(made(() => new Observations([observed(seen, 'w', []), observed(third, 'w', [])]))).toMatchObject([survived])
    expect(made((one) => one.with(observed(other, 'w', ['x'])))).toMatchObject([survived])
  })
})

describe('what was judged is remembered', () => {
  /** How often it judges, with its own harm under other settings or for another action. */
  function counted(mutants: readonly Mutant[], change: Partial<Question> = {}): number {
    let judged = 0
    const check = judging(() => [], {
      judge: (observations, { settings, action }) => {
        judged += 1
        const isWrong = observations.need(seen).includes('late') && (settings.requireDowns || action === 'deploy')
        return { findings: isWrong ? [refuse({ ...SAID, code: 'apply/x' })] : [], proved: ['p'] }
      },
    })
    const rows = drill(mutants, check, change)
    expect(rows.map(({ outcome }) => outcome)).toEqual(
      mutants.map(({ context }) => (context ? 'not-here' : 'survived')),
    )
    return judged
  }

  it('for the subjects of the run, by what the check looks at', () => {
    const away: Mutant = { ...mutant('x'), damage: (one) => one.with(observed(third, 'w', [])) }
    const subjects = [
      { name: 'one', observations: set() },
      { name: 'two', observations: set() },
    ]
    // Each subject once by the base run and once by the drill.
    expect(drill([away, away], refusing, { subjects })).toHaveLength(4)
    expect(counted([away, away, away])).toBe(2)
    const used: Mutant = { ...mutant('x'), damage: (one) => one.with(observed(other, 'w', ['x'])) }
    expect(counted([used])).toBe(3)
    expect(counted([used, used])).toBe(4)
  })

  it('but for no other settings and no other action', () => {
    const settings = { ...POLICY.settings, requireDowns: true }
    expect(counted([{ ...mutant('late'), context: { settings } }])).toBe(5)
    expect(counted([{ ...mutant('late'), context: { action: 'deploy' } }])).toBe(5)
  })
})
