import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/gate/canonical.ts'
import { type Entry, type Head, newEntry, rowDigest, rowOf, type StoredRow } from '../../../src/gate/chain/chain.ts'
import { type ChainBreak, ChainReader, type ChainReport, MOST_BREAKS } from '../../../src/gate/chain/reader.ts'
import type { RawRow } from '../../../src/gate/chain/row.ts'
import { chainOf, input } from './entries.ts'

/** Reads rows, as they lie there. */
function read(rows: readonly RawRow[], heads: readonly Head[] = []): ChainReport {
  const reader = new ChainReader(heads)
  for (const row of rows) reader.read(row)
  return reader.report()
}

const rowsOf = (length: number): StoredRow[] => chainOf(length).map(rowOf)
function rowIn(rows: readonly StoredRow[], seq: number): StoredRow {
  const row = rows[seq - 1]
  if (row === undefined) throw new Error(`no row ${seq}`)
  return row
}

const told = ({ breaks }: ChainReport): string[] =>
  breaks.map(({ kind, seq, to }) => (seq === to ? `${kind} ${seq}` : `${kind} ${seq}-${to}`))
const messages = ({ breaks }: ChainReport): string[] => breaks.map(({ message }) => message)

/** Whether a break is about this row: by its number, or because its message names it. */
const names = ({ seq, to, message }: ChainBreak, row: number): boolean =>
  (seq <= row && row <= to) || new RegExp(String.raw`\b${row}\b`).test(message)

/** The row with its digest made again, as whoever knows the format would. */
const resealed = (row: StoredRow): StoredRow => ({ ...row, digest: rowDigest(row) })

describe('a chain that holds', () => {
  it('has no breaks, and its newest row is its head', () => {
    const rows = rowsOf(3)
    const head = { seq: 3, digest: rows[2]?.digest }
    expect(read(rows)).toEqual({ isWhole: true, rows: 3, head, breaks: [], breakCount: 0 })
    expect(read([])).toEqual({ isWhole: true, rows: 0, head: null, breaks: [], breakCount: 0 })
  })

  it('contains each of its own heads', () => {
    const rows = rowsOf(5)
    expect(read(rows, rows)).toMatchObject({ isWhole: true })
    expect(read(rows, [...rows, ...rows])).toMatchObject({ isWhole: true })
  })
})

