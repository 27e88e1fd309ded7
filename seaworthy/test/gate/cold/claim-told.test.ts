import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Json } from '../../../src/gate/chain/chain.ts'
import { type Claim, couldNotLook, judgeClaim, SAME_SEEN, seenBy } from '../../../src/gate/cold/claim.ts'
import { judgeOrder, type Times } from '../../../src/gate/cold/order.ts'

const claim = (expected: Json, comparison: Claim['comparison'] = 'equal'): Claim => ({
  id: 'a',
  kind: 'repository',
  says: 's',
  source: 'certificate',
  severity: 'blocking',
  unchecked: 'blocking',
  comparison,
  expected,
  witness: 'bundle',
  needs: 'a look',
})
const why = (expected: Json, seen: Json, comparison?: Claim['comparison']): string =>
  judgeClaim(claim(expected, comparison), seenBy('clone', seen)).why

it('what somebody saw, or could not, is plain data', () => {
  expect(seenBy('clone', 1)).toStrictEqual({ status: 'seen', seen: 1, witness: 'clone' })
  expect(couldNotLook('no clone')).toStrictEqual({ status: 'could-not-look', reason: 'no clone' })
  expect(couldNotLook('no time', 'Nothing.')).toStrictEqual({
    status: 'could-not-look',
    reason: 'no time',
    needs: 'Nothing.',
  })
  expect(judgeClaim(claim(1), couldNotLook('no time', 'Nothing.'))).toEqual({
    outcome: 'cannot-be-checked',
    why: 'no time',
    needs: 'Nothing.',
  })
})

describe('why a claim is confirmed', () => {
  it.each<[Json, Json]>([
    ['x', 'x'],
    [{ a: 1 }, { a: 1 }],
    [['x'], ['x']],
    [[1], [1]],
  ])('%j is what was seen', (expected, seen) => {
    expect(why(expected, seen)).toBe(SAME_SEEN)
    expect(why(expected, seen, 'includes')).toBe(SAME_SEEN)
  })

  it('of a part: what came since', () => {
    expect(SAME_SEEN).toBe('the same was seen')
    expect(why({ a: 1 }, { a: 1, b: 2, c: 3 }, 'includes')).toBe('all of it is there; since then came b; c')
  })
})

describe('why a claim is contradicted', () => {
  it.each<[Json, Json, string]>([
    ['a', 'b', 'the bundle says a, and b was seen'],
    [1, null, 'the bundle says 1, and null was seen'],
    [{ a: 1 }, 'a', 'the bundle says {"a":1}, and a was seen'],
    [['a'], ['b'], 'the bundle does not have b; only the bundle has a'],
    [
      { a: ['a'] },
      { a: ['b', 'b'] },
      'a: the bundle does not have b; a: the bundle does not have b; a: only the bundle has a',
    ],
    [
      { a: { b: 1 }, c: 2 },
      { a: { b: 2 } },
      'a, b: the bundle says 1, and 2 was seen; c: the bundle says 2, and nothing was seen',
    ],
  ])('%j by %j', (expected, seen, words) => {
    expect(judgeClaim(claim(expected), seenBy('clone', seen))).toEqual({
      outcome: 'contradicted',
      why: words,
      needs: 'Find out which of the two is true, and why: who made the bundle, from what, and what happened since.',
    })
  })

  it('also where only a part is claimed', () => {
    expect(why({ a: 1, b: 2 }, { b: 3, c: 4 }, 'includes')).toBe(
      'a: the bundle says 1, and nothing was seen; b: the bundle says 2, and 3 was seen',
    )
  })

  it('tells eight differences, and 160 characters of each side', () => {
    const many = (count: number): Json => Array.from({ length: count }, (_, index) => `x${index}`)
    expect(why([], many(8))).toMatch(/^(?:the bundle does not have x\d; ){7}the bundle does not have x7$/)
    expect(why([], many(9))).toMatch(/the bundle does not have x7; and 1 more$/)
    expect(why('a'.repeat(160), 1)).toBe(`the bundle says ${'a'.repeat(160)}, and 1 was seen`)
    expect(why('a'.repeat(161), 1)).toBe(`the bundle says ${'a'.repeat(160)}…, and 1 was seen`)
  })
})

