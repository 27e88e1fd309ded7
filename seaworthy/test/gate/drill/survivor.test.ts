import { describe, expect, it } from 'vitest'
import type { Check, CheckSettings, Mutant } from '../../../src/gate/check.ts'
import { type LetThrough, whyLetThrough } from '../../../src/gate/drill/survivor.ts'
import type { Evaluation, Question, SubjectResult } from '../../../src/gate/evaluate.ts'
import { cannotProve, type Finding, note, refuse, warn } from '../../../src/gate/finding.ts'
import { type Kind, Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY, type Policy } from '../../../src/gate/policy.ts'

const seen: Kind<{ readonly isHarmed: boolean }> = {
  name: 'seen',
  version: 1,
  parse: () => Promise.reject(new Error('nothing comes from outside')),
}
const looked = (isHarmed: boolean): Observations => new Observations([observed(seen, 'w', { isHarmed })])

const WHERE = { file: 'db/2.sql', line: 3, column: 1 }
const SAID = { code: 'lock/x', message: 'x', where: WHERE, subject: 'table a' }
const OF = { check: 'a-check', subject: 'db' }

const resultOf = (findings: readonly Finding[], change: Partial<SubjectResult> = {}): SubjectResult => ({
  check: 'a-check',
  version: 1,
  verdict: 'pass',
  findings,
  proved: [],
  obligations: [],
  settled: [],
  allows: [],
  reason: null,
  subject: 'db',
  carried: [],
  ...change,
})
const evaluation = (change: Partial<Evaluation> = {}): Evaluation => ({
  verdict: 'pass',
  results: [],
  accepted: [],
  allowed: [],
  overruled: [],
  obligations: [],
  policyFindings: [],
  ...change,
})

/** Refuses what is harmed where `isWrong` says so of the settings and the action. */
const judging = (isWrong: (settings: CheckSettings, action: string | undefined) => boolean): Check => ({
  id: 'a-check',
  version: 1,
  question: 'is it well?',
  needs: [seen],
  uses: [],
  explanations: [],
  judge: (observations, { settings, action }) => ({
    findings: observations.need(seen).isHarmed && isWrong(settings, action) ? [refuse(SAID)] : [],
    proved: ['it was looked at'],
  }),
})
const mutant: Mutant = { name: 'm', why: 'w', damage: (one) => one }
const POLICY: Policy = { ...DEFAULT_POLICY, required: { 'pull-request': ['a-check'], deploy: [] } }

interface Given extends Partial<Omit<LetThrough, 'question' | 'base' | 'after'>> {
  readonly question?: Partial<Question>
  readonly settings?: Partial<CheckSettings>
  readonly base?: Partial<Evaluation>
  readonly after?: Partial<Evaluation>
}

const told = ({ question = {}, settings = {}, base = {}, after = {}, ...rest }: Given) => {
  const subject = { name: 'db', observations: looked(false) }
  return whyLetThrough({
    question: {
      subjects: [subject],
      checks: [judging(() => false)],
      policy: { ...POLICY, settings: { ...POLICY.settings, ...settings } },
      action: 'pull-request',
      evaluatedAt: '2026-11-21T12:00:00.000Z',
      isPartial: false,
      ...question,
    },
    base: evaluation(base),
    after: evaluation(after),
    subject,
    made: looked(true),
    check: 'a-check',
    mutant,
    own: { before: resultOf([]), after: resultOf([]) },
    ...rest,
  })
}
const survived = (why: string) => ({ outcome: 'survived', why })

describe('a check that did not run', () => {
  const own = { before: undefined, after: undefined }

  it('lets everything through where the policy does not require it', () => {
    expect(told({ own, question: { action: 'deploy' } })).toEqual(
      survived('a-check did not run, and the policy does not require it for a deploy'),
    )
    const policy = { ...POLICY, required: { 'pull-request': [], deploy: ['a-check'] } }
    expect(told({ own, question: { policy, isPartial: true } })).toEqual(
      survived('a-check did not run, and the policy does not require it for a pull request'),
    )
  })

  it('was left out by --only, or the gate passes nothing at all', () => {
    expect(told({ own, question: { isPartial: true } })).toEqual(
      survived('a-check did not run: the run was limited by --only'),
    )
    expect(told({ own })).toEqual({
      outcome: 'unproven',
      why: 'a-check did not run; the policy requires it, so that the gate passes nothing at all',
    })
  })
})

