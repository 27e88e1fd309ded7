import { describe, expect, it } from 'vitest'
import type { Check, Mutant } from '../../../src/gate/check.ts'
import { type DrillRow, notHere } from '../../../src/gate/drill/drill.ts'
import { drillJudges } from '../../../src/gate/drill/judges.ts'
import { evaluate, type Question } from '../../../src/gate/evaluate.ts'
import { cannotProve, refuse, warn } from '../../../src/gate/finding.ts'
import { type Kind, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY, type Policy } from '../../../src/gate/policy.ts'
import type { Settled } from '../../../src/gate/verdict.ts'

interface Seen {
  readonly harms: readonly string[]
}
const seen: Kind<Seen> = {
  name: 'seen',
  version: 1,
  parse: () => Promise.reject(new Error('nothing comes from outside')),
}
const other: Kind<Seen> = {
  name: 'other',
  version: 1,
  parse: () => Promise.reject(new Error('nothing comes from outside')),
}

const where = { file: 'db/2.sql', line: 3, column: 1 }
const table = 'table public.users'

/** Says one thing for each harm that it sees. */
const judging = (change: Partial<Check> = {}): Check => ({
  id: 'a-check',
  version: 1,
  question: 'Is there harm?',
  needs: [seen],
  uses: [],
  explanations: [],
  judge: (observations) => ({
    findings: observations.need(seen).harms.flatMap((harm) => {
      if (harm === 'unseen') return []
      const finding = { code: harm, message: harm, where, subject: table }
      if (harm.startsWith('unproven/')) return [cannotProve(finding)]
      return [harm.startsWith('style/') ? warn(finding) : refuse(finding)]
    }),
    proved: ['it was looked at'],
  }),
  ...change,
})

const settler = (settled: readonly Settled[]): Check => ({
  ...judging({ id: 'b-check', needs: [other] }),
  judge: () => ({ findings: [], proved: ['it was tried'], settled }),
})

const set = (...harms: readonly string[]): Observations =>
  new Observations([observed(seen, 'w', { harms }), observed(other, 'w', { harms: [] })])

const mutant = (harm: string, change: Partial<Mutant> = {}): Mutant => ({
  name: `with ${harm}`,
  why: 'it passed elsewhere',
  damage: (one) => one.with(observed(seen, 'w', { harms: [...one.need(seen).harms, harm] })),
  ...change,
})

const NOTHING: Policy = { ...DEFAULT_POLICY, required: { 'pull-request': [], deploy: [] } }

function drill(mutants: readonly Mutant[], change: Partial<Question> = {}, check = 'a-check'): readonly DrillRow[] {
  const question: Question = {
    subjects: [{ name: 'db', observations: set() }],
    checks: [judging()],
    policy: NOTHING,
    action: 'pull-request',
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    isPartial: false,
    ...change,
  }
  return drillJudges(question, evaluate(question), new Map([[check, mutants]]))
}