describe('an order in time', () => {
  const AT = '2026-11-21T12:00:00.000Z'
  const order = (before: string | null, after: string | null) => ({
    before: { event: 'made', at: before },
    after: { event: 'judged', at: after },
  })
  const judged = (before: string | null, after: string | null, times: Times = new Map()) =>
    judgeOrder(order(before, after), times)

  it.each<Json>([null, 1, 'x', [], { before: 1 }, { made: 1 }])('cannot be told from %j', (seen) => {
    const why = 'what is there does not say when anything happened'
    const unchecked = { outcome: 'cannot-be-checked', why, needs: 'a look' }
    expect(judgeClaim(claim(order(AT, AT), 'order'), seenBy('clone', seen))).toEqual(unchecked)
    expect(judgeClaim(claim('none', 'order'), seenBy('clone', {}))).toEqual(unchecked)
  })

  it('says both times, whichever way it is', () => {
    const [early, late] = ['2026-11-21T11:00:00.000Z', '2026-11-21T13:00:00+00:00']
    expect(judged(early, AT)).toEqual({ holds: true, why: `made at ${early}, judged at ${AT}` })
    expect(judged(late, AT)).toEqual({
      holds: false,
      why: `made at ${late}, judged at ${AT}: the other way round, by more than clocks differ (60 s)`,
    })
    expect(judged('2026-11-21T12:30:00', AT)).toEqual({
      holds: null,
      why: `made at 2026-11-21T12:30:00, judged at ${AT}: one of the times has no time zone, so the order cannot be told`,
    })
  })

  it('has no time, or none that is one, on either side', () => {
    expect(judged(null, AT)).toEqual({ holds: null, why: 'the time of "made" is not known' })
    expect(judged(AT, null)).toEqual({ holds: null, why: 'the time of "judged" is not known' })
    expect(judged(AT, 'x'.repeat(50))).toEqual({ holds: null, why: `the time of "judged" is none: ${'x'.repeat(40)}` })
    expect(judged(AT, null, new Map([['judged', null]]))).toEqual({ holds: true, why: 'there was no "judged"' })
    expect(judged(AT, AT, new Map([['made', null]]))).toEqual({ holds: true, why: 'there was no "made"' })
    expect(judged(null, null, new Map([['judged', null]])).holds).toBe(true)
  })

  it.each([
    '2026-11-21T12:00:00Z',
    '2026-11-21T12:00:00.1Z',
    '2026-11-21T12:00:00.123456789Z',
    '2026-11-21T14:00:00+02:00',
    '2026-11-21T09:30:00.5-02:30',
  ])('knows the time %s', (text) => {
    expect(judged(text, AT).holds).toBe(true)
    expect(judged(AT, text).holds).toBe(true)
  })

  it.each([
    'x2026-11-21T12:00:00Z',
    '+002026-11-21T12:00:00Z',
    '2026-11-21T12:00:00Zx',
    '2026-11-21 12:00:00Z',
    '2026-11-21T12:00Z',
    '2026-11-21T12:00:00.Z',
    '2026-11-21T12:00:00.1234567890',
    '2026-11-21T12:00:00.1234567890Z',
    '2026-11-21T12:00:00+0200',
    '2026-11-21',
    '2026-13-21T12:00:00Z',
  ])('does not know the time %s', (text) => {
    expect(judged(text, AT)).toEqual({ holds: null, why: `the time of "made" is none: ${text}` })
  })

  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it.each(['UTC', 'Asia/Tokyo'])('without a zone could be 14 hours earlier, or 12 later, also in %s', (zone) => {
    vi.stubEnv('TZ', zone)
    const [noon, skew] = [Date.parse(AT), 60_000]
    const bare = (ms: number): string => new Date(ms).toISOString().slice(0, -1)
    const hours = (count: number): number => count * 3_600_000
    expect(judged(bare(noon - hours(12) + skew), AT).holds).toBe(true)
    expect(judged(bare(noon - hours(12) + skew + 1), AT).holds).toBeNull()
    expect(judged(bare(noon + hours(14) + skew), AT).holds).toBeNull()
    expect(judged(bare(noon + hours(14) + skew + 1), AT).holds).toBe(false)
    expect(judged(AT, bare(noon + hours(14) - skew)).holds).toBe(true)
    expect(judged(AT, bare(noon + hours(14) - skew - 1)).holds).toBeNull()
    expect(judged(AT, bare(noon - hours(12) - skew)).holds).toBeNull()
    expect(judged(AT, bare(noon - hours(12) - skew - 1)).holds).toBe(false)
  })
})
