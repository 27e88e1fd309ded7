import { describe, expect, it } from 'vitest'
import { type Allow, allowedNote, isAllowedBy, openFamilies, unusedAllow } from '../../src/gate/allow.ts'
import { answer } from '../../src/gate/answer.ts'
import type { CheckResult } from '../../src/gate/check.ts'
import { cannotProve, type Finding, note, notApplied, refuse, warn } from '../../src/gate/finding.ts'
import { DEFAULT_POLICY, NEVER_INLINE, type Policy } from '../../src/gate/policy.ts'
import { isSettledBy, maySettle, settledNote } from '../../src/gate/settle.ts'
import type { Settled } from '../../src/gate/verdict.ts'

const at = (line: number, column = 1) => ({ file: 'a.sql', line, column })
const finding = (change: Partial<Parameters<typeof refuse>[0]> = {}): Finding =>
  refuse({ code: 'lock/a', message: 'locks it', where: at(3), subject: 'table public.t', ...change })
const FAMILIES = ['lock', 'compat', 'repeat']

describe('a comment that answers for a finding', () => {
  const allow: Allow = {
    code: 'lock/a',
    reason: 'never used',
    where: at(2),
    statement: { line: 3, column: 5, endLine: 5, endColumn: 9 },
  }

  it.each<[number, number, boolean]>([
    [2, 5, false],
    [3, 4, false],
    [3, 5, true],
    [3, 99, true],
    [4, 1, true],
    [4, 99, true],
    [5, 1, true],
    [5, 9, true],
    [5, 10, false],
    [6, 1, false],
    [6, 7, false],
    [2, 7, false],
  ])('stands above its statement, from first to last character: line %i, column %i: %s', (line, column, isIn) => {
    expect(isAllowedBy(finding({ where: at(line, column) }), allow, FAMILIES)).toBe(isIn)
  })

  it.each<[string, Finding, Allow]>([
    ['another code', finding({ code: 'lock/b', where: at(4) }), allow],
    ['another file', finding({ where: { ...at(4), file: 'b.sql' } }), allow],
    ['no place', finding({ where: null }), allow],
    ['no statement below it', finding({ where: at(4) }), { ...allow, statement: null }],
    ['something unproven', cannotProve({ ...finding({ where: at(4) }) }), allow],
    ['a note', note({ ...finding({ where: at(4) }) }), allow],
    ['a family that is not open', finding({ code: 'apply/a', where: at(4) }), { ...allow, code: 'apply/a' }],
  ])('but not for %s', (_, one, by) => {
    expect(isAllowedBy(one, by, FAMILIES)).toBe(false)
  })

  it('nor for a closed family, whatever the settings say', () => {
    for (const family of NEVER_INLINE) {
      const code = `${family}/x`
      expect(isAllowedBy(finding({ code, where: at(4) }), { ...allow, code }, [family])).toBe(false)
    }
    expect(openFamilies(['lock', 'data-loss', 'x'])).toEqual(['lock', 'x'])
  })

  it('also for a warning; the note names the reason', () => {
    expect(isAllowedBy(warn({ ...finding({ where: at(4) }) }), allow, FAMILIES)).toBe(true)
    expect(allowedNote(finding(), allow)).toEqual(
      note({ ...finding(), message: 'locks it (accepted in the file: never used)' }),
    )
  })

  it('that answers for nothing is warned of', () => {
    expect(unusedAllow(allow)).toEqual(
      warn({
        code: 'policy/unused-allow',
        message: 'the inline acceptance of lock/a accepts nothing',
        where: at(2),
        subject: 'inline acceptance of lock/a',
        hint: 'Look whether the code is right (seaworthy explain lock/a) and whether the comment stands directly above its statement; else remove it.',
      }),
    )
  })
})

describe('what another check proves to be no harm', () => {
  const settled: Settled = { code: 'lock/a', where: at(3), endLine: 5, subject: 'table t', why: 'it is small' }

  it.each(['lock', 'compat', 'apply', 'repeat', 'ownership'])('may be of the family %s', (family) => {
    const code = `${family}/x`
    expect(isSettledBy(finding({ code }), { ...settled, code })).toBe(true)
  })

  it.each(['policy', 'unproven', 'parse', 'ledger', 'obligation', 'drift'])('is never of the family %s', (family) => {
    const code = `${family}/x`
    expect(isSettledBy(finding({ code }), { ...settled, code })).toBe(false)
  })

  it.each<[string, Finding, Partial<Settled>]>([
    ['before its statement', finding({ where: at(2) }), {}],
    ['behind its statement', finding({ where: at(6) }), {}],
    ['of another code', finding({ code: 'lock/b' }), {}],
    ['of another file', finding({ where: { ...at(3), file: 'b.sql' } }), {}],
    ['of another object', finding({ subject: 'table other.t' }), {}],
    ['of no object', finding({ subject: null }), { subject: '' }],
    ['without a place', finding({ where: null }), {}],
    ['unproven', cannotProve({ ...finding() }), {}],
    ['a note', note({ ...finding() }), {}],
  ])('is not one that is %s', (_, one, change) => {
    expect(isSettledBy(one, { ...settled, ...change })).toBe(false)
  })

  it('stands anywhere in the statement', () => {
    for (const line of [3, 4, 5]) expect(isSettledBy(finding({ where: at(line) }), settled)).toBe(true)
  })

  it.each(['data-loss', 'security'])(
    '%s: the same words on the same line, unless the whole statement does nothing',
    (family) => {
      const code = `${family}/x`
      const exact: Settled = { ...settled, code, subject: 'table public.t' }
      const lines = (one: Settled): number[] =>
        [2, 3, 4, 5, 6].filter((line) => isSettledBy(finding({ code, where: at(line) }), one))
      expect(lines(exact)).toEqual([3])
      expect(lines({ ...exact, isWhole: false })).toEqual([3])
      expect(lines({ ...exact, isWhole: true })).toEqual([3, 4, 5])
      expect(lines({ ...exact, subject: 'table t' })).toEqual([])
      expect(lines({ ...exact, subject: 'table t', isWhole: true })).toEqual([])
    },
  )

  it('only by a check that proved something and left nothing open but what was not reached', () => {
    const open = cannotProve({ code: 'unproven/x', message: 'm' })
    const cut = cannotProve({ code: 'unproven/x', message: 'm', cause: notApplied('2') })
    expect(maySettle({ findings: [], proved: ['x'] })).toBe(true)
    expect(maySettle({ findings: [refuse({ code: 'lock/x', message: 'm' })], proved: ['x'] })).toBe(true)
    expect(maySettle({ findings: [], proved: [] })).toBe(false)
    expect(maySettle({ findings: [open], proved: ['x'] })).toBe(false)
    expect(maySettle({ findings: [cut], proved: [] })).toBe(true)
    expect(maySettle({ findings: [cut, cut], proved: [] })).toBe(true)
    expect(maySettle({ findings: [cut, open], proved: ['x'] })).toBe(false)
  })

  it('becomes a note that says who proved it', () => {
    expect(settledNote(finding(), { by: 'effects', why: 'it is small' })).toEqual(
      note({ ...finding(), message: 'locks it (no harm, says effects: it is small)' }),
    )
  })
})

