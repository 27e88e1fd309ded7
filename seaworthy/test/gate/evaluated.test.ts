import { describe, expect, it } from 'vitest'
import { sha256, canonicalJson } from '../../src/gate/canonical.ts'
import type { Check } from '../../src/gate/check.ts'
import { type Question, evaluate } from '../../src/gate/evaluate.ts'
import { type BundleAbout, bundle, observationDigest } from '../../src/gate/evidence.ts'
import { cannotProve, type Finding, note, refuse, warn } from '../../src/gate/finding.ts'
import type { Obligation } from '../../src/gate/obligation.ts'
import { type Kind, type Observation, Observations, notObserved, observed } from '../../src/gate/observation.ts'
import { DEFAULT_POLICY, type Policy } from '../../src/gate/policy.ts'
import type { Judgement } from '../../src/gate/verdict.ts'

/** Checks whose judgements are the observations themselves: what is tested is the gate around them. */
const kindOf = (name: string): Kind<Judgement> => ({
  name,
  version: 1,
  parse: () => Promise.reject(new Error('not from outside')),
})
const parrot = (name: string, change: Partial<Check> = {}): Check => ({
  id: name,
  version: 7,
  question: 'What were we told?',
  needs: [kindOf(name)],
  uses: [],
  judge: (observations) => observations.need(kindOf(name)),
  explanations: [{ code: `lock/${name}`, title: '', why: '', instead: '' }],
  ...change,
})
const says = (name: string, judgement: Partial<Judgement> = {}): Observation =>
  observed(kindOf(name), 'test', { findings: [], proved: ['it holds'], ...judgement })

const policy: Policy = { ...DEFAULT_POLICY, required: { 'pull-request': ['a'], deploy: ['a', 'b'] } }
const ask = (change: Partial<Question> & { readonly of?: readonly (readonly Observation[])[] } = {}): Question => {
  const { of = [[says('a')]], ...rest } = change
  return {
    subjects: of.map((list, at) => ({ name: `folder ${at + 1}`, observations: new Observations(list) })),
    checks: [parrot('a')],
    policy,
    action: 'pull-request',
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    isPartial: false,
    ...rest,
  }
}
const place = { file: 'a.sql', line: 1, column: 1 }
const locked = refuse({ code: 'lock/a', message: 'locks', where: place, subject: 'table t' })
const acceptance = { code: 'lock/a', reason: 'small', author: 'ada', expires: '2026-12-31' }

describe('the gate', () => {
  it('passes only what proved something', () => {
    expect(evaluate(ask())).toMatchObject({ verdict: 'pass', policyFindings: [], accepted: [], obligations: [] })
    expect(evaluate(ask({ of: [] })).verdict).toBe('unproven')
    expect(evaluate(ask({ checks: [], isPartial: true })).verdict).toBe('unproven')
    expect(evaluate(ask({ of: [[says('a', { proved: [] })]] })).verdict).toBe('unproven')
  })

  it('lets no folder stand for its neighbour', () => {
    const shy = parrot('a', {
      applicability: (observations) =>
        observations.need(kindOf('a')).proved.length > 0 ? { applies: true } : { applies: false, reason: 'nothing' },
    })
    const { verdict, results } = evaluate(ask({ of: [[says('a')], [says('a', { proved: [] })]], checks: [shy] }))
    expect(results.map((one) => [one.subject, one.verdict])).toEqual([
      ['folder 1', 'pass'],
      ['folder 2', 'not-applicable'],
    ])
    expect(verdict).toBe('unproven')
  })

  it('asks for the checks that the policy requires for the action', () => {
    const { verdict, policyFindings } = evaluate(ask({ action: 'deploy' }))
    expect(verdict).toBe('unproven')
    expect(policyFindings).toEqual([
      cannotProve({
        code: 'policy/required-check-missing',
        message: 'the policy requires the check b, and it did not run',
        subject: 'b',
        hint: 'Run without --only, or take the check out of the policy (which needs a reason in its review).',
      }),
    ])
    expect(evaluate(ask({ action: 'deploy', isPartial: true }))).toMatchObject({ verdict: 'pass', policyFindings: [] })
  })

  it('tells the action to those who judge', () => {
    const actions: unknown[] = []
    const curious = parrot('a', {
      judge: (_, context) => {
        actions.push(context)
        return { findings: [], proved: ['x'] }
      },
    })
    evaluate(ask({ action: 'deploy', checks: [curious], isPartial: true }))
    expect(actions).toEqual([{ action: 'deploy', evaluatedAt: '2026-11-21T12:00:00.000Z', settings: policy.settings }])
  })

  it('a warning of the policy leaves a pass, and makes none', () => {
    const unused = { ...policy, accept: [acceptance] }
    expect(evaluate(ask({ policy: unused }))).toMatchObject({
      verdict: 'pass',
      policyFindings: [{ code: 'policy/unused-acceptance' }],
    })
    expect(evaluate(ask({ policy: unused, of: [] })).verdict).toBe('unproven')
    const expired = { ...policy, accept: [{ ...acceptance, expires: '2026-11-20' }] }
    expect(evaluate(ask({ policy: expired })).verdict).toBe('fail')
  })

  it('speaks of an unused acceptance only where its code was asked for', () => {
    const codes = (code: string, isPartial: boolean): string[] =>
      evaluate(ask({ policy: { ...policy, accept: [{ ...acceptance, code }] }, isPartial })).policyFindings.map(
        (one) => one.code,
      )
    expect(codes('lock/a', true)).toEqual(['policy/unused-acceptance'])
    expect(codes('lock/other', true)).toEqual([])
    expect(codes('lock/other', false)).toEqual(['policy/unused-acceptance'])
  })

  it('guesses what an acceptance was meant for by what stands, not by notes', () => {
    const elsewhere = { ...policy, accept: [{ ...acceptance, file: 'b.sql' }] }
    const hint = (finding: Finding): string | null | undefined =>
      evaluate(ask({ policy: elsewhere, of: [[says('a', { findings: [finding] })]] })).policyFindings[0]?.hint
    expect(hint(warn({ ...locked }))).toContain('in another file, "a.sql"')
    expect(hint(note({ ...locked }))).toContain('Remove it')
  })

  it('says of everything that was answered for which folder and check it is of', () => {
    const settled = { code: 'lock/c', where: place, endLine: 1, subject: 'table t', why: 'it is small' }
    const allow = {
      code: 'lock/d',
      reason: 'never used',
      where: place,
      statement: { line: 1, column: 1, endLine: 1, endColumn: 9 },
    }
    const [c, d] = [
      { ...locked, code: 'lock/c' },
      { ...locked, code: 'lock/d' },
    ]
    const evaluation = evaluate(
      ask({
        checks: [parrot('a'), parrot('b')],
        policy: { ...policy, accept: [acceptance] },
        of: [[says('a', { findings: [locked, c, d], allows: [allow] }), says('b', { settled: [settled] })]],
      }),
    )
    const by = { subject: 'folder 1', check: 'a' }
    expect(evaluation).toMatchObject({ verdict: 'pass', policyFindings: [] })
    expect(evaluation.accepted).toEqual([{ finding: locked, acceptance, ...by }])
    expect(evaluation.overruled).toEqual([{ finding: c, by: 'b', why: 'it is small', ...by }])
    expect(evaluation.allowed).toEqual([{ finding: d, reason: 'never used', comment: place, ...by }])
    expect(evaluation.results.map((one) => [one.check, one.version, one.verdict, one.proved])).toEqual([
      ['a', 7, 'pass', ['it holds']],
      ['b', 7, 'pass', ['it holds']],
    ])
  })

  it('asks each question of production once', () => {
    const obligation = (id: string): Obligation => ({
      id,
      question: `is ${id}?`,
      subject: 's',
      where: null,
      sql: '',
      rowsSql: '',
      failsFrom: 1,
      consequence: '',
      code: 'obligation/unique',
    })
    const of = [
      [says('a', { obligations: [obligation('1'), obligation('2')] })],
      [says('a', { obligations: [obligation('2'), obligation('3')] })],
    ]
    expect(evaluate(ask({ of })).obligations.map((one) => one.id)).toEqual(['1', '2', '3'])
  })

  it('reads files that came with the release as the policy says', () => {
    const given = [{ as: 'shape', file: 's.json', change: 'edited', base: null, why: null }] as const
    expect(evaluate(ask({ given }))).toMatchObject({ verdict: 'pass', policyFindings: [{ severity: 'warning' }] })
    expect(evaluate(ask({ given, policy: { ...policy, changedInputs: 'refuse' } })).verdict).toBe('fail')
  })
})

