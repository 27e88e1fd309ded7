import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Allow } from '../../src/gate/allow.ts'
import type { Check } from '../../src/gate/check.ts'
import { type Evaluation, type Question, evaluate } from '../../src/gate/evaluate.ts'
import { type Finding, cannotProve, note, notApplied, refuse, warn } from '../../src/gate/finding.ts'
import { isSameHarm, merge } from '../../src/gate/merge.ts'
import { type Kind, Observations, observed } from '../../src/gate/observation.ts'
import { DEFAULT_POLICY, type Policy } from '../../src/gate/policy.ts'
import { type Judgement, type Settled, isBetter, verdictOf } from '../../src/gate/verdict.ts'

const notFromOutside = (): Promise<never> => Promise.reject(new Error('not from outside'))
const kinds: Record<string, Kind<Judgement>> = Object.fromEntries(
  ['static', 'traced'].map((name) => [name, { name, version: 1, parse: notFromOutside }]),
)

/** Checks whose judgements are the observations themselves: what is tested here is the gate around them. */
const parrots: Check[] = Object.values(kinds).map((kind) => ({
  id: kind.name,
  version: 1,
  question: 'What were we told?',
  needs: [kind],
  uses: [],
  judge: (observations) => observations.need(kind),
  explanations: [],
}))

const policy: Policy = { ...DEFAULT_POLICY, required: { 'pull-request': ['static', 'traced'], deploy: [] } }

interface Given extends Partial<Judgement> {
  readonly findings: readonly Finding[]
}

function judged(first: Given, second: Given, overrides: Partial<Policy> = {}): Evaluation {
  const tell = (name: string, given: Given) =>
    observed(kinds[name]!, 'test', { proved: ['it holds'], ...given } satisfies Judgement)
  const question: Question = {
    subjects: [{ name: 'folder', observations: new Observations([tell('static', first), tell('traced', second)]) }],
    checks: parrots,
    policy: { ...policy, ...overrides },
    action: 'pull-request',
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    isPartial: false,
  }
  return evaluate(question)
}

const FILE = 'migrations/2.sql'
const at = (line: number, column = 1) => ({ file: FILE, line, column })
const index = { code: 'lock/create-index', subject: 'table public.users', message: 'builds an index' }
const read = refuse({ ...index, where: at(3), endLine: 5, hint: 'CREATE INDEX CONCURRENTLY' })
const traced = refuse({
  ...index,
  message: 'ShareLock on users',
  subject: 'table users',
  where: at(3),
  endLine: 5,
  proof: 'ShareLock on public.users',
})

const verdicts = (evaluation: Evaluation): string[] => evaluation.results.map((one) => one.verdict)
const codes = (evaluation: Evaluation): string[][] => evaluation.results.map((one) => one.findings.map((f) => f.code))