describe('who answers for what', () => {
  const result = (check: string, change: Partial<CheckResult> = {}): CheckResult => ({
    check,
    version: 1,
    verdict: 'pass',
    findings: [],
    proved: ['x'],
    obligations: [],
    settled: [],
    allows: [],
    reason: null,
    ...change,
  })
  const allow: Allow = {
    code: 'lock/a',
    reason: 'never used',
    where: at(2),
    statement: { line: 3, column: 1, endLine: 5, endColumn: 9 },
  }
  const settled: Settled = { code: 'lock/a', where: at(3), endLine: 5, subject: 'table t', why: 'it is small' }
  const accept = [{ code: 'lock/a', reason: 'small', author: 'ada', expires: '2026-12-31' }]
  const AT = '2026-11-21T12:00:00.000Z'
  const asked = (results: CheckResult[], policy: Partial<Policy> = {}) =>
    answer(results, { ...DEFAULT_POLICY, ...policy }, AT)

  it('a comment comes first, then the policy, then what was proved', () => {
    const one = finding()
    const prover = result('b', { settled: [settled] })
    const commented = asked([result('a', { findings: [one], allows: [allow] }), prover], { accept })
    expect(commented.answered[0]).toMatchObject({
      findings: [{ message: 'locks it (accepted in the file: never used)' }],
      allowed: [{ finding: one, reason: 'never used', comment: at(2) }],
      accepted: [],
      overruled: [],
    })
    const accepted = asked([result('a', { findings: [one] }), prover], { accept })
    expect(accepted.answered[0]).toMatchObject({ allowed: [], accepted: [{ finding: one }], overruled: [] })
    const proved = asked([result('a', { findings: [one] }), prover])
    expect(proved.answered[0]).toMatchObject({
      findings: [{ message: 'locks it (no harm, says b: it is small)' }],
      allowed: [],
      accepted: [],
      overruled: [{ finding: one, by: 'b', why: 'it is small' }],
    })
    for (const { answered, lowered } of [commented, accepted, proved]) {
      expect([...lowered]).toEqual(answered[0]!.findings)
    }
  })

  it('what nobody answers for stands as it is, and is not lowered', () => {
    const others = [finding({ code: 'lock/b' }), note({ code: 'parse/x', message: 'm' })]
    const { answered, lowered } = asked([result('a', { findings: others })], { accept })
    expect(answered[0]?.findings).toEqual(others)
    expect(answered[0]?.findings[0]).toBe(others[0])
    expect(lowered.size).toBe(0)
  })

  it('no check settles what it said itself, nor may one that proved nothing; the next one may', () => {
    const own = asked([result('a', { findings: [finding()], settled: [settled] })])
    expect(own.answered[0]?.overruled).toEqual([])
    const idle = result('b', { settled: [settled], proved: [] })
    expect(asked([result('a', { findings: [finding()] }), idle]).answered[0]?.overruled).toEqual([])
    const third = result('c', { settled: [{ ...settled, why: 'also' }] })
    const { answered } = asked([result('a', { findings: [finding()], settled: [settled] }), idle, result('d'), third])
    expect(answered[0]?.overruled).toMatchObject([{ by: 'c', why: 'also' }])
  })

  it('a comment that nobody needed is told by the check that read it', () => {
    const other = { ...allow, code: 'lock/b' }
    const { answered } = asked([result('a', { allows: [allow, other] }), result('b', { findings: [finding()] })])
    expect(answered.map((one) => one.findings.map(({ code }) => code))).toEqual([['policy/unused-allow'], ['lock/a']])
    expect(answered[0]?.findings[0]?.subject).toBe('inline acceptance of lock/b')
  })

  it('comments count only for the families of the policy', () => {
    const settings = { ...DEFAULT_POLICY.settings, inlineAcceptance: ['compat'] }
    const { answered } = asked([result('a', { findings: [finding()], allows: [allow] })], { settings })
    expect(answered[0]?.allowed).toEqual([])
    expect(answered[0]?.findings.map((one) => one.code)).toEqual(['lock/a', 'policy/unused-allow'])
  })
})