describe('every break is named', () => {
  it('a changed row, in any of its columns', () => {
    const rows = rowsOf(4)
    const changes: Partial<StoredRow>[] = [
      { at: '2026-11-22T15:00:00.000Z' },
      { kind: 'emergency' },
      { actor: '{"ci":null,"host":null,"user":null}' },
      { command: 'seaworthy check --all' },
      { candidate: 'other' },
      { content: '{"verdict":"pass"}' },
      { previous: rows[3]?.digest ?? '' },
      { digest: rows[3]?.digest ?? '' },
    ]
    for (const change of changes) {
      const report = read(rows.map((row) => (row.seq === 2 ? { ...row, ...change } : row)))
      expect(told(report)).toEqual(['changed 2'])
      expect(messages(report)).toEqual(['row 2 was changed: it does not have its digest'])
      expect(report).toMatchObject({ isWhole: false, breakCount: 1, rows: 4, head: { seq: 4 } })
    }
  })

  it('a changed row whose digest was made again: it is not the one that the next follows', () => {
    const rows = rowsOf(4).map((row) => (row.seq === 2 ? resealed({ ...row, content: '{"verdict":"pass"}' }) : row))
    expect(told(read(rows))).toEqual(['unlinked 3'])
    expect(messages(read(rows))).toEqual(['row 3 does not follow row 2: one of them was replaced'])
  })

  it('a row that has the digest of a number that no entry has', () => {
    const [first, ...others] = rowsOf(3)
    const zeroth = resealed({ ...rowIn(rowsOf(1), 1), seq: 0 })
    expect(first?.digest).not.toBe(zeroth.digest)
    expect(told(read([{ ...zeroth, seq: 1 }, ...others]))).toEqual(['changed 1'])
  })

  it('a first row that follows something', () => {
    const rows = rowsOf(2).map((row) => (row.seq === 1 ? resealed({ ...row, previous: 'sha256:0' }) : row))
    expect(told(read(rows))).toEqual(['unlinked 1', 'unlinked 2'])
    expect(messages(read(rows))[0]).toBe('row 1 does not begin a ledger: it follows something else')
  })

  it('missing rows, at the beginning and in the middle', () => {
    const rows = rowsOf(9).filter(({ seq }) => ![1, 4, 6, 7].includes(seq))
    expect(told(read(rows))).toEqual(['missing 1', 'missing 4', 'missing 6-7'])
    expect(messages(read(rows))).toEqual(['row 1 is missing', 'row 4 is missing', 'rows 6 to 7 are missing'])
    expect(read(rows)).toMatchObject({ rows: 5, isWhole: false, breakCount: 3 })
  })

  it('a removed row behind which the others were numbered anew', () => {
    const rows = rowsOf(5)
      .filter(({ seq }) => seq !== 2)
      .map((row, index) => ({ ...row, seq: index + 1 }))
    expect(told(read(rows))).toEqual(['reordered 2', 'reordered 3', 'reordered 4'])
    expect(messages(read(rows))[0]).toBe('row 2 is not in its place: it holds what was entered as number 3')
  })

  it('rows that changed places, with their numbers and without', () => {
    const rows = rowsOf(5)
    const at = (seq: number): StoredRow => rowIn(rows, seq)
    const swapped = read([at(1), at(3), at(2), at(4), at(5)])
    expect(told(swapped)).toEqual(['reordered 2'])
    expect(messages(swapped)).toEqual(['row 2 is not in its place: it stands behind row 3'])
    expect(swapped.head).toEqual({ seq: 5, digest: at(5).digest })
    const renumbered = read([at(1), { ...at(4), seq: 2 }, at(3), { ...at(2), seq: 4 }, at(5)])
    expect(told(renumbered)).toEqual(['reordered 2', 'reordered 4'])
    const reversed = read(rows.toReversed())
    expect(told(reversed)).toEqual([4, 3, 2, 1].map((seq) => `reordered ${seq}`))
    expect(reversed.head).toEqual({ seq: 5, digest: at(5).digest })
  })

  it('a row out of its place that does not belong there either', () => {
    const rows = rowsOf(5)
    const at = (seq: number): StoredRow => rowIn(rows, seq)
    const other = resealed({ ...at(2), content: '{}' })
    expect(told(read([at(1), at(3), other]))).toEqual(['reordered 2', 'unlinked 3'])
    const strange = resealed({ ...at(2), previous: 'sha256:0' })
    expect(told(read([at(1), at(3), strange]))).toEqual(['reordered 2', 'unlinked 3', 'unlinked 2'])
    // In the middle of a gap, only the side that is there can be compared.
    expect(told(read([at(1), at(5), at(3)]))).toEqual(['reordered 3', 'missing 2', 'missing 4'])
    expect(told(read([at(1), at(5), at(3), at(2), at(4)]))).toEqual(['reordered 3', 'reordered 2', 'reordered 4'])
  })

  it('a row that is there twice', () => {
    const rows = rowsOf(3)
    expect(told(read([...rows, ...rows.slice(1, 2)]))).toEqual(['repeated 2'])
    expect(told(read([...rows, ...rows.slice(2)]))).toEqual(['repeated 3'])
    expect(messages(read([...rows, ...rows.slice(2)]))).toEqual(['row 3 is there more than once'])
  })

  it('what is cut off behind a countersigned head, once', () => {
    const rows = rowsOf(6)
    const report = read(rows.slice(0, 3), [...rows.slice(2, 3), ...rows.slice(4)])
    expect(told(report)).toEqual(['cut-off 4-6'])
    expect(messages(report)).toEqual(['the chain is cut off: its last row is 3, and row 6 was countersigned'])
    expect(messages(read([], rows.slice(1, 2)))).toEqual([
      'the chain is cut off: it has no rows, and row 2 was countersigned',
    ])
    // Without a head, nobody can tell.
    expect(read(rows.slice(0, 3))).toMatchObject({ isWhole: true })
  })

  it('a chain that was written anew below a countersigned head', () => {
    const rows = rowsOf(4)
    const others: Entry[] = []
    for (let seq = 1; seq <= 4; seq += 1) others.push(newEntry(others.at(-1) ?? null, input({ content: 'forged' })))
    expect(read(others.map(rowOf))).toMatchObject({ isWhole: true })
    const report = read(others.map(rowOf), rows.slice(2, 3))
    expect(told(report)).toEqual(['not-countersigned 3'])
    expect(messages(report)[0]).toContain('row 3 is not the one that was countersigned')
    // Two heads of one number cannot both be right.
    const both = [...rows.slice(2, 3), ...others.slice(2, 3)]
    expect(told(read(rows, both))).toEqual(['not-countersigned 3'])
  })

  it('content in another writing, though its digest fits', () => {
    const row = rowIn(rowsOf(1), 1)
    const spaced = resealed({ ...row, content: '{"number": 1}' })
    expect(told(read([spaced]))).toEqual(['not-canonical 1'])
    expect(messages(read([spaced]))).toEqual(['row 1 was written in another form than the canonical one'])
  })

  it('a row that cannot be read, in its place', () => {
    const rows: RawRow[] = rowsOf(4)
    const report = read([...rows.slice(0, 1), { ...rows[1], content: new Uint8Array(3) }, ...rows.slice(2)])
    expect(told(report)).toEqual(['unreadable 2'])
    expect(messages(report)).toEqual(['row 2 does not have the columns of an entry'])
    expect(told(read([...rows.slice(0, 1), { ...rows[1], seq: null }, ...rows.slice(2)]))).toEqual(['unreadable 2'])
    expect(told(read([...rows.slice(0, 3), { ...rows[3], seq: 'x' }]))).toEqual(['unreadable 4'])
    expect(messages(read([{ ...rows[0], kind: 'song' }]))).toEqual([
      'row 1 is of a kind that this version does not know',
    ])
    expect(read([{}])).toMatchObject({ rows: 1, head: null, breakCount: 1 })
  })

  it('more breaks than are named are counted', () => {
    const rows = rowsOf(MOST_BREAKS + 30).map((row) => ({ ...row, command: 'x' }))
    const report = read(rows)
    expect(report.breaks).toHaveLength(MOST_BREAKS)
    expect(report).toMatchObject({ breakCount: MOST_BREAKS + 30, isWhole: false })
  })
})

