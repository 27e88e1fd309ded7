import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/gate/canonical.ts'
import { differencesBetween } from '../../../src/gate/verify/differences.ts'

describe('where two JSON values differ', () => {
  it.each<[string, unknown, unknown, readonly [string, string | null, string | null][]]>([
    ['nowhere', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ['in a value', 1, 2, [['', '1', '2']]],
    ['in a member', { a: { b: 1 } }, { a: { b: 2 } }, [['a.b', '1', '2']]],
    ['in an item', { a: [1, 2] }, { a: [1, 3] }, [['a[1]', '2', '3']]],
    ['in an item of a list', [{ a: 1 }], [{ a: 2 }], [['[0].a', '1', '2']]],
    [
      'in what only one of them has',
      { a: 1 },
      { b: 2 },
      [
        ['a', '1', null],
        ['b', null, '2'],
      ],
    ],
    ['in a null that only one has', { a: null }, {}, [['a', 'null', null]]],
    ['in the length of a list', [1, 2], [1], [['[1]', '2', null]]],
    ['in their sort: a list and an object', { a: [1] }, { a: { 0: 1 } }, [['a', '[1]', '{"0":1}']]],
    ['in their sort: an object and nothing', { a: {} }, { a: null }, [['a', '{}', 'null']]],
    ['in their sort: nothing and an object', { a: null }, { a: {} }, [['a', 'null', '{}']]],
    ['in their sort: a text and a number', { a: '1' }, { a: 1 }, [['a', '"1"', '1']]],
  ])('%s', (_, ours, theirs, places) => {
    expect(differencesBetween(ours, theirs)).toEqual(places.map(([path, a, b]) => ({ path, ours: a, theirs: b })))
  })

  it('names twenty places and no more', () => {
    const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]))
    expect(differencesBetween(many(20), {})).toHaveLength(20)
    expect(differencesBetween(many(30), {}).at(-1)?.path).toBe('k19')
    expect(differencesBetween({ a: many(30), b: many(30) }, { a: {}, b: {} })).toHaveLength(20)
  })

  it('is nowhere for the same values, and somewhere for others', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(differencesBetween(a, structuredClone(a))).toEqual([])
        expect(differencesBetween(a, b).length === 0).toBe(canonicalJson(a) === canonicalJson(b))
      }),
    )
  })
})