describe('somebody answered for it', () => {
  const acceptance = { code: 'lock/x', reason: 'small', author: 'ada', expires: '2027-01-01' }
  const accepted = { ...OF, finding: refuse(SAID), acceptance }

  it('in the policy, within the limits that it has', () => {
    expect(told({ after: { accepted: [accepted] } })).toEqual(
      survived('accepted by the policy: lock/x until 2027-01-01 by ada (small)'),
    )
    const narrow = { ...acceptance, file: 'db/2.sql', subject: 'table a' }
    expect(told({ after: { accepted: [{ ...accepted, acceptance: narrow }] } }).why).toBe(
      'accepted by the policy: lock/x, db/2.sql, table a until 2027-01-01 by ada (small)',
    )
    const inOne = { ...acceptance, subject: 'table a' }
    expect(told({ after: { accepted: [{ ...accepted, acceptance: inOne }] } }).why).toContain(': lock/x, table a until')
  })

  it.each([
    ['of another check', { ...accepted, check: 'b-check' }],
    ['of another folder', { ...accepted, subject: 'other' }],
    ['that refuses nothing', { ...accepted, finding: note(SAID) }],
  ])('but not for a finding %s', (_, entry) => {
    expect(told({ after: { accepted: [entry] } })).toEqual(survived('a-check does not see it'))
  })

  it('but not for one that the run has as it is: by code, place and subject', () => {
    const entries = [accepted]
    expect(told({ base: { accepted: entries }, after: { accepted: entries } }).why).toBe('a-check does not see it')
    for (const change of [{ code: 'lock/y' }, { where: { ...WHERE, line: 4 } }, { subject: 'table b' }]) {
      const another = { ...accepted, finding: refuse({ ...SAID, ...change }) }
      expect(told({ base: { accepted: [another] }, after: { accepted: entries } }).why).toContain('accepted by')
    }
    const elsewhere = [{ ...accepted, check: 'b-check' }]
    expect(told({ base: { accepted: elsewhere }, after: { accepted: entries } }).why).toContain('accepted by')
  })

  it('in a comment, or by what another check saw', () => {
    const comment = { ...WHERE, line: 2 }
    expect(told({ after: { allowed: [{ ...OF, finding: refuse(SAID), reason: 'empty', comment }] } })).toEqual(
      survived('allowed by the comment at db/2.sql:2: lock/x (empty); the policy lets a comment accept lock'),
    )
    const overruled = [{ ...OF, finding: refuse(SAID), by: 'b-check', why: '3 rows' }]
    expect(told({ after: { overruled } })).toEqual(survived('overruled by b-check: lock/x (3 rows)'))
    expect(told({ base: { overruled }, after: { overruled } }).why).toBe('a-check does not see it')
  })
})

describe('it is none here', () => {
  const late = judging((_, action) => action === 'deploy')
  const strict = judging(({ requireDowns }) => requireDowns)
  const context = { settings: { ...DEFAULT_POLICY.settings, requireDowns: true } }

  it('where only another action makes it one', () => {
    const forDeploy = { ...mutant, context: { action: 'deploy' as const } }
    expect(told({ mutant: forDeploy, question: { checks: [late] } })).toEqual({
      outcome: 'not-here',
      why: 'it is only refused for a deploy',
    })
    // For the action that is asked for, it would have been seen.
    expect(told({ mutant: forDeploy, question: { checks: [late], action: 'deploy' } }).outcome).toBe('survived')
    expect(told({ mutant: forDeploy }).outcome).toBe('survived')
    const early = judging((_, action) => action === 'pull-request')
    const forRequest = { ...mutant, context: { action: 'pull-request' as const } }
    expect(told({ mutant: forRequest, question: { checks: [early], action: 'deploy' } }).why).toBe(
      'it is only refused for a pull request',
    )
  })

  it('where only another setting makes it one', () => {
    expect(told({ mutant: { ...mutant, context }, question: { checks: [strict] } })).toEqual({
      outcome: 'not-here',
      why: 'it is only refused where the policy says requireDowns: true',
    })
    expect(told({ mutant: { ...mutant, context } })).toEqual(survived('a-check does not see it'))
    // A run that those settings refuse as it is says nothing of the mutant.
    const already: Check = {
      ...strict,
      judge: (_, { settings }) => strict.judge(looked(true), { settings, evaluatedAt: '' }),
    }
    expect(told({ mutant: { ...mutant, context }, question: { checks: [already] } }).outcome).toBe('survived')
    expect(told({ mutant: { ...mutant, context }, question: { checks: [] } }).outcome).toBe('survived')
  })
})