describe('a mutant that is let through says what opens the way', () => {
  it('an entry of the policy', () => {
    const accept = [{ code: 'lock/x', reason: 'a small table', author: 'ada', expires: '2027-01-01' }]
    const [row] = drill([mutant('lock/x')], { policy: { ...NOTHING, accept } })
    expect(row).toMatchObject({
      outcome: 'survived',
      by: [],
      why: 'accepted by the policy: lock/x until 2027-01-01 by ada (a small table)',
    })
    // The same for a code that no other check may answer for.
    const ledger = accept.map((one) => ({ ...one, code: 'ledger/x' }))
    expect(drill([mutant('ledger/x')], { policy: { ...NOTHING, accept: ledger } })[0]?.outcome).toBe('survived')
    expect(drill([mutant('ledger/x')])[0]).toMatchObject({ outcome: 'refused', by: ['ledger/x'] })
    // Accepted in another file it is not.
    const elsewhere = accept.map((one) => ({ ...one, file: 'db/1.sql' }))
    expect(drill([mutant('lock/x')], { policy: { ...NOTHING, accept: elsewhere } })[0]).toMatchObject({
      outcome: 'refused',
      by: ['lock/x'],
    })
  })

  it('a comment in a file', () => {
    const statement = { line: 3, column: 1, endLine: 3, endColumn: 30 }
    const allow = { code: 'lock/x', reason: 'empty', where: { ...where, line: 2 }, statement }
    const check = judging()
    const allowing = judging({
      judge: (observations, context) => ({ ...check.judge(observations, context), allows: [allow] }),
    })
    expect(drill([mutant('lock/x')], { checks: [allowing] })[0]).toMatchObject({
      outcome: 'survived',
      why: 'allowed by the comment at db/2.sql:2: lock/x (empty); the policy lets a comment accept lock',
    })
    expect(drill([mutant('data-loss/x')], { checks: [allowing] })[0]?.outcome).toBe('refused')
  })

  it('another check that proves it to be no harm', () => {
    const settled = [{ code: 'lock/x', where, endLine: 3, subject: table, why: 'the table has 3 rows' }]
    expect(drill([mutant('lock/x')], { checks: [judging(), settler(settled)] })[0]).toMatchObject({
      outcome: 'survived',
      why: 'overruled by b-check: lock/x (the table has 3 rows)',
    })
  })

  it('a setting of the policy that is looser than the default', () => {
    const loose = judging({
      judge: (observations, { settings }) => {
        const { harms } = observations.need(seen)
        const isStale = harms.includes('stale') && settings.staleQueriesPercent < 50
        const finding = { code: 'compat/stale', message: 'stale', where, subject: table }
        return { findings: isStale ? [refuse(finding)] : [], proved: ['it was looked at'] }
      },
    })
    const settings = { ...NOTHING.settings, staleQueriesPercent: 90, requireDowns: true }
    expect(drill([mutant('stale')], { checks: [loose], policy: { ...NOTHING, settings } })[0]).toMatchObject({
      outcome: 'survived',
      why: 'the policy lets it through; with staleQueriesPercent: 20 it is refused',
    })
    expect(drill([mutant('stale')], { checks: [loose] })[0]?.outcome).toBe('refused')
  })

  it('a check that did not run', () => {
    const [row] = drill([mutant('lock/x')], { checks: [settler([])] })
    expect(row).toMatchObject({
      outcome: 'survived',
      why: 'a-check did not run, and the policy does not require it for a pull request',
    })
    const policy = { ...NOTHING, required: { 'pull-request': ['a-check'], deploy: [] } }
    expect(drill([mutant('lock/x')], { checks: [settler([])], policy })[0]?.outcome).toBe('unproven')
    expect(drill([mutant('lock/x')], { checks: [settler([])], policy, isPartial: true })[0]).toMatchObject({
      outcome: 'survived',
      why: 'a-check did not run: the run was limited by --only',
    })
  })

  it('a judge that does not see it, only warns, or does not apply', () => {
    const rows = drill([mutant('unseen'), mutant('style/x')])
    expect(rows.map((row) => row.why)).toEqual(['a-check does not see it', 'a-check only warns of it: style/x'])
    expect(rows.every((row) => row.outcome === 'survived')).toBe(true)
    const applicability = () => ({ applies: false, reason: 'nothing is pending' }) as const
    expect(drill([mutant('lock/x')], { checks: [judging({ applicability }), settler([])] })[0]).toMatchObject({
      outcome: 'survived',
      why: 'a-check does not apply: nothing is pending',
    })
  })

  it('what only other checks say does not count for the judge of the mutant', () => {
    const loud = { ...settler([]), needs: [seen] }
    const strict: Check = { ...loud, judge: judging().judge }
    const blind = judging({ judge: () => ({ findings: [], proved: ['nothing was looked at'] }) })
    expect(drill([mutant('lock/x')], { checks: [blind, strict] })[0]).toMatchObject({
      outcome: 'survived',
      why: 'a-check does not see it',
    })
  })
})

describe('what is no hole', () => {
  it('a harm under other settings, or for another action', () => {
    const strict = judging({
      judge: (observations, { settings, action }) => {
        const { harms } = observations.need(seen)
        const isHarm = harms.includes('down') ? settings.requireDowns : harms.includes('late') && action === 'deploy'
        const finding = { code: 'apply/x', message: 'x', where, subject: table }
        return { findings: isHarm ? [refuse(finding)] : [], proved: ['it was looked at'] }
      },
    })
    const settings = { ...NOTHING.settings, requireDowns: true }
    const rows = drill([mutant('down', { context: { settings } }), mutant('late', { context: { action: 'deploy' } })], {
      checks: [strict],
    })
    expect(rows.map(({ outcome, why }) => [outcome, why])).toEqual([
      ['not-here', 'it is only refused where the policy says requireDowns: true'],
      ['not-here', 'it is only refused for a deploy'],
    ])
    // What is no harm under those settings either has nothing to hide behind.
    expect(drill([mutant('unseen', { context: { settings } })], { checks: [strict] })[0]?.outcome).toBe('survived')
  })

  it('one that cannot be made here, or from the sample alone', () => {
    const absent = mutant('x', { damage: () => notHere('there is no table') })
    const rows = drill([absent, mutant('lock/x', { sampleOnly: 'no run knows the time' })])
    expect(rows).toMatchObject([{ outcome: 'not-here', by: [], why: 'there is no table' }])
  })
})

