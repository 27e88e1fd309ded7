import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/gate/canonical.ts'
import type { Check } from '../../src/gate/check.ts'
import { type Question, evaluate } from '../../src/gate/evaluate.ts'
import { type BundleAbout, bundle } from '../../src/gate/evidence.ts'
import { type Finding, cannotProve, note, refuse, warn } from '../../src/gate/finding.ts'
import { type Kind, type Observation, Observations, notObserved, observed } from '../../src/gate/observation.ts'
import { DEFAULT_POLICY, type Policy } from '../../src/gate/policy.ts'
import { type CheckVerdict, type Judgement, combine, isBetter, verdictOf } from '../../src/gate/verdict.ts'

const kind: Kind<Judgement> = {
  name: 'told',
  version: 1,
  parse: () => Promise.reject(new Error('not from outside')),
}
const other: Kind<string> = { name: 'other', version: 1, parse: () => Promise.reject(new Error('not from outside')) }

/** A check whose judgement is the observation itself: what is tested here is the gate around it. */
const parrot: Check = {
  id: 'parrot',
  version: 1,
  question: 'What were we told?',
  needs: [kind],
  uses: [other],
  judge: (observations) => observations.need(kind),
  explanations: [],
}

const policy: Policy = { ...DEFAULT_POLICY, required: { 'pull-request': ['parrot'], deploy: ['parrot'] } }

const ask = (observations: Iterable<Observation>, overrides: Partial<Question> = {}): Question => ({
  subjects: [{ name: 'folder', observations: new Observations(observations) }],
  checks: [parrot],
  policy,
  action: 'pull-request',
  evaluatedAt: '2026-11-21T12:00:00.000Z',
  isPartial: false,
  ...overrides,
})

const told = (findings: Finding[], proved: string[] = ['it holds']): Observation =>
  observed(kind, 'test', { findings, proved })

const finding = fc
  .record({ code: fc.constantFrom('lock/a', 'apply/b', 'data-loss/c'), message: fc.string() })
  .chain((input) => fc.constantFrom(refuse(input), cannotProve(input), warn(input), note(input)))
const findings = fc.array(finding, { maxLength: 6 })
const verdicts = fc.array(fc.constantFrom<CheckVerdict>('pass', 'fail', 'unproven', 'not-applicable'))

describe('verdicts', () => {
  it('of an empty set, and of one in which nothing applied, are unproven', () => {
    expect(combine([])).toBe('unproven')
    expect(combine(['not-applicable', 'not-applicable'])).toBe('unproven')
    expect(evaluate(ask([told([])], { subjects: [] })).verdict).toBe('unproven')
    expect(evaluate(ask([told([])], { checks: [] })).verdict).toBe('unproven')
  })

  it('of a judge that proved nothing is unproven', () => {
    expect(evaluate(ask([told([], [])])).verdict).toBe('unproven')
    expect(evaluate(ask([told([])])).verdict).toBe('pass')
  })

  it('never get better by another failing or unproven finding', () => {
    fc.assert(
      fc.property(findings, fc.constantFrom(refuse, cannotProve), (list, severe) => {
        const before = verdictOf({ findings: list, proved: ['x'] })
        const after = verdictOf({ findings: [...list, severe({ code: 'apply/x', message: 'x' })], proved: ['x'] })
        expect(isBetter(after, before)).toBe(false)
        expect(after).not.toBe('pass')
      }),
    )
  })

  it('of a set are never better than the worst part of it', () => {
    fc.assert(
      fc.property(verdicts, (list) => {
        const worst = (['fail', 'unproven', 'pass'] as const).find((one) => list.includes(one))
        expect(combine(list)).toBe(worst ?? 'unproven')
      }),
    )
  })

  it('are the same each time, and as exit codes of the same question on a copy', () => {
    fc.assert(
      fc.property(findings, fc.array(fc.string({ minLength: 1 })), (list, proved) => {
        const question = ask([told(list, proved)])
        const copy = ask([told(structuredClone(list), [...proved])])
        expect(canonicalJson(evaluate(question))).toBe(canonicalJson(evaluate(copy)))
      }),
    )
  })
})

describe('a partial set of observations', () => {
  it('is unproven when a needed one is missing, failed, or of another version', () => {
    const bad: Observation[][] = [
      [],
      [notObserved(kind, 'test', 'the server refused')],
      [{ kind: 'told', version: 2, witness: 'test', status: 'observed', data: { findings: [], proved: ['x'] } }],
    ]
    for (const observations of bad) {
      const { verdict, results } = evaluate(ask(observations))
      expect(verdict).toBe('unproven')
      expect(results[0]?.findings[0]?.code).toBe('unproven/not-observed')
    }
  })

  it('is unproven when one that was asked for could not be observed', () => {
    expect(evaluate(ask([told([]), notObserved(other, 'test', 'no such file')])).verdict).toBe('unproven')
    expect(evaluate(ask([told([]), observed(other, 'test', 'there')])).verdict).toBe('pass')
  })

  it('cannot be hidden by "not applicable"', () => {
    const shy: Check = { ...parrot, applicability: () => ({ applies: false, reason: 'nothing configured' }) }
    const failed = [told([]), notObserved(other, 'test', 'no such file')]
    expect(evaluate(ask(failed, { checks: [shy] })).verdict).toBe('unproven')
    expect(evaluate(ask([told([])], { checks: [shy] })).results[0]?.verdict).toBe('not-applicable')
  })

  it('is unproven when the judge throws', () => {
    const broken: Check = {
      ...parrot,
      judge: () => {
        throw new Error('a bug')
      },
    }
    const { verdict, results } = evaluate(ask([told([])], { checks: [broken] }))
    expect(verdict).toBe('unproven')
    expect(results[0]?.findings[0]?.code).toBe('unproven/judge-error')
  })

  it('is unproven when another subject proves nothing', () => {
    const good = { name: 'a', observations: new Observations([told([])]) }
    const empty = { name: 'b', observations: new Observations([told([], [])]) }
    expect(evaluate(ask([], { subjects: [good, empty] })).verdict).toBe('unproven')
  })

  it('is unproven when a required check did not run, unless the question is partial', () => {
    const strict = { ...policy, required: { ...policy.required, 'pull-request': ['parrot', 'absent'] } }
    expect(evaluate(ask([told([])], { policy: strict })).verdict).toBe('unproven')
    expect(evaluate(ask([told([])], { policy: strict, isPartial: true })).verdict).toBe('pass')
  })
})

