import { createHash, hash } from 'node:crypto'
import { GENESIS, type Head, type StoredRow, rowText } from './chain.ts'
import { type RawRow, readRow, rowOfLine, seqOf, storedRow } from './row.ts'

/** In which ways a chain can be broken. */
export type BreakKind =
  | 'changed'
  | 'unlinked'
  | 'missing'
  | 'reordered'
  | 'repeated'
  | 'not-canonical'
  | 'unreadable'
  | 'cut-off'
  | 'not-countersigned'
  | 'schema'

export interface ChainBreak {
  readonly kind: BreakKind
  /** The row that it is about; of several that are missing or cut off, the first; 0 for what is about no row. */
  readonly seq: number
  /** The last of them. */
  readonly to: number
  readonly message: string
}

export interface ChainReport {
  readonly isWhole: boolean
  /** How many rows there were. */
  readonly rows: number
  /** The row with the highest number that could be read. */
  readonly head: Head | null
  /** In the order in which they were found, at most `MOST_BREAKS`. */
  readonly breaks: readonly ChainBreak[]
  readonly breakCount: number
}

/** So many breaks are named; after that they are counted. */
export const MOST_BREAKS = 1_000

/** A row that does not fit its number is tried with so many before and after. */
const FARTHEST_MOVE = 100

/**
 * Numbers that have not come yet, with the digests on both sides: what the entry before has, and what the entry after says
 * it follows. Null where that side is itself broken: that has been told.
 */
interface Gap {
  readonly from: number
  readonly to: number
  readonly after: string | null
  readonly before: string | null
}

/**
 * Verifies a chain row by row, as it lies in its store or file, with little memory, and names every break. Nothing is
 * thrown: what cannot be read is a break. A chain that somebody wrote anew from some row on, or whose end is gone, is whole
 * in itself; only a head that was kept elsewhere tells.
 */
export class ChainReader {
  readonly #heads: Map<number, Set<string>> = new Map()
  readonly #breaks: ChainBreak[] = []
  #breakCount = 0
  #rows = 0
  /** Sorted, since a new one is always behind the others. */
  readonly #gaps: Gap[] = []
  #newest: { readonly seq: number; readonly digest: string | null } = { seq: 0, digest: GENESIS }
  #head: Head | null = null

  /** @param heads what others have countersigned: the chain must contain each of them. */
  constructor(heads: readonly Head[]) {
    for (const { seq, digest } of heads) this.#heads.set(seq, (this.#heads.get(seq) ?? new Set()).add(digest))
  }

  /** The next row of a store. */
  read(raw: RawRow): void {
    this.#rows += 1
    const row = storedRow(raw)
    if (row === null) this.#unreadable(seqOf(raw), 'does not have the columns of an entry')
    else this.#row(row)
  }

  /** The next line of an export. */
  readLine(line: string): void {
    this.#rows += 1
    const found = rowOfLine(line)
    if (found === null) return this.#unreadable(null, 'is not a JSON object')
    const row = storedRow(found.raw)
    if (row === null) return this.#unreadable(seqOf(found.raw), 'does not have the members of an entry')
    if (!found.isCanonical || Object.keys(found.raw).length !== Object.keys(row).length) this.#notCanonical(row.seq)
    this.#row(row)
  }

  /** Something in the store that is not ours, in words: nobody knows what it does to rows. */
  otherSchema(problem: string): void {
    this.#break('schema', 0, `${problem}: what it does to rows nobody knows`)
  }

