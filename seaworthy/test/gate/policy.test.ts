import { describe, expect, it } from 'vitest'
import { checkNames } from '../../src/checks/index.ts'
import { type Finding, cannotProve, note, refuse, warn } from '../../src/gate/finding.ts'
import {
  type Acceptance,
  type Policy,
  applyAcceptances,
  DEFAULT_POLICY,
  isCurrent,
  judgeAcceptances,
  NEVER_INLINE,
} from '../../src/gate/policy.ts'

const AT = '2026-11-21T12:00:00.000Z'
const acceptance: Acceptance = { code: 'lock/a', reason: 'small', author: 'ada', expires: '2026-11-21' }
const accepting = (...accept: Partial<Acceptance>[]): Policy => ({
  ...DEFAULT_POLICY,
  accept: accept.map((one) => ({ ...acceptance, ...one })),
})
const found = refuse({
  code: 'lock/a',
  message: 'locks it',
  where: { file: 'a.sql', line: 1, column: 1 },
  subject: 'table public.t',
})

describe('the policy of a project that wrote none', () => {
  it('requires every check for everything, accepts nothing, and allows little', () => {
    const { accept, settings, required } = DEFAULT_POLICY
    expect(new Set(required['pull-request'])).toEqual(new Set(checkNames))
    expect(required.deploy).toEqual(required['pull-request'])
    expect(required.deploy).toHaveLength(checkNames.length)
    expect(accept).toEqual([])
    expect(settings).toEqual({
      profile: 'online',
      inlineAcceptance: ['lock', 'compat', 'repeat'],
      requireDowns: false,
      largeTable: { rows: 10_000, bytes: 10_000_000 },
      answersMaxAgeHours: 24,
      staleQueriesPercent: 20,
    })
  })

  it('warns of changed inputs; its certificates count for a day, and for a clean candidate against its ledger', () => {
    const { changedInputs, certificate, admission, review } = DEFAULT_POLICY
    expect({ changedInputs, certificate, admission, review }).toEqual({
      changedInputs: 'warn',
      certificate: { validHours: 24 },
      admission: { requires: ['ledger'], dirty: 'refuse', emergency: 'allow' },
      review: { isIndependent: false, reviewers: [] },
    })
  })

  it('no comment in a file ever answers for what loses data, opens a door, or was not looked at', () => {
    expect(NEVER_INLINE).toEqual(['data-loss', 'security', 'ownership', 'policy', 'unproven', 'parse', 'obligation'])
  })
})

describe('what is accepted', () => {
  const nowhere: Finding = { ...found, where: null }
  it.each<[string, Partial<Acceptance>, Finding]>([
    ['by its code', {}, found],
    ['by its code, wherever', {}, nowhere],
    ['by its file', { file: 'a.sql' }, found],
    ['by its subject', { subject: 'table public.t' }, found],
    ['by its subject without the default schema', { subject: 'table t' }, found],
    ['a warning', {}, warn({ ...found })],
  ])('%s', (_, entry, finding) => {
    const policy = accepting(entry)
    expect(applyAcceptances([finding], policy, AT)).toEqual({
      findings: [note({ ...finding, message: 'locks it (accepted until 2026-11-21 by ada: small)' })],
      accepted: [{ finding, acceptance: policy.accept[0] }],
    })
  })

  it.each<[string, Partial<Acceptance>, Finding]>([
    ['another code', { code: 'lock/b' }, found],
    ['another file', { file: 'b.sql' }, found],
    ['a file, where the finding has none', { file: 'a.sql' }, nowhere],
    ['another subject', { subject: 'table other.t' }, found],
    ['too late', { expires: '2026-11-20' }, found],
    ['what is unproven', {}, cannotProve({ ...found })],
    ['a note', {}, note({ ...found })],
    ['about the policy', { code: 'policy/x' }, refuse({ ...found, code: 'policy/x' })],
  ])('not %s', (_, entry, finding) => {
    const after = applyAcceptances([finding], accepting(entry), AT)
    expect(after.findings[0]).toBe(finding)
    expect(after.accepted).toEqual([])
  })

  it('by the first entry that fits', () => {
    const policy = accepting({ file: 'b.sql' }, { reason: 'first' }, { reason: 'second' })
    expect(applyAcceptances([found], policy, AT).accepted.map((one) => one.acceptance.reason)).toEqual(['first'])
  })

  it('to the end of the last day', () => {
    expect(isCurrent(acceptance, '2026-11-21T23:59:59.999Z')).toBe(true)
    expect(isCurrent(acceptance, '2026-11-22T00:00:00.000Z')).toBe(false)
    expect(isCurrent(acceptance, '2026-11-20T00:00:00.000Z')).toBe(true)
  })
})

describe('what acceptances have to answer for themselves', () => {
  const subject = 'acceptance of lock/a by ada'
  const judged = (entry: Partial<Acceptance>, standing: Finding[] = [], wasAsked = true, isUsed = false): Finding[] => {
    const policy = accepting(entry)
    return judgeAcceptances(policy, new Set(isUsed ? policy.accept : []), AT, () => wasAsked, standing)
  }
  const unused = (hint: string): Finding[] => [
    warn({
      code: 'policy/unused-acceptance',
      message: 'the acceptance of lock/a by ada accepts nothing in this run',
      subject,
      hint,
    }),
  ]
  const REMOVE = 'Remove it: it would accept the next such finding without anybody having looked.'

  it('an expired one refuses, used or not', () => {
    const expired = [
      refuse({
        code: 'policy/expired-acceptance',
        message: 'the acceptance of lock/a by ada ended on 2026-11-20',
        subject,
        hint: 'Mend the finding, or renew the acceptance with a new date and a reason; remove it if nothing needs it.',
      }),
    ]
    expect(judged({ expires: '2026-11-20' })).toEqual(expired)
    expect(judged({ expires: '2026-11-20' }, [], false, true)).toEqual(expired)
  })

  it('one that was used says nothing, nor one whose code nobody was asked for', () => {
    expect(judged({}, [], true, true)).toEqual([])
    expect(judged({}, [], false)).toEqual([])
    expect(judged({}, [], false, true)).toEqual([])
  })

  const other = refuse({ ...found, code: 'lock/b' })
  it.each<[string, Partial<Acceptance>, Finding[], string]>([
    ['nothing stands', { file: 'a.sql', subject: 't' }, [], REMOVE],
    ['another code stands', { file: 'b.sql' }, [other], REMOVE],
    [
      'it stands in another file',
      { file: 'b.sql' },
      [other, found],
      'This run has lock/a in another file, "a.sql": look at "file".',
    ],
    [
      'it stands nowhere',
      { file: 'b.sql' },
      [{ ...found, where: null }],
      'This run has lock/a in another file, "": look at "file".',
    ],
    [
      'it stands there, of another subject',
      { file: 'a.sql', subject: 'u' },
      [found],
      'This run has lock/a about another subject, "table public.t": look at "subject".',
    ],
    [
      'it is of another subject',
      { subject: 'u' },
      [found],
      'This run has lock/a about another subject, "table public.t": look at "subject".',
    ],
    ['it has no subject', { subject: 'u' }, [{ ...found, subject: null }], REMOVE],
    ['it stands, and was accepted by nobody', {}, [found], REMOVE],
  ])('an unused one warns, and guesses: %s', (_, entry, standing, hint) => {
    expect(judged(entry, standing)).toEqual(unused(hint))
  })
})