describe('what shows nothing', () => {
  it('a mutant that changes nothing, or cannot be made at all', () => {
    const same = mutant('same', { damage: (one) => one.with(observed(seen, 'w', { harms: [] })) })
    const thrown = mutant('thrown', {
      damage: () => {
        throw new Error('no such member')
      },
    })
    const rows = drill([same, thrown])
    expect(rows.map((row) => row.outcome)).toEqual(['unproven', 'unproven'])
    expect(rows[0]?.why).toContain('changed nothing')
    expect(rows[1]?.why).toContain('no such member')
  })

  it('a run that is refused already: only what is added counts', () => {
    const subjects = [{ name: 'db', observations: set('data-loss/x') }]
    const rows = drill([mutant('lock/x'), mutant('unproven/y'), mutant('data-loss/x'), mutant('unseen')], { subjects })
    expect(rows.map((row) => row.outcome)).toEqual(['refused', 'refused', 'unproven', 'unproven'])
    expect(rows[0]?.by).toEqual(['lock/x'])
    expect(rows[3]?.why).toContain('is refused as it is')
  })
})

it('each subject is tried for itself, and the others stay as they are', () => {
  const subjects = [
    { name: 'one', observations: set() },
    { name: 'two', observations: set() },
  ]
  const rows = drill([mutant('lock/x')], { subjects })
  expect(rows.map(({ subject, outcome }) => [subject, outcome])).toEqual([
    ['one', 'refused'],
    ['two', 'refused'],
  ])
  expect(rows[0]).toMatchObject({ tier: 'judge', check: 'a-check', world: 'with lock/x', title: 'with lock/x' })
})

it('a judgement is remembered for the very same observations, settings and action alone', () => {
  let judged = 0
  const counting = judging({
    judge: (observations, context) => {
      judged += 1
      return judging().judge(observations, context)
    },
  })
  const away = mutant('x', { damage: (one) => one.with(observed(other, 'w', { harms: ['x'] })) })
  drill([away, away, away], { checks: [counting] })
  // Once for the base run, once for the drill, and under the default settings nothing else is asked.
  expect(judged).toBe(2)
})

describe('of the other checks only those are asked that can answer for what this one says', () => {
  const settled = [{ code: 'lock/x', where, endLine: 3, subject: table, why: 'the table has 3 rows' }]
  const counted = (change: Partial<Check>): { readonly check: Check; readonly judged: () => number } => {
    let judged = 0
    const judge: Check['judge'] = (...asked) => {
      judged += 1
      return settler(settled).judge(...asked)
    }
    return { check: { ...settler(settled), needs: [seen], judge, ...change }, judged: () => judged }
  }

  it('one that cannot is not judged for a refusal that others might answer for', () => {
    const idle = counted({ canAnswerForOthers: false })
    expect(drill([mutant('lock/x'), mutant('lock/y')], { checks: [judging(), idle.check] })).toMatchObject([
      { outcome: 'refused', by: ['lock/x'] },
      { outcome: 'refused', by: ['lock/y'] },
    ])
    // By the base run alone.
    expect(idle.judged()).toBe(1)
    const able = counted({})
    const rows = drill([mutant('lock/x'), mutant('lock/y')], { checks: [judging(), able.check] })
    expect(rows.map(({ outcome }) => outcome)).toEqual(['survived', 'refused'])
    expect(able.judged()).toBeGreaterThan(2)
  })

  it('what is said of the run as it is counts as little as ever, settled or not', () => {
    const subjects = [{ name: 'db', observations: set('lock/y') }]
    const rows = drill([mutant('lock/y'), mutant('lock/x')], { subjects, checks: [judging(), settler(settled)] })
    expect(rows.map(({ outcome }) => outcome)).toEqual(['unproven', 'survived'])
  })
})
