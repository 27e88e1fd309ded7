import { describe, expect, it } from 'vitest'
import { type GivenAs, type GivenFile, judgeGiven } from '../../src/gate/given.ts'
import { cannotProve, note, refuse, warn } from '../../src/gate/finding.ts'
import {
  type Answer,
  asked,
  inTheWay,
  type Obligation,
  obligationId,
  shortIdentity,
} from '../../src/gate/obligation.ts'
import { sha256 } from '../../src/gate/canonical.ts'

const obligation: Obligation = {
  id: 'q1',
  question: 'no duplicates in users.handle',
  subject: 'column public.users.handle',
  where: null,
  sql: 'SELECT 1',
  rowsSql: 'SELECT 2',
  failsFrom: 3,
  consequence: 'the index cannot be built',
  code: 'obligation/unique',
}

describe('a question to production', () => {
  it('is named by what it is about and by its query', () => {
    expect(obligationId('s', 'q')).toBe(sha256('s\nq').slice(0, 32))
    expect(obligationId('s', 'q')).toMatch(/^[0-9a-f]{32}$/)
    expect(obligationId('s', 'r')).not.toBe(obligationId('s', 'q'))
    expect(shortIdentity(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('sha256:0123456789ab…')
  })

  it.each([
    ['obligation/unique', 1, '1 group of equal rows'],
    ['obligation/unique', 2, '2 groups of equal rows'],
    ['obligation/exclusion', 1, '1 pair of rows'],
    ['obligation/exclusion', 7, '7 pairs of rows'],
    ['obligation/foreign-key', 1, '1 key without its parent'],
    ['obligation/foreign-key', 2, '2 keys without their parent'],
    ['obligation/not-null', 1, '1 row'],
    ['obligation/not-null', 0, '0 rows'],
    ['obligation/not-null', 999, '999 rows'],
    ['obligation/not-null', 1000, 'at least 1000 rows'],
  ])('%s counts %i as %s', (code, found, words) => expect(inTheWay({ code }, found)).toBe(words))

  const at = { evaluatedAt: '2026-11-21T12:00:00.000Z', maxAgeHours: 24 }
  const said: Answer = { id: 'q1', answeredAt: '2026-11-21T11:00:00.000Z', rows: 0, problem: null }
  it.each<[string, Partial<Answer>, string]>([
    ['no row in the way', {}, 'answered'],
    ['less than it fails from', { rows: 2 }, 'answered'],
    ['as many as it fails from', { rows: 3 }, 'violated'],
    ['more', { rows: 4 }, 'violated'],
    ['as old as may be', { answeredAt: '2026-11-20T12:00:00.000Z' }, 'answered'],
    ['a millisecond older', { answeredAt: '2026-11-20T11:59:59.999Z' }, 'stale'],
    ['bad, and too old', { rows: 4, answeredAt: '2026-11-20T11:59:59.999Z' }, 'stale'],
    ['dated a minute ahead', { answeredAt: '2026-11-21T12:01:00.000Z' }, 'answered'],
    ['dated further ahead', { answeredAt: '2026-11-21T12:01:00.001Z' }, 'stale'],
    ['not answered', { rows: null, problem: 'it took too long' }, 'open'],
  ])('%s: the question is %s', (_, change, state) => {
    const answer = { ...said, ...change }
    expect(asked(obligation, answer, at)).toEqual({ ...obligation, state, answer })
  })

  it('is open without an answer, or with the answer to another one', () => {
    for (const answer of [undefined, { ...said, id: 'q2' }])
      expect(asked(obligation, answer, at)).toEqual({ ...obligation, state: 'open', answer: null })
  })
})

describe('a file that came with the release', () => {
  const INPUT =
    'Read the change as you read the migrations. Better: let it come in by a change of its own, or from a place that the release cannot write to. policy.changedInputs: "refuse" makes that a rule.'
  const CONFIGURATION =
    'Read it, and read the configuration of the base branch in a pipeline: --config-from origin/main. Change it in a pull request of its own.'
  const file: GivenFile = { as: 'ledger', file: 'x', change: 'edited', base: '1a2b3c4d5e', why: null }

  it.each<[GivenAs, string, string]>([
    ['configuration', 'the policy and what is checked', CONFIGURATION],
    ['ledger', 'what production has applied', INPUT],
    ['shape', 'what production is like', INPUT],
    ['workload', 'which queries must go on working', INPUT],
    ['rows', 'which rows the release is tried on', INPUT],
    ['answers', 'what production answered', INPUT],
  ])('%s says %s', (as, says, hint) => {
    const changed = (how: string) => ({
      code: 'policy/input-changed',
      message: `x, which says ${says}, ${how}, in the release that it helps to judge`,
      subject: 'x',
      hint,
    })
    expect(judgeGiven([{ ...file, as }], {})).toEqual([warn(changed('was changed since 1a2b3c4'))])
    expect(judgeGiven([{ ...file, as, change: 'new', base: null }], { changedInputs: 'refuse' })).toEqual([
      refuse(changed('is new')),
    ])
  })

  it('that could not be compared', () => {
    const input = (why: string) => ({
      code: 'policy/input-not-compared',
      message: `whether this release changed x, which says what production has applied, is not known: ${why}`,
      subject: 'x',
      hint: INPUT,
    })
    const unknown: GivenFile = { ...file, change: 'unknown' }
    expect(judgeGiven([unknown], { changedInputs: 'warn' })).toEqual([note(input('nobody looked'))])
    expect(judgeGiven([{ ...unknown, why: 'no git' }], { changedInputs: 'refuse' })).toEqual([
      cannotProve(input('no git')),
    ])
  })
})