describe('one harm, one finding', () => {
  it('keeps the place and the hint of the reading and the proof of the trace, and says where the twin went', () => {
    const evaluation = judged({ findings: [read] }, { findings: [traced] })
    expect(evaluation.results.map((one) => one.findings)).toEqual([[{ ...read, proof: traced.proof }], []])
    expect(verdicts(evaluation)).toEqual(['fail', 'fail'])
    expect(evaluation.results[1]?.carried).toEqual([
      { code: 'lock/create-index', where: at(3), subject: 'table users', outcome: 'fail', by: 'static' },
    ])
  })

  it('takes the worse of what two say', () => {
    const evaluation = judged({ findings: [warn({ ...index, where: at(3) })] }, { findings: [traced] })
    expect(evaluation.results[0]?.findings).toMatchObject([{ severity: 'error', outcome: 'fail' }])
    expect(verdicts(evaluation)).toEqual(['pass', 'fail'])
  })

  it.each([
    ['another code', { ...traced, code: 'lock/reindex' }],
    ['another file', { ...traced, where: { ...at(3), file: 'migrations/3.sql' } }],
    ['another statement', { ...traced, where: at(6), endLine: 6 }],
    ['another object', { ...traced, subject: 'table billing.users' }],
    ['no place', { ...traced, where: null }],
  ])('leaves two alone: %s', (_, twin) => {
    expect(codes(judged({ findings: [read] }, { findings: [twin] })).map((one) => one.length)).toEqual([1, 1])
  })

  it('finds the nearest of several in one line', () => {
    const reads = [1, 40].map((column) => refuse({ ...index, where: at(3, column), message: `at ${column}` }))
    const traces = [40, 1].map((column) => refuse({ ...index, where: at(3, column), proof: `proof of ${column}` }))
    const merged = merge([
      { check: 'a', findings: reads },
      { check: 'b', findings: traces },
    ])
    expect(merged[0]?.findings.map((one) => [one.message, one.proof])).toEqual([
      ['at 1', 'proof of 1'],
      ['at 40', 'proof of 40'],
    ])
  })

  it('tells once what several could not look at for one reason', () => {
    const missing = (kind: string, cause: string): Finding =>
      cannotProve({ code: 'unproven/not-observed', message: `${kind}: ${cause}`, subject: kind, cause })
    const evaluation = judged(
      { findings: [missing('rehearsal', 'no server'), missing('effects', 'no server')] },
      { findings: [missing('downs', 'no server'), missing('ledger', 'no file')] },
    )
    expect(verdicts(evaluation)).toEqual(['unproven', 'unproven'])
    expect(evaluation.results.map((one) => one.findings.map((found) => found.subject))).toEqual([
      ['rehearsal'],
      ['ledger'],
    ])
    expect(evaluation.results[1]?.carried).toMatchObject([{ subject: 'downs', by: 'static' }])
  })

  describe('a name that is only made at run time', () => {
    const code = 'compat/restart-sequence'
    const guess = refuse({
      code,
      subject: 'sequence (computed at run time)',
      message: 'sets a sequence',
      where: at(3),
      hint: 'h',
    })
    const seen = (subject: string, proof: string | null = 'stood at 12') =>
      refuse({ code, subject, message: `sets back ${subject}`, where: at(3), proof })

    it('gives way to the one that was observed; others of the statement stand beside it', () => {
      const [a, b] = [seen('sequence a'), seen('sequence b')]
      for (const subject of [guess.subject, 'sequence (computed at run time).?']) {
        const evaluation = judged({ findings: [{ ...guess, subject }] }, { findings: [a, b] })
        expect(evaluation.results.map((one) => one.findings)).toEqual([[{ ...a, hint: 'h' }], [b]])
      }
    })

    it('is left alone beside another sort, or what nobody observed', () => {
      for (const other of [seen('table a'), seen('sequence a', null)])
        expect(judged({ findings: [guess] }, { findings: [other] }).results.map((one) => one.findings)).toEqual([
          [guess],
          [other],
        ])
    })
  })

  it('says the same words about the same place once, and other words besides', () => {
    const evaluation = judged({ findings: [read, read, { ...read, message: 'another index' }] }, { findings: [] })
    expect(codes(evaluation)[0]).toHaveLength(2)
  })
})

const finding = fc
  .record({
    code: fc.constantFrom('lock/a', 'apply/b', 'apply/migration-fails', 'unproven/c'),
    message: fc.constantFrom('x', 'y'),
    subject: fc.constantFrom('table public.a', 'table a', 'table b', null),
    where: fc.option(fc.record({ file: fc.constantFrom('1', '2'), line: fc.nat(4), column: fc.nat(2) }), { nil: null }),
    endLine: fc.option(fc.nat(6), { nil: null }),
    proof: fc.option(fc.constant('seen'), { nil: null }),
    cause: fc.constantFrom(undefined, undefined, 'no server'),
  })
  .map(({ cause, ...rest }) => (cause === undefined ? rest : { ...rest, cause }))
  .chain((input) => fc.constantFrom(refuse(input), cannotProve(input), warn(input), note(input)))
const lists = fc.array(fc.array(finding, { maxLength: 6 }), { maxLength: 4 })

describe('merging, whatever is told', () => {
  it('never improves a verdict, nor the worst that is said of a harm, and loses no finding without saying where it went', () => {
    fc.assert(
      fc.property(lists, (given) => {
        const told = given.map((findings, check) => ({ check: `check ${check}`, findings }))
        const merged = merge(told)
        const before = verdictOf({ findings: given.flat(), proved: ['x'] })
        const after = verdictOf({ findings: merged.flatMap((one) => one.findings), proved: ['x'] })
        expect(after).toBe(before)
        for (const [index, { check, findings }] of told.entries()) {
          const own = merged[index]!
          for (const one of findings) {
            const isKept = (other: Finding): boolean =>
              other.code === one.code &&
              (one.cause === undefined ? other.message === one.message : other.cause === one.cause)
            const kept = own.findings.some(isKept)
            const home = own.carried.find(
              (other) => other.code === one.code && (one.cause !== undefined || other.subject === one.subject),
            )
            expect(kept || home !== undefined).toBe(true)
          }
          for (const { by, code, under = code, outcome } of own.carried) {
            const holders = merged.find((other) => other.check === by)!.findings.filter((other) => other.code === under)
            expect(holders.length).toBeGreaterThan(0)
            // Told by its own check only as what followed from another finding of it: that one has the cause.
            expect(by !== check || under !== code || holders.some((other) => other.cause !== undefined)).toBe(true)
            expect(outcome === 'none' || holders.some((other) => other.outcome !== 'none')).toBe(true)
          }
        }
      }),
    )
  })

  it('never improves the verdict of a check or of a run', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 5 }), fc.array(finding, { maxLength: 5 }), (a, b) => {
        const evaluation = judged({ findings: a }, { findings: b })
        const apart = [a, b].map((findings) => verdictOf({ findings, proved: ['x'] }))
        expect(verdicts(evaluation)).toEqual(apart)
        for (const one of apart) expect(isBetter(evaluation.verdict, one)).toBe(false)
      }),
    )
  })

  it('is the same harm from both sides', () => {
    fc.assert(
      fc.property(finding, finding, (a, b) => {
        expect(isSameHarm(a, b)).toBe(isSameHarm(b, a))
      }),
    )
  })
})