describe('a row that no entry can be', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

  it.each([deep, '1e999'])('is named, and the others are read', (content) => {
    const rows = rowsOf(3)
    const odd = { ...rowIn(rows, 2), content }
    const digest = rowDigest(odd)
    const report = read([rowIn(rows, 1), { ...odd, digest }, rowIn(rows, 3)])
    expect(told(report)[0]).toBe('unreadable 2')
    expect(messages(report)[0]).toContain('nested too deep')
    const reader = new ChainReader([])
    reader.readLine(canonicalJson(chainOf(1)[0]))
    reader.readLine(`{"content":${content},"seq":2}`)
    expect(told(reader.report())).toEqual(['unreadable 2'])
  })
})

describe('lines of an export', () => {
  const linesOf = (length: number): string[] => chainOf(length).map((entry) => canonicalJson(entry))
  function readLines(lines: readonly string[]): ChainReport {
    const reader = new ChainReader([])
    for (const line of lines) reader.readLine(line)
    return reader.report()
  }

  it('hold as the rows do', () => {
    expect(readLines(linesOf(3))).toEqual(read(rowsOf(3)))
  })

  it('are entries in their one writing, and nothing else', () => {
    const [first = '', second = ''] = linesOf(2)
    for (const line of ['', 'x', '[]', 'null', '3', second.slice(0, -1)]) {
      expect(told(readLines([first, line]))).toEqual(['unreadable 2'])
    }
    expect(messages(readLines(['x']))).toEqual(['row 1 is not a JSON object'])
    expect(messages(readLines([first, '{}']))).toEqual(['row 2 does not have the members of an entry'])
    expect(told(readLines([first, '{"seq":7}']))).toEqual(['unreadable 7', 'missing 2-6'])
    for (const line of [` ${second}`, `${second}\r`, second.replace('{', '{"a":1,'), second.replace('{', '{"at":1,')]) {
      expect(told(readLines([first, line]))).toEqual(['not-canonical 2'])
    }
    expect(told(readLines([first, second.replace('"number":2', '"number":3')]))).toEqual(['changed 2'])
  })
})