  /** What was found. To be called once, after the last row. */
  report(): ChainReport {
    for (const { from, to } of this.#gaps) {
      this.#break('missing', from, from === to ? `row ${from} is missing` : `rows ${from} to ${to} are missing`, to)
    }
    const last = this.#newest.seq
    const beyond = [...this.#heads.keys()].filter((seq) => seq > last)
    if (beyond.length > 0) {
      const to = Math.max(...beyond)
      const end = last === 0 ? 'it has no rows' : `its last row is ${last}`
      this.#break('cut-off', last + 1, `the chain is cut off: ${end}, and row ${to} was countersigned`, to)
    }
    const breakCount = this.#breakCount
    return { isWhole: breakCount === 0, rows: this.#rows, head: this.#head, breaks: this.#breaks, breakCount }
  }

  #row(row: StoredRow): void {
    const read = readRow(row)
    if ('problem' in read) return this.#unreadable(row.seq, read.problem)
    if (!read.isCanonical) this.#notCanonical(row.seq)
    const movedFrom = entryNumber(row, this.#breaks.length < MOST_BREAKS ? FARTHEST_MOVE : 0)
    if (movedFrom === null) {
      this.#break('changed', row.seq, `row ${row.seq} was changed: it does not have its digest`)
    } else if (movedFrom !== row.seq) {
      const message = `row ${row.seq} is not in its place: it holds what was entered as number ${movedFrom}`
      this.#break('reordered', row.seq, message)
    }
    const isIntact = movedFrom === row.seq
    if (isIntact) this.#countersigned(row)
    this.#place(row.seq, isIntact ? row.digest : null, isIntact ? row.previous : null)
    if (row.seq === this.#newest.seq) this.#head = { seq: row.seq, digest: row.digest }
  }

  /** It takes the place of its number, or of the next one, so that one broken row is not told as two. */
  #unreadable(seq: number | null, problem: string): void {
    const at = seq ?? this.#newest.seq + 1
    this.#break('unreadable', at, `row ${at} ${problem}`)
    this.#place(at, null, null)
  }

  #notCanonical(seq: number): void {
    this.#break('not-canonical', seq, `row ${seq} was written in another form than the canonical one`)
  }

  #countersigned({ seq, digest }: StoredRow): void {
    const digests = this.#heads.get(seq)
    if (digests === undefined || (digests.size === 1 && digests.has(digest))) return
    const message = `row ${seq} is not the one that was countersigned: the chain was written anew up to there`
    this.#break('not-countersigned', seq, message)
  }

  /** Puts a row into the order of the numbers, and compares it with its neighbours as far as they have come. */
  #place(seq: number, digest: string | null, previous: string | null): void {
    const { seq: newest, digest: after } = this.#newest
    if (seq > newest) {
      this.#close({ from: newest + 1, to: seq - 1, after, before: previous }, this.#gaps.length)
      this.#newest = { seq, digest }
      return
    }
    const index = this.#gapWith(seq)
    const gap = this.#gaps[index]
    if (gap === undefined) return this.#break('repeated', seq, `row ${seq} is there more than once`)
    this.#break('reordered', seq, `row ${seq} is not in its place: it stands behind row ${newest}`)
    this.#gaps.splice(index, 1)
    this.#close({ from: seq + 1, to: gap.to, after: digest, before: gap.before }, index)
    this.#close({ from: gap.from, to: seq - 1, after: gap.after, before: previous }, index)
  }

  /** A gap without numbers is no gap: there, two rows follow each other. */
  #close(gap: Gap, index: number): void {
    if (gap.from <= gap.to) {
      this.#gaps.splice(index, 0, gap)
      return
    }
    if (gap.after === null || gap.before === null || gap.after === gap.before) return
    const message =
      gap.from === 1
        ? 'row 1 does not begin a ledger: it follows something else'
        : `row ${gap.from} does not follow row ${gap.from - 1}: one of them was replaced`
    this.#break('unlinked', gap.from, message)
  }

  /** The index of the gap that the number lies in; -1 if there is none. */
  #gapWith(seq: number): number {
    let [low, high] = [0, this.#gaps.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const gap = this.#gaps[middle]
      if (gap === undefined || seq < gap.from) high = middle - 1
      else if (seq > gap.to) low = middle + 1
      else return middle
    }
    return -1
  }

  #break(kind: BreakKind, seq: number, message: string, to = seq): void {
    this.#breakCount += 1
    if (this.#breaks.length < MOST_BREAKS) this.#breaks.push({ kind, seq, to, message })
  }
}

/** The number with which a row has its digest: its own, or that of a place nearby, from which it was moved; else null. */
function entryNumber(row: StoredRow, farthest: number): number | null {
  const text = rowText(row)
  return `sha256:${hash('sha256', text)}` === row.digest ? row.seq : numberNearby(row, text, farthest)
}

/** The number is the last member of the canonical text, so that each try costs little. */
function numberNearby(row: StoredRow, text: string, farthest: number): number | null {
  const begun = createHash('sha256').update(text.slice(0, text.length - `${row.seq}}`.length))
  const has = (seq: number): boolean => `sha256:${begun.copy().update(`${seq}}`).digest('hex')}` === row.digest
  for (let distance = 1; distance <= farthest; distance += 1) {
    if (row.seq > distance && has(row.seq - distance)) return row.seq - distance
    if (has(row.seq + distance)) return row.seq + distance
  }
  return null
}