describe('what somebody answered for', () => {
  const allow: Allow = {
    code: 'lock/create-index',
    reason: '200 rows, never more',
    where: at(2),
    statement: { line: 3, column: 1, endLine: 5, endColumn: 9 },
  }

  it('a comment in the file answers for the same harm in every check', () => {
    const evaluation = judged({ findings: [read], allows: [allow] }, { findings: [traced] })
    expect(evaluation.allowed).toMatchObject([
      { check: 'static', finding: read, reason: allow.reason, comment: allow.where },
      { check: 'traced', finding: traced },
    ])
    expect(verdicts(evaluation)).toEqual(['pass', 'pass'])
    expect(evaluation.results[0]?.findings).toMatchObject([{ severity: 'note', proof: traced.proof }])
  })

  it('also for one that only another check saw, and is then not unused', () => {
    const evaluation = judged({ findings: [], allows: [allow] }, { findings: [traced] })
    expect(verdicts(evaluation)).toEqual(['pass', 'pass'])
    expect(codes(evaluation)).toEqual([[], ['lock/create-index']])
  })

  it.each([
    ['another code', { ...traced, code: 'lock/reindex' }],
    ['another file', { ...traced, where: { ...at(3), file: 'migrations/3.sql' } }],
    ['another statement', { ...traced, where: at(6) }],
    ['a statement behind it on the same line', { ...traced, where: at(5, 12) }],
    ['something unproven', { ...traced, outcome: 'unproven' as const }],
  ])('but not for %s, and then warns', (_, twin) => {
    const evaluation = judged({ findings: [], allows: [allow] }, { findings: [twin] })
    expect(evaluation.verdict).not.toBe('pass')
    expect(codes(evaluation)[0]).toEqual(['policy/unused-allow'])
  })

  it('nor for a closed family, whoever hands it over', () => {
    const drop = refuse({ ...index, code: 'data-loss/drop-table', where: at(3) })
    const settings = { ...policy.settings, inlineAcceptance: ['data-loss'] }
    const allows = [{ ...allow, code: 'data-loss/drop-table' }]
    expect(judged({ findings: [], allows }, { findings: [drop] }, { settings }).verdict).toBe('fail')
  })

  it('an acceptance of the policy holds for the twin whose subject lacks the schema', () => {
    const acceptance = {
      code: 'lock/create-index',
      subject: 'table public.users',
      reason: 'small for ever',
      author: 'ada',
      expires: '2026-12-31',
    }
    const evaluation = judged({ findings: [read] }, { findings: [traced] }, { accept: [acceptance] })
    expect(evaluation.verdict).toBe('pass')
    expect(evaluation.accepted).toHaveLength(2)
  })

  it('one that is answered for and a note about the same harm are one', () => {
    const evaluation = judged({ findings: [read], allows: [allow] }, { findings: [note(traced)] })
    expect(codes(evaluation).map((one) => one.length)).toEqual([1, 0])
  })

  it('one that is answered for is not put together with one that is not', () => {
    const open = cannotProve({ ...index, where: at(3), proof: 'nobody saw it' })
    const evaluation = judged({ findings: [read], allows: [allow] }, { findings: [open] })
    expect(verdicts(evaluation)).toEqual(['pass', 'unproven'])
    expect(codes(evaluation).map((one) => one.length)).toEqual([1, 1])
  })
})

describe('why something could not be looked at', () => {
  const cause = notApplied('7')
  const said = cannotProve({ code: 'unproven/rights', message: 'needs more rights', where: at(3), cause })
  const cut = cannotProve({
    code: 'unproven/not-observed',
    message: 'no effects',
    cause: `${cause}, so nothing was seen`,
  })

  it('is told once, by the one that has a place; no verdict is better for it', () => {
    const evaluation = judged({ findings: [cut] }, { findings: [said] })
    expect(codes(evaluation)).toEqual([[], ['unproven/rights']])
    expect(verdicts(evaluation)).toEqual(['unproven', 'unproven'])
  })

  it('but each by itself where the causes differ, or neither has a place', () => {
    const other = { ...cut, cause: notApplied('8') }
    expect(codes(judged({ findings: [other] }, { findings: [said] })).map((one) => one.length)).toEqual([1, 1])
    const nowhere = { ...said, where: null }
    expect(codes(judged({ findings: [cut] }, { findings: [nowhere] })).map((one) => one.length)).toEqual([1, 1])
  })
})

