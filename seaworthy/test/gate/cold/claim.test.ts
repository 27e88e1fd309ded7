import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/gate/chain/chain.ts'
import { type Claim, couldNotLook, judgeClaim, seenBy } from '../../../src/gate/cold/claim.ts'
import { CLOCK_SKEW_MS, judgeOrder, orderOf } from '../../../src/gate/cold/order.ts'

const claim = (expected: Json, change: Partial<Claim> = {}): Claim => ({
  id: 'repository/commit',
  kind: 'repository',
  says: 'what was judged is this',
  source: 'certificate',
  severity: 'blocking',
  unchecked: 'blocking',
  comparison: 'equal',
  expected,
  witness: 'bundle sha256:1',
  needs: 'git fetch',
  ...change,
})

/** Names that every object has, as members of its own. */
const NAMES: Json = JSON.parse('{"__proto__": 1, "constructor": 2}')

const json = fc.jsonValue({ maxDepth: 3 }).map((value): Json => JSON.parse(JSON.stringify(value)))

describe('a claim', () => {
  it('that nobody could look at cannot be checked, and says what it needs', () => {
    expect(judgeClaim(claim(1), couldNotLook('the clone has no such commit'))).toEqual({
      outcome: 'cannot-be-checked',
      why: 'the clone has no such commit',
      needs: 'git fetch',
    })
  })

  it("is never confirmed by the builder's own word, and may be contradicted by it", () => {
    fc.assert(
      fc.property(json, json, (expected, seen) => {
        const { outcome } = judgeClaim(claim(expected), seenBy('bundle sha256:1', seen))
        expect(outcome).not.toBe('confirmed')
      }),
    )
    expect(judgeClaim(claim(1), seenBy('bundle sha256:1', 1)).why).toContain('no word confirms itself')
    expect(judgeClaim(claim(1), seenBy('bundle sha256:1', 2)).outcome).toBe('contradicted')
  })

  it('is confirmed by the same and by nothing else, whatever it says', () => {
    fc.assert(
      fc.property(json, json, (expected, seen) => {
        expect(judgeClaim(claim(expected), seenBy('clone', structuredClone(expected))).outcome).toBe('confirmed')
        const sorted = (value: Json): string =>
          JSON.stringify(value, (_, one: Json) => (isTexts(one) ? one.toSorted() : one))
        // Lists of texts are sets that count; the order of members says nothing.
        fc.pre(sorted(expected) !== sorted(seen) && !isObject(expected))
        expect(judgeClaim(claim(expected), seenBy('clone', seen)).outcome).toBe('contradicted')
      }),
    )
  })

  it.each<[Json, Json, string]>([
    ['a', 'b', 'the bundle says a, and b was seen'],
    [{ tree: 'a' }, { tree: 'b' }, 'tree: the bundle says a, and b was seen'],
    [{ tree: 'a' }, {}, 'tree: the bundle says a, and nothing was seen'],
    [{}, { tree: 'a' }, 'tree: the bundle says nothing, and a was seen'],
    [{ tree: { digest: 1 } }, { tree: { digest: 2 } }, 'tree, digest: the bundle says 1, and 2 was seen'],
    [{ findings: ['x', 'x'] }, { findings: ['x'] }, 'findings: only the bundle has x'],
    [['x'], ['x', 'y'], 'the bundle does not have y'],
    [['x', 1], ['x', 2], 'the bundle says ["x",1], and ["x",2] was seen'],
    ['a'.repeat(500), 'b', `the bundle says ${'a'.repeat(160)}…, and b was seen`],
    [{}, NAMES, '__proto__: the bundle says nothing, and 1 was seen'],
  ])('%j is contradicted by %j', (expected, seen, why) => {
    const judged = judgeClaim(claim(expected), seenBy('clone', seen))
    expect(judged.outcome).toBe('contradicted')
    expect(judged.why).toContain(why)
    expect(judged.needs).toContain('Find out which of the two is true')
  })

  it('of many differences tells the first eight and how many more there are', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`row ${index}`, index]))
    expect(judgeClaim(claim(many), seenBy('clone', {})).why).toMatch(/^(?:row \d+: [^;]*; ){8}and 12 more$/)
  })

  it('that something is there holds where more is there, and says what', () => {
    const rows = claim({ 'row 1': 'a', 'row 2': { name: 'b' } }, { comparison: 'includes' })
    expect(judgeClaim(rows, seenBy('production', { 'row 1': 'a', 'row 2': { name: 'b' } })).why).toBe(
      'the same was seen',
    )
    const more = judgeClaim(rows, seenBy('production', { 'row 1': 'a', 'row 2': { name: 'b' }, 'row 3': 'c' }))
    expect(more).toEqual({ outcome: 'confirmed', why: 'all of it is there; since then came row 3', needs: null })
    expect(judgeClaim(rows, seenBy('production', { 'row 1': 'a' })).outcome).toBe('contradicted')
    expect(judgeClaim(rows, seenBy('production', { 'row 1': 'a', 'row 2': { name: 'b', more: 1 } })).outcome).toBe(
      'contradicted',
    )
    const same = claim('x', { comparison: 'includes' })
    expect(judgeClaim(same, seenBy('production', 'x')).outcome).toBe('confirmed')
  })
})