describe('the policy is looser than the default', () => {
  const LARGE = { rows: 90_000, bytes: 90_000_000 }

  it('in one setting', () => {
    const check = judging(({ staleQueriesPercent }) => staleQueriesPercent < 50)
    const settings = { staleQueriesPercent: 90, largeTable: LARGE }
    expect(told({ settings, question: { checks: [check] } })).toEqual(
      survived('the policy lets it through; with staleQueriesPercent: 20 it is refused'),
    )
  })

  it('in several together', () => {
    const check = judging(({ staleQueriesPercent: stale, largeTable }) => stale < 50 && largeTable.rows < 50_000)
    const settings = { staleQueriesPercent: 90, largeTable: LARGE }
    const why = told({ settings, question: { checks: [check] } }).why
    expect(why).toBe(
      'the policy lets it through; with largeTable: {"rows":10000,"bytes":10000000}, staleQueriesPercent: 20 it is refused',
    )
  })

  it('and that changes nothing', () => {
    const settings = { staleQueriesPercent: 90 }
    expect(told({ settings })).toEqual(survived('a-check does not see it'))
    const unproven: Check = {
      ...judging(() => false),
      judge: (observations, context) => ({
        findings: [],
        proved:
          observations.need(seen).isHarmed && context.settings.staleQueriesPercent < 50 ? [] : ['it was looked at'],
      }),
    }
    expect(told({ settings, question: { checks: [unproven] } }).why).toContain('with staleQueriesPercent: 20')
  })
})

describe('the run is refused as it is', () => {
  const unproven = (before: SubjectResult) => told({ own: { before, after: resultOf([]) } })
  const because = (codes: string) => ({
    outcome: 'unproven',
    why: `the last run is refused as it is, and the mutant adds nothing to what a-check says: ${codes}`,
  })

  it('by what it says, each code once, also where another check tells it', () => {
    const findings = [refuse(SAID), refuse({ ...SAID, subject: 'table b' }), warn({ ...SAID, code: 'lock/w' })]
    expect(unproven(resultOf(findings, { verdict: 'fail' }))).toEqual(because('lock/x'))
    const carried = [{ code: 'lock/c', where: null, subject: null, outcome: 'fail', by: 'b-check' } as const]
    const open = cannotProve({ code: 'unproven/y', message: 'y' })
    expect(unproven(resultOf([open], { verdict: 'unproven', carried }))).toEqual(because('unproven/y, lock/c'))
  })

  it('by having proved nothing', () => {
    expect(unproven(resultOf([], { verdict: 'unproven' }))).toEqual(because('nothing is proved'))
    expect(unproven(resultOf([], { verdict: 'not-applicable' }))).toEqual(survived('a-check does not see it'))
    expect(told({ own: { before: undefined, after: resultOf([]) } })).toEqual(survived('a-check does not see it'))
  })
})

describe('what the check says instead', () => {
  const says = (after: SubjectResult, before: SubjectResult | undefined = resultOf([])) =>
    told({ own: { before, after } }).why

  it('that it does not apply', () => {
    const isNone = { verdict: 'not-applicable' } as const
    expect(says(resultOf([], { ...isNone, reason: 'nothing is pending' }))).toBe(
      'a-check does not apply: nothing is pending',
    )
    expect(says(resultOf([], isNone))).toBe('a-check does not apply: no reason is given')
  })

  it('a warning that it did not give before, each code once', () => {
    const warned = [warn(SAID), warn({ ...SAID, subject: 'table b' }), warn({ ...SAID, code: 'lock/w' }), note(SAID)]
    expect(says(resultOf(warned))).toBe('a-check only warns of it: lock/x, lock/w')
    expect(says(resultOf(warned), resultOf(warned.slice(0, 2)))).toBe('a-check only warns of it: lock/w')
    expect(says(resultOf(warned), resultOf(warned))).toBe('a-check does not see it')
    expect(says(resultOf([note(SAID)]))).toBe('a-check does not see it')
    expect(says(resultOf(warned), undefined)).toBe('a-check only warns of it: lock/x, lock/w')
  })
})
