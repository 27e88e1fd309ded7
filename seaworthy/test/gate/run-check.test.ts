import { describe, expect, it } from 'vitest'
import { type Check, type JudgeContext, runCheck } from '../../src/gate/check.ts'
import { cannotProve, refuse, warn } from '../../src/gate/finding.ts'
import { type Kind, type Observation, Observations, notObserved, observed } from '../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../src/gate/policy.ts'

const kind = (name: string): Kind<string> => ({
  name,
  version: 2,
  parse: () => Promise.reject(new Error('not from outside')),
})
const [needed, used] = [kind('tree'), kind('ledger')]
const context: JudgeContext = { evaluatedAt: '2026-11-21T12:00:00.000Z', settings: DEFAULT_POLICY.settings }
const check: Check = {
  id: 'one',
  version: 3,
  question: 'Is it so?',
  needs: [needed],
  uses: [used],
  judge: () => ({ findings: [], proved: ['it is so'] }),
  explanations: [],
}
const base = {
  check: 'one',
  version: 3,
  findings: [],
  proved: [],
  obligations: [],
  settled: [],
  allows: [],
  reason: null,
}
const seen = observed(needed, 'folder', 'x')
const run = (observations: readonly Observation[], change: Partial<Check> = {}) =>
  runCheck({ ...check, ...change }, new Observations(observations), context)

describe('a check that is run', () => {
  it('says what its judge says, with nothing where it says nothing', () => {
    expect(run([seen])).toEqual({ ...base, verdict: 'pass', proved: ['it is so'] })
    const finding = warn({ code: 'lock/a', message: 'm' })
    const place = { file: 'a.sql', line: 1, column: 1 }
    const all = {
      findings: [finding, refuse({ code: 'lock/b', message: 'n' })],
      proved: [],
      obligations: [],
      settled: [{ code: 'lock/a', where: place, endLine: 1, subject: 's', why: 'w' }],
      allows: [{ code: 'lock/a', reason: 'r', where: place, statement: null }],
    }
    expect(run([seen], { judge: () => all })).toEqual({ ...base, verdict: 'fail', ...all })
    // Others are told without asking it, so that its answers must never count.
    const silent = { judge: () => all, canAnswerForOthers: false } as const
    expect(run([seen], silent)).toEqual({ ...base, verdict: 'fail', ...all, settled: [], allows: [] })
  })

  it('judges what it was given, under the policy of the run', () => {
    const judged: unknown[] = []
    const observations = new Observations([seen])
    const judge: Check['judge'] = (...given) => {
      judged.push(...given)
      return { findings: [], proved: [] }
    }
    runCheck({ ...check, judge }, observations, context)
    expect(judged).toEqual([observations, context])
  })

  it('does not apply for a reason that was observed, and judges where it applies', () => {
    const shy = run([seen], { applicability: () => ({ applies: false, reason: 'no downs' }) })
    expect(shy).toEqual({ ...base, verdict: 'not-applicable', reason: 'no downs' })
    expect(run([seen], { applicability: () => ({ applies: true }) }).verdict).toBe('pass')
  })

  const missing = (subject: string, reason: string, more: { hint?: string; cause?: string } = {}) =>
    cannotProve({
      code: 'unproven/not-observed',
      message: `${subject} could not be observed: ${reason}`,
      subject,
      ...more,
    })
  const gone = notObserved(needed, 'folder', 'no such folder', 'name another')
  const old = { ...seen, version: 1 }
  it.each<[string, readonly Observation[], readonly unknown[]]>([
    ['nobody looked', [], [missing('tree', 'nobody looked')]],
    ['it failed', [gone], [missing('tree', 'no such folder', { hint: 'name another', cause: 'no such folder' })]],
    ['it is of another version', [old], [missing('tree', 'it is of version 1, and this judge knows version 2')]],
    [
      'something that is used could not be looked at',
      [seen, notObserved(used, 'file', 'no such file')],
      [missing('ledger', 'no such file', { cause: 'no such file' })],
    ],
    [
      'neither is there',
      [notObserved(used, 'file', 'no such file')],
      [missing('tree', 'nobody looked'), missing('ledger', 'no such file', { cause: 'no such file' })],
    ],
  ])('is unproven where %s', (_, observations, findings) => {
    const judge: Check['judge'] = () => {
      throw new Error('it was judged')
    }
    const applicability: Check['applicability'] = () => ({ applies: false, reason: 'a way out' })
    expect(run(observations, { judge, applicability })).toEqual({ ...base, verdict: 'unproven', findings })
  })

  it('judges with what it uses, or without', () => {
    expect(run([seen, observed(used, 'file', 'y')]).verdict).toBe('pass')
    expect(run([seen, { ...observed(used, 'file', 'y'), version: 1 }]).verdict).toBe('unproven')
  })

  it.each<[string, Partial<Check>, string]>([
    [
      'its judge',
      {
        judge: () => {
          throw new Error('a bug')
        },
      },
      'a bug',
    ],
    [
      'its applicability',
      {
        applicability: () => {
          // Whatever is thrown: a library may throw a text.
          // oxlint-disable-next-line typescript/only-throw-error
          throw 'a text'
        },
      },
      'a text',
    ],
  ])('is unproven where %s throws', (_, change, said) => {
    expect(run([seen], change)).toEqual({
      ...base,
      verdict: 'unproven',
      findings: [
        cannotProve({
          code: 'unproven/judge-error',
          message: `the judge of one stopped: ${said}`,
          subject: 'one',
          hint: 'This is a bug in Seaworthy: please report it with the evidence folder (--evidence DIR).',
        }),
      ],
    })
  })
})