describe('what another check proves to be no harm', () => {
  const rename = refuse({
    code: 'compat/rename-table',
    message: 'renames it',
    subject: 'table public.users',
    where: at(3),
    endLine: 3,
  })
  const settled: Settled = {
    code: 'compat/rename-table',
    where: at(3),
    endLine: 4,
    subject: 'table public.users',
    why: 'view public.users answers in its place',
  }

  it('becomes a note with the reason, and is recorded as it was', () => {
    const evaluation = judged({ findings: [rename] }, { findings: [], settled: [settled] })
    expect(verdicts(evaluation)).toEqual(['pass', 'pass'])
    expect(evaluation.results[0]?.findings).toMatchObject([
      { severity: 'note', outcome: 'none', message: expect.stringContaining(settled.why) },
    ])
    expect(evaluation.overruled).toEqual([
      { finding: rename, by: 'traced', why: settled.why, subject: 'folder', check: 'static' },
    ])
  })

  it.each([
    ['another code', { ...settled, code: 'compat/rename-view' }],
    ['another file', { ...settled, where: { ...at(3), file: 'migrations/3.sql' } }],
    ['another statement', { ...settled, where: at(4) }],
    ['another object', { ...settled, subject: 'table public.orders' }],
  ])('but not %s', (_, one) => {
    expect(judged({ findings: [rename] }, { findings: [], settled: [one] }).verdict).toBe('fail')
  })

  it('not by a check that left something unproven, or proved nothing', () => {
    const open = cannotProve({ code: 'unproven/rows', message: 'no rows' })
    expect(verdicts(judged({ findings: [rename] }, { findings: [open], settled: [settled] }))[0]).toBe('fail')
    const both = [open, refuse({ code: 'lock/x', message: 'x' })]
    expect(verdicts(judged({ findings: [rename] }, { findings: both, settled: [settled] }))[0]).toBe('fail')
    expect(verdicts(judged({ findings: [rename] }, { findings: [], proved: [], settled: [settled] }))[0]).toBe('fail')
  })

  it('by what was seen before a migration that does not apply; the check that saw it stays unproven', () => {
    const cut = cannotProve({ code: 'unproven/not-all-applied', message: 'the rest', cause: notApplied('7') })
    const evaluation = judged({ findings: [rename] }, { findings: [cut], proved: [], settled: [settled] })
    expect(verdicts(evaluation)).toEqual(['pass', 'unproven'])
    const other = { ...cut, cause: 'nobody looked' }
    expect(verdicts(judged({ findings: [rename] }, { findings: [other], settled: [settled] }))[0]).toBe('fail')
  })

  it('not by itself', () => {
    expect(judged({ findings: [rename], settled: [settled] }, { findings: [] }).verdict).toBe('fail')
  })

  it('and never something unproven, about the policy or about a file', () => {
    for (const code of ['unproven/x', 'policy/x', 'parse/x', 'ledger/x']) {
      const one = { ...rename, code }
      expect(judged({ findings: [one] }, { findings: [], settled: [{ ...settled, code }] }).verdict).toBe('fail')
    }
    const open = { ...rename, outcome: 'unproven' as const }
    expect(judged({ findings: [open] }, { findings: [], settled: [settled] }).verdict).toBe('unproven')
  })

  it.each(['data-loss/drop-column', 'security/revoke'])('%s only for the object word for word', (code) => {
    const one = { ...rename, code }
    const exact = { ...settled, code }
    expect(judged({ findings: [one] }, { findings: [], settled: [exact] }).verdict).toBe('pass')
    for (const near of [
      { ...exact, subject: 'table users' },
      { ...exact, where: at(2), endLine: 4 },
    ]) {
      expect(judged({ findings: [one] }, { findings: [], settled: [near] }).verdict).toBe('fail')
    }
    const whole = { ...exact, where: at(2), endLine: 4, isWhole: true }
    expect(judged({ findings: [one] }, { findings: [], settled: [whole] }).verdict).toBe('pass')
    for (const near of [
      { ...whole, subject: 'table users' },
      { ...whole, endLine: 2 },
    ]) {
      expect(judged({ findings: [one] }, { findings: [], settled: [near] }).verdict).toBe('fail')
    }
  })
})