describe('the bundle', () => {
  const about: BundleAbout = {
    toolVersion: '9.9.9',
    candidate: { commit: 'c', tree: 't', isDirty: false, images: [], buildInfo: null, migrations: [] },
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
  const other = notObserved(kindOf('b'), 'file', 'nein: \u00fc')
  const of = [[says('a')], [says('a'), other]]

  it('names every folder, observation, check and file, and how it was made', () => {
    const question = ask({ of, action: 'deploy', isPartial: true })
    const files = bundle(question, evaluate(question), about)
    const paths = [
      'observations/1/a.json',
      'observations/2/a.json',
      'observations/2/b.json',
      'policy.json',
      'findings.json',
    ]
    expect([...files.keys()]).toEqual([...paths, 'manifest.json'])
    expect(files.get('observations/2/b.json')).toBe(canonicalJson(other))
    expect(files.get('policy.json')).toBe(canonicalJson(policy))
    expect(JSON.parse(files.get('manifest.json')!)).toEqual({
      schemaVersion: 2,
      tool: 'seaworthy',
      toolVersion: '9.9.9',
      evaluatedAt: question.evaluatedAt,
      action: 'deploy',
      isPartial: true,
      verdict: 'pass',
      subjects: [
        { name: 'folder 1', observations: ['observations/1/a.json'] },
        { name: 'folder 2', observations: ['observations/2/a.json', 'observations/2/b.json'] },
      ],
      checks: [{ id: 'a', version: 7 }],
      candidate: about.candidate,
      request: about.request,
      files: paths.map((path) => ({
        path,
        sha256: sha256(files.get(path)!),
        bytes: new TextEncoder().encode(files.get(path)).length,
      })),
    })
  })

  it('holds all that was found', () => {
    const question = ask({ of: [[says('a', { findings: [locked] })]] })
    const evaluation = evaluate(question)
    expect(JSON.parse(bundle(question, evaluation, about).get('findings.json')!)).toEqual({
      ...evaluation,
      verdict: 'fail',
    })
  })

  it('holds what came with the release, where something did', () => {
    const given = [{ as: 'shape', file: 's.json', change: 'edited', base: null, why: null }] as const
    const files = (question: Question) => bundle(question, evaluate(question), about)
    expect(files(ask({ given })).get('given.json')).toBe(canonicalJson(given))
    expect(files(ask({ given: [] })).has('given.json')).toBe(false)
    expect(files(ask()).has('given.json')).toBe(false)
  })

  it('an observation is named by the digest of its file', () => {
    expect(observationDigest(other)).toBe(`sha256:${sha256(canonicalJson(other))}`)
  })
})