describe('whatever is done to a chain', () => {
  const LONGEST = 12
  const lengths = fc.integer({ min: 2, max: LONGEST })
  const numberIn = (length: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: length })
  const chainAndRow = lengths.chain((length) => fc.tuple(fc.constant(length), numberIn(length)))

  it('a changed row is named', () => {
    const column = fc.constantFrom<keyof StoredRow>('at', 'kind', 'actor', 'command', 'content', 'previous', 'digest')
    fc.assert(
      fc.property(chainAndRow, column, fc.string(), ([length, seq], column, text) => {
        const rows = rowsOf(length)
        fc.pre(rows[seq - 1]?.[column] !== text)
        const report = read(rows.map((row) => (row.seq === seq ? { ...row, [column]: text } : row)))
        expect(report.isWhole).toBe(false)
        expect(report.breaks.some((one) => one.seq === seq)).toBe(true)
      }),
    )
  })

  it('removed rows are named, unless it is the end, which a head tells', () => {
    fc.assert(
      fc.property(
        lengths.chain((length) => fc.tuple(fc.constant(length), fc.uniqueArray(numberIn(length), { minLength: 1 }))),
        ([length, gone]) => {
          const rows = rowsOf(length)
          const report = read(
            rows.filter(({ seq }) => !gone.includes(seq)),
            rows.slice(-1),
          )
          expect(report.isWhole).toBe(false)
          for (const seq of gone) expect(report.breaks.some((one) => one.seq <= seq && seq <= one.to)).toBe(true)
          for (const one of report.breaks) expect(one.kind).toMatch(/^(missing|cut-off)$/)
        },
      ),
    )
  })

  it('a row at another place is named', () => {
    fc.assert(
      fc.property(chainAndRow, fc.nat(LONGEST), ([length, seq], place) => {
        const rows = rowsOf(length)
        rows.splice(place, 0, ...rows.splice(seq - 1, 1))
        fc.pre(rows.some((one, index) => one.seq !== index + 1))
        const report = read(rows)
        expect(report.isWhole).toBe(false)
        expect(report.breaks.some((one) => names(one, seq))).toBe(true)
        expect(report.breaks.every(({ kind }) => kind === 'reordered')).toBe(true)
      }),
    )
  })

  it('an order that is not the order of entry does not hold', () => {
    const orders = lengths.chain((length) => fc.shuffledSubarray(rowsOf(length), { minLength: length }))
    fc.assert(
      fc.property(orders, (rows) => {
        const isSorted = rows.every((row, index) => row.seq === index + 1)
        const report = read(rows)
        expect(report.isWhole).toBe(isSorted)
        expect(report.rows).toBe(rows.length)
        // Nothing is missing, and nothing was changed: only order is told.
        expect(report.breaks.every(({ kind }) => kind === 'reordered')).toBe(true)
      }),
    )
  })
})
