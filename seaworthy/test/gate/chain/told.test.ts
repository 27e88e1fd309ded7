import { describe, expect, it } from 'vitest'
import { type Head, newEntry, rowOf, type StoredRow } from '../../../src/gate/chain/chain.ts'
import { ChainReader, type ChainReport, MOST_BREAKS } from '../../../src/gate/chain/reader.ts'
import { chainOf, input } from './entries.ts'

const ROWS: readonly StoredRow[] = chainOf(110).map(rowOf)
const row = (seq: number): StoredRow => ROWS[seq - 1]!
function read(rows: readonly StoredRow[], heads: readonly Head[] = []): ChainReport {
  const reader = new ChainReader(heads)
  for (const one of rows) reader.read(one)
  return reader.report()
}
const told = (rows: readonly StoredRow[], heads: readonly Head[] = []): string[] =>
  read(rows, heads).breaks.map(({ kind, seq, to, message }) => `${kind} ${seq}-${to}: ${message}`)

describe('a row that holds what was entered under another number', () => {
  const moved = (from: number, seq: number): string | undefined => {
    const rows = ROWS.map((one) => (one.seq === seq ? { ...row(from), seq } : one))
    return told(rows)[0]
  }

  it('is told with it, up to 100 places away', () => {
    const words = (seq: number, from: number): string =>
      `reordered ${seq}-${seq}: row ${seq} is not in its place: it holds what was entered as number ${from}`
    expect(moved(1, 2)).toBe(words(2, 1))
    expect(moved(3, 2)).toBe(words(2, 3))
    expect(moved(101, 1)).toBe(words(1, 101))
    expect(moved(1, 101)).toBe(words(101, 1))
  })

  it('is a changed one beyond that', () => {
    expect(moved(102, 1)).toBe('changed 1-1: row 1 was changed: it does not have its digest')
    expect(moved(1, 102)).toBe('changed 102-102: row 102 was changed: it does not have its digest')
  })

  it('is no longer looked for once a thousand breaks were found', () => {
    const repeated = Array.from({ length: MOST_BREAKS }, () => row(1))
    const swapped = { ...row(1), seq: 2 }
    const kinds = (count: number): number => read([...repeated.slice(0, count), swapped]).breakCount
    // One row is there rightly, so that as many breaks as rows less one come before.
    const last = read([...repeated.slice(0, MOST_BREAKS), swapped]).breaks.at(-1)
    expect(last).toMatchObject({ kind: 'reordered', seq: 2 })
    expect(kinds(MOST_BREAKS)).toBe(MOST_BREAKS)
    const after = read([...repeated, row(1), swapped])
    expect(after.breakCount).toBe(MOST_BREAKS + 1)
    expect(after.breaks.at(-1)).toMatchObject({ kind: 'repeated', seq: 1 })
  })
})

describe('places in a chain with gaps', () => {
  it('a row that comes twice is repeated, wherever the gaps are', () => {
    const [two, four] = ['missing 2-2: row 2 is missing', 'missing 4-4: row 4 is missing']
    const repeated = (seq: number): string => `repeated ${seq}-${seq}: row ${seq} is there more than once`
    for (const seq of [1, 3, 5]) {
      expect(told([row(1), row(3), row(5), row(seq)])).toEqual([repeated(seq), two, four])
    }
  })

  it('a row that comes late fills its gap', () => {
    const late = (seq: number, newest: number): string =>
      `reordered ${seq}-${seq}: row ${seq} is not in its place: it stands behind row ${newest}`
    expect(told([row(1), row(4), row(8), row(6), row(3), row(2), row(7), row(5)])).toEqual(
      [6, 3, 2, 7, 5].map((seq) => late(seq, 8)),
    )
    expect(told([row(1), row(5), row(3)])).toEqual([
      late(3, 5),
      'missing 2-2: row 2 is missing',
      'missing 4-4: row 4 is missing',
    ])
    expect(told([row(1), row(5)])).toEqual(['missing 2-4: rows 2 to 4 are missing'])
  })
})

describe('what others countersigned', () => {
  const other = 'sha256:0'

  it('is held against rows that have their digest, and not against changed ones', () => {
    const changed = { ...row(2), command: 'else' }
    const words = 'changed 2-2: row 2 was changed: it does not have its digest'
    expect(told([row(1), changed, row(3)], [{ seq: 2, digest: other }])).toEqual([words])
    expect(told(ROWS.slice(0, 3), [{ seq: 2, digest: other }])).toEqual([
      'not-countersigned 2-2: row 2 is not the one that was countersigned: the chain was written anew up to there',
    ])
    expect(told(ROWS.slice(0, 3), [row(2), { seq: 2, digest: other }])).toHaveLength(1)
  })

  it('is told as cut off where the chain ends before', () => {
    const heads = [row(7), row(9)]
    expect(told(ROWS.slice(0, 3), heads)).toEqual([
      'cut-off 4-9: the chain is cut off: its last row is 3, and row 9 was countersigned',
    ])
    expect(told([], heads)).toEqual(['cut-off 1-9: the chain is cut off: it has no rows, and row 9 was countersigned'])
  })
})

it('what is in the store and not ours is a break', () => {
  const reader = new ChainReader([])
  reader.otherSchema('there is a trigger on entries')
  reader.read(row(1))
  const message = 'there is a trigger on entries: what it does to rows nobody knows'
  expect(reader.report()).toMatchObject({
    isWhole: false,
    breaks: [{ kind: 'schema', seq: 0, to: 0, message }],
    head: { seq: 1 },
  })
})

it('an entry needs a time as the ledger has it', () => {
  expect(() => newEntry(null, input({ at: 'yesterday' }))).toThrow('yesterday is not a time as the ledger has it')
})
