import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/gate/canonical.ts'
import { type Entry, rowOf, type StoredRow } from '../../../src/gate/chain/chain.ts'
import { readRow, rowOfLine, seqOf, storedRow } from '../../../src/gate/chain/row.ts'
import { chainOf, input } from './entries.ts'

const [ENTRY] = chainOf(1)
const ROW = rowOf(ENTRY!)
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

describe('the number of a row', () => {
  it.each<[unknown, number | null]>([
    [1, 1],
    [7n, 7],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [0, null],
    [-1, null],
    [1.5, null],
    [2 ** 53, null],
    [2n ** 53n, null],
    ['1', null],
    [null, null],
    [undefined, null],
    [[1], null],
  ])('%s', (seq, number) => expect(seqOf({ seq })).toBe(number))
})

describe('a row of a store', () => {
  it('is one with the columns of an entry, and nothing else of it is kept', () => {
    expect(storedRow({ ...ROW, seq: 1n, more: 'x' } as object)).toEqual(ROW)
    expect(storedRow({ ...ROW, candidate: 'abc' })).toEqual({ ...ROW, candidate: 'abc' })
  })

  it.each(Object.keys(ROW))('is none without %s, nor with another type of it', (column) => {
    const rest = Object.fromEntries(Object.entries(ROW).filter(([name]) => name !== column))
    expect(storedRow(rest)).toBeNull()
    expect(storedRow({ ...ROW, [column]: true })).toBeNull()
    expect(storedRow({ ...ROW, [column]: new Uint8Array(1) })).toBeNull()
  })
})

describe('what a row says', () => {
  it('is its entry, and whether it is written in the one form', () => {
    expect(readRow(ROW)).toEqual({ entry: ENTRY, isCanonical: true })
    expect(readRow({ ...ROW, content: ` ${ROW.content}` })).toEqual({ entry: ENTRY, isCanonical: false })
    expect(readRow({ ...ROW, actor: ` ${ROW.actor}` })).toEqual({ entry: ENTRY, isCanonical: false })
    expect(readRow({ ...ROW, content: 'null' })).toEqual({ entry: { ...ENTRY, content: null }, isCanonical: true })
  })

  it.each<[string, Partial<StoredRow>]>([
    ['is of a kind that this version does not know', { kind: 'other' }],
    ['has no time', { at: 'yesterday' }],
    ['has a content that is not JSON', { content: '{' }],
    ['does not say who made it', { actor: '{' }],
    ...['null', '1', '"ada"', '[]', '{}', '{"user":null,"host":null}', '{"user":1,"host":null,"ci":null}'].map(
      (actor): [string, Partial<StoredRow>] => ['does not say who made it', { actor }],
    ),
    ['does not say who made it', { actor: '{"user":null,"host":null,"ci":null,"more":null}' }],
    ['does not say who made it', { actor: '{"user":null,"host":null,"else":null}' }],
  ])('%s', (problem, change) => expect(readRow({ ...ROW, ...change })).toEqual({ problem }))

  it.each([DEEP, '1e999'])('cannot be what no entry holds', (content) => {
    expect(readRow({ ...ROW, content })).toEqual({
      problem: 'has a content that no entry can have: nested too deep, or with too large a number',
    })
  })
})

describe('a line of an export', () => {
  const lineOf = (entry: Entry): string => canonicalJson(entry)

  it('is the row of its entry', () => {
    expect(rowOfLine(lineOf(ENTRY!))).toEqual({ raw: ROW, isCanonical: true })
    const [other] = [rowOf({ ...ENTRY!, ...input({ content: [1, null] }) })]
    expect(rowOfLine(lineOf({ ...ENTRY!, content: [1, null] }))?.raw.content).toBe(other.content)
    expect(rowOfLine(` ${lineOf(ENTRY!)}`)).toEqual({ raw: ROW, isCanonical: false })
    expect(rowOfLine('{"seq":7}')).toEqual({ raw: { seq: 7 }, isCanonical: true })
    expect(rowOfLine('{"actor":{},"seq":7}')).toEqual({ raw: { actor: '{}', seq: 7 }, isCanonical: true })
    expect(rowOfLine('{"content":{},"seq":7}')).toEqual({ raw: { content: '{}', seq: 7 }, isCanonical: true })
  })

  it.each(['', 'null', '1', '"a"', '[]', '[{}]', '{'])('is none if it is no object: %j', (line) => {
    expect(rowOfLine(line)).toBeNull()
  })

  it('has no more than its number, if it holds what no entry can', () => {
    for (const content of [DEEP, '1e999'])
      expect(rowOfLine(`{"content":${content},"seq":7}`)).toEqual({ raw: { seq: 7 }, isCanonical: false })
  })
})
