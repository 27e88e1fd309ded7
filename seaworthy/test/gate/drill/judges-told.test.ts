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
const refusing = judging((code) => (code === 'nothing' ? [] : [refuse({ ...SAID, code })]))

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

  it('by all that it says, where it said nothing of the run as it is', () => {
    const question: Question = {
      subjects: [{ name: 'db', observations: set('ledger/x') }],
      checks: [refusing],
      policy: POLICY,
      action: 'deploy',
      evaluatedAt: '2026-11-21T12:00:00.000Z',
      isPartial: false,
    }
    const base = evaluate({ ...question, checks: [] })
    const rows = drillJudges(question, base, new Map([['a-check', [mutant('ledger/y')]]]))
    expect(rows).toMatchObject([{ outcome: 'refused', by: ['ledger/x', 'ledger/y'] }])
  })

  it('by what it no longer proves', () => {
    const row = { ...named('with nothing'), by: [] }
    expect(drill([mutant('nothing')])).toEqual([{ ...row, outcome: 'refused', why: 'the check proves nothing of it' }])
    const subjects = [{ name: 'db', observations: set('nothing') }]
    expect(drill([mutant('nothing')], refusing, { subjects })).toEqual([
      {
        ...row,
        outcome: 'unproven',
        why: 'the last run is refused as it is, and the mutant adds nothing to what a-check says: nothing is proved',
      },
    ])
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

  it('is what is in a family that comments may accept', () => {
    let judged = 0
    const idle: Check = {
      ...judging(() => []),
      id: 'b-check',
      judge: () => {
        judged += 1
        return { findings: [], proved: ['p'] }
      },
    }
    const count = (code: string): number => {
      judged = 0
      drill([mutant(code)], refusing, { checks: [refusing, idle] })
      return judged
    }
    // By the base run alone, where nobody could answer for it.
    expect(count('ledger/x')).toBe(1)
    expect(count('repeat/x')).toBeGreaterThan(1)
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
    expect(counted([used])).toBeGreaterThan(2)
  })

  it('but for no other settings and no other action', () => {
    const settings = { ...POLICY.settings, requireDowns: true }
    expect(counted([{ ...mutant('late'), context: { settings } }])).toBeGreaterThan(3)
    expect(counted([{ ...mutant('late'), context: { action: 'deploy' } }])).toBeGreaterThan(3)
  })
})