const AT = '2026-11-21T12:00:00.000Z'
const after = (ms: number): string => new Date(Date.parse(AT) + ms).toISOString()
const order = (before: string | null, then: string | null): Json => ({
  before: { event: 'commit made', at: before },
  after: { event: 'evaluated', at: then },
})

describe('an order in time', () => {
  const judged = (before: string | null, then: string | null, seen: Json, witness = 'clone') =>
    judgeClaim(claim(order(before, then), { kind: 'order', comparison: 'order' }), seenBy(witness, seen))

  it('holds where the one was before the other, or both within what clocks differ', () => {
    expect(judged(null, AT, { 'commit made': after(-1000) }).outcome).toBe('confirmed')
    expect(judged(AT, AT, {}).outcome).toBe('confirmed')
    expect(judged(after(CLOCK_SKEW_MS), AT, {}).outcome).toBe('confirmed')
    expect(judged(after(CLOCK_SKEW_MS + 1), AT, {})).toMatchObject({
      outcome: 'contradicted',
      why: expect.stringContaining('the other way round, by more than clocks differ (60 s)'),
    })
    expect(judged('2026-11-21T13:00:00+02:00', AT, {}).outcome).toBe('confirmed')
  })

  it('what was seen counts, and not what was said', () => {
    expect(judged(after(-1000), AT, { 'commit made': after(3_600_000) }).outcome).toBe('contradicted')
  })

  it('without a time, or with one that is none, cannot be checked', () => {
    expect(judged(null, AT, {})).toMatchObject({
      outcome: 'cannot-be-checked',
      why: 'the time of "commit made" is not known',
    })
    expect(judged(AT, null, {})).toMatchObject({
      outcome: 'cannot-be-checked',
      why: 'the time of "evaluated" is not known',
    })
    expect(judged('yesterday', AT, {}).why).toBe('the time of "commit made" is none: yesterday')
    expect(judged('2026-13-41T99:00:00Z', AT, {}).outcome).toBe('cannot-be-checked')
    for (const seen of [null, 'x', [], { 'commit made': 7 }])
      expect(judged(AT, AT, seen).outcome).toBe('cannot-be-checked')
  })

  it('without a time zone it holds or not only where no zone could turn it round', () => {
    const bare = (ms: number): string => after(ms).slice(0, -1)
    const day = 86_400_000
    expect(judged(bare(-day), AT, {}).outcome).toBe('confirmed')
    expect(judged(bare(day), AT, {}).outcome).toBe('contradicted')
    expect(judged(bare(-3_600_000), AT, {}).why).toContain('has no time zone, so the order cannot be told')
    expect(judged(AT, bare(day), {}).outcome).toBe('confirmed')
    expect(judged(AT, bare(-day), {}).outcome).toBe('contradicted')
  })

  it('of what never happened holds, if somebody looked', () => {
    expect(judged(AT, null, { evaluated: null })).toMatchObject({
      outcome: 'confirmed',
      why: 'there was no "evaluated"',
    })
    expect(judged(null, null, { 'commit made': null }).why).toBe('there was no "commit made"')
    expect(judged(null, null, { 'commit made': null }, 'bundle sha256:1').outcome).toBe('cannot-be-checked')
  })

  it('is never confirmed and contradicted by turning it round', () => {
    const time = fc
      .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((one) => one.toISOString())
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [one, other] = [
          judgeOrder({ before: { event: 'a', at: a }, after: { event: 'b', at: b } }, new Map()),
          judgeOrder({ before: { event: 'b', at: b }, after: { event: 'a', at: a } }, new Map()),
        ]
        expect(one.holds === false && other.holds === false).toBe(false)
        expect(one.holds).toBe(Date.parse(a) <= Date.parse(b) + CLOCK_SKEW_MS)
      }),
    )
  })

  it('is only read off what is one', () => {
    expect(orderOf(order(null, AT))).toEqual({
      before: { event: 'commit made', at: null },
      after: { event: 'evaluated', at: AT },
    })
    expect(orderOf({ before: { event: 'a' }, after: { event: 'b' } })).toEqual({
      before: { event: 'a', at: null },
      after: { event: 'b', at: null },
    })
    for (const one of [
      null,
      1,
      {},
      { before: {} },
      { before: { event: 1 }, after: { event: 'a' } },
      { before: 1, after: { event: 'a' } },
      { before: { event: 'a' }, after: { event: 'b', at: 7 } },
      { before: null, after: null },
    ]) {
      expect(orderOf(one)).toBeNull()
    }
    expect(judgeClaim(claim('no order', { comparison: 'order' }), seenBy('clone', {})).outcome).toBe(
      'cannot-be-checked',
    )
  })
})

const isObject = (value: Json): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
const isTexts = (value: Json): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
