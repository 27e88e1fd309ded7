import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { canonicalJson, digestOf, MOST_LEVELS, sha256 } from '../../src/gate/canonical.ts'

describe('canonical JSON', () => {
  it.each<[unknown, string]>([
    [null, 'null'],
    [true, 'true'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    [1.5, '1.5'],
    [-0, '0'],
    [1e21, '1e+21'],
    [[], '[]'],
    [[1, [2], undefined, 'x'], '[1,[2],null,"x"]'],
    [{}, '{}'],
    [{ b: 1, a: { d: null, c: 'x' } }, '{"a":{"c":"x","d":null},"b":1}'],
    [{ a: undefined, b: undefined, c: 1, d: undefined }, '{"c":1}'],
    [{ '\u20ac': 1, '\u0080': 2, '10': 3, '9': 4, A: 5, a: 6 }, '{"10":3,"9":4,"A":5,"a":6,"\u0080":2,"€":1}'],
  ])('%j is %s', (value, text) => expect(canonicalJson(value)).toBe(text))

  it.each([
    [Number.NaN, 'a number that JSON cannot hold: NaN'],
    [Number.POSITIVE_INFINITY, 'a number that JSON cannot hold: Infinity'],
    [undefined, 'a undefined cannot be written as JSON'],
    [10n, 'a bigint cannot be written as JSON'],
    [() => 1, 'a function cannot be written as JSON'],
  ])('%s has no form', (value, message) => {
    expect(() => canonicalJson(value)).toThrow(new TypeError(message))
    expect(() => canonicalJson({ a: [value ?? 10n] })).toThrow(TypeError)
  })

  it('is refused in words beyond its depth, in both ways of writing', () => {
    const nested = (levels: number, inner: unknown): unknown => {
      let value = inner
      for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value }
      return value
    }
    const words = 'a value that is nested deeper than 1000 levels'
    // The second is written piece by piece, for its key.
    for (const inner of [1, { 9: 1, a: 2 }]) {
      const around = typeof inner === 'number' ? MOST_LEVELS : MOST_LEVELS - 1
      const text = canonicalJson(nested(around, inner))
      expect(canonicalJson(JSON.parse(text))).toBe(text)
      for (const levels of [around + 1, 100_000])
        expect(() => canonicalJson(nested(levels, inner))).toThrow(new TypeError(words))
    }
    // Keys that JavaScript puts in another order: all that follows is written piece by piece.
    for (const levels of [MOST_LEVELS, 100_000])
      expect(() => canonicalJson([{ 9: 1, 10: 2 }, nested(levels, 1)])).toThrow(new TypeError(words))
    expect(canonicalJson([{ 9: 1, 10: 2 }, nested(2, 1)])).toBe('[{"10":2,"9":1},{"a":[1]}]')
    const most = nested(MOST_LEVELS - 1, 1)
    expect(canonicalJson([{ 9: 1, 10: 2 }, most])).toBe(`[{"10":2,"9":1},${canonicalJson(most)}]`)
  })

  it('is what every value is without the way that is fast', () => {
    const piece = (value: unknown): string => {
      if (Array.isArray(value)) return `[${value.map((one) => piece(one ?? null)).join()}]`
      if (typeof value !== 'object' || value === null) return JSON.stringify(value)
      const members = Object.entries(value).filter(([, one]) => one !== undefined)
      return `{${members
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, one]) => `${JSON.stringify(key)}:${piece(one)}`)
        .join()}}`
    }
    const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toJSON', '10', '9', '01', 'a', 'b'))
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, -0, 1e21, '\ud800', 'ü'),
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(fc.option(tie('value'), { nil: undefined })),
        fc.array(fc.tuple(key, fc.option(tie('value'), { nil: undefined }))).map((all) => Object.fromEntries(all)),
      ),
    }))
    fc.assert(
      fc.property(value, (one) => {
        expect(canonicalJson(one)).toBe(piece(one))
      }),
    )
  })

  // Several times as fast as piece by piece, which the large observations of each run need.
  it.each<[boolean, unknown]>([
    [true, [null, true, 'a', 1.5, [], {}]],
    [true, { a: [{ b: 1 }], c: null }],
    [true, [{ b: [2, { d: 1, c: 2 }], a: 1 }]],
    [true, [undefined, { a: undefined, b: 1 }]],
    [true, [Object.assign(Object.create(null), { a: 1 })]],
    [true, { b: 1, a1: 2, '1a': 3, '': 4 }],
    [true, { '9': 1, a: 2 }],
    [false, { a: 1, '9': 2, '10': 3 }],
    [false, [Object.create({})]],
  ])('is written natively, in one piece: %s, for %j', (isNative, value) => {
    const stringify = vi.spyOn(JSON, 'stringify')
    canonicalJson(value)
    const pieces = stringify.mock.calls.map(([piece]) => typeof piece === 'object' && piece !== null)
    stringify.mockRestore()
    expect(isNative ? pieces : pieces.includes(true)).toEqual(isNative ? [true] : false)
  })

  it('asks no value how it wants to be written', () => {
    class Own {
      readonly b = 1
      readonly a = new Date(0)
      toJSON = undefined
    }
    expect(canonicalJson([new Own(), Object.assign(Object.create({ c: 1 }), { a: 1 })])).toBe(
      '[{"a":{},"b":1},{"a":1}]',
    )
    expect(() => canonicalJson({ toJSON: () => 'x' })).toThrow(TypeError)
  })

  it('has the digest of its text, and of nothing else', () => {
    const digest = '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862'
    expect(sha256('{"a":1}')).toBe(digest)
    expect(sha256(new TextEncoder().encode('{"a":1}'))).toBe(digest)
    expect(digestOf({ a: 1 })).toBe(`sha256:${digest}`)
  })
})