describe('acceptances', () => {
  const acceptance = { code: 'lock/a', reason: 'the table is empty', author: 'ada', expires: '2026-11-21' }
  const locked = refuse({
    code: 'lock/a',
    message: 'locks',
    where: { file: 'a.sql', line: 1, column: 1 },
    subject: 't',
  })
  const run = (list: Finding[], accept: object, evaluatedAt = '2026-11-21T23:59:59.000Z') =>
    evaluate(ask([told(list)], { policy: { ...policy, accept: [{ ...acceptance, ...accept }] }, evaluatedAt }))

  it('turn a refusal into a note that names the reason, to the end of their last day', () => {
    const { verdict, results, accepted } = run([locked], {})
    expect(verdict).toBe('pass')
    expect(results[0]?.findings[0]).toMatchObject({ severity: 'note', outcome: 'none' })
    expect(results[0]?.findings[0]?.message).toContain('the table is empty')
    expect(accepted[0]?.finding).toEqual(locked)
  })

  it('refuse when they are expired, and no longer accept', () => {
    const { verdict, policyFindings, results } = run([locked], {}, '2026-11-22T00:00:00.000Z')
    expect(verdict).toBe('fail')
    expect(results[0]?.verdict).toBe('fail')
    expect(policyFindings[0]?.code).toBe('policy/expired-acceptance')
    expect(run([], {}, '2026-11-22T00:00:00.000Z').verdict).toBe('fail')
  })

  it('warn when nothing uses them', () => {
    expect(run([], {}).policyFindings.map((one) => one.code)).toEqual(['policy/unused-acceptance'])
  })

  it('say what they were probably meant for', () => {
    const hint = (accept: object): string | null | undefined =>
      run([locked], accept).policyFindings.find((one) => one.code === 'policy/unused-acceptance')?.hint
    expect(hint({ file: 'b.sql' })).toContain(`in another file, ${JSON.stringify(locked.where?.file)}`)
    expect(hint({ subject: 'u' })).toContain(`about another subject, ${JSON.stringify(locked.subject)}`)
    expect(hint({ code: 'lock/b' })).toContain('Remove it')
  })

  it('accept only what they name', () => {
    expect(run([locked], { file: 'b.sql' }).verdict).toBe('fail')
    expect(run([locked], { subject: 'u' }).verdict).toBe('fail')
    expect(run([locked], { code: 'lock/b' }).verdict).toBe('fail')
    expect(run([locked], { file: 'a.sql', subject: 't' }).verdict).toBe('pass')
  })

  it('never accept what is unproven, nor findings about the policy', () => {
    const unproven = cannotProve({ code: 'lock/a', message: 'nobody looked' })
    expect(run([unproven], {}).verdict).toBe('unproven')
    const about = refuse({ code: 'policy/allow-without-reason', message: 'no reason' })
    expect(run([about], { code: 'policy/allow-without-reason' }).verdict).toBe('fail')
  })

  it('never improve a verdict beyond what is left', () => {
    fc.assert(
      fc.property(findings, (list) => {
        const accepted = run(list, {}).verdict
        const rest = list.filter((one) => one.code !== 'lock/a' || one.outcome === 'unproven')
        expect(accepted).toBe(verdictOf({ findings: rest, proved: ['x'] }))
      }),
    )
  })
})

const ABOUT: BundleAbout = {
  toolVersion: '0.1.0',
  candidate: { commit: null, tree: null, isDirty: null, images: [], buildInfo: null, migrations: [] },
  request: {
    folders: [],
    since: null,
    all: false,
    branches: false,
    roles: 'single',
    major: null,
    down: 'pending',
    lockTimeoutMs: 1,
    statementTimeoutMs: 1,
    inputs: [],
    server: 'scratch',
  },
}

describe('the evidence bundle', () => {
  it('holds every observation, the findings and the policy, each with its digest', () => {
    const question = ask([told([]), observed(other, 'test', 'there')])
    const files = bundle(question, evaluate(question), ABOUT)
    expect([...files.keys()].toSorted()).toEqual([
      'findings.json',
      'manifest.json',
      'observations/1/other.json',
      'observations/1/told.json',
      'policy.json',
    ])
    const manifest = JSON.parse(files.get('manifest.json') ?? '')
    expect(manifest).toMatchObject({ evaluatedAt: question.evaluatedAt, verdict: 'pass', isPartial: false })
    expect(manifest.files).toHaveLength(4)
    for (const { path } of manifest.files)
      expect(files.get(path)).toBe(canonicalJson(JSON.parse(files.get(path) ?? '')))
  })

  it('is the same text for the same content, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const shuffled = JSON.parse(JSON.stringify(value), (_key, member: unknown) =>
          typeof member === 'object' && member !== null && !Array.isArray(member)
            ? Object.fromEntries(Object.entries(member).toReversed())
            : member,
        )
        expect(canonicalJson(shuffled)).toBe(canonicalJson(JSON.parse(JSON.stringify(value))))
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
