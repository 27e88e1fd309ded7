import { loadModule, parseSync, scanSync, hasSqlDetails, type Node } from 'libpg-query'
import { isHeavy } from './heavy.ts'
import { kindOf } from './tree.ts'

/** A statement of a script, with its place. Offsets count UTF-16 code units from 0; line and column count from 1. */
export interface Statement {
  /** The grammar's name, such as `AlterTableStmt`; the key of `node`. */
  readonly kind: string
  readonly node: Node
  readonly start: number
  readonly end: number
  readonly line: number
  readonly column: number
}

export interface ParseError {
  readonly message: string
  readonly offset: number
  readonly line: number
  readonly column: number
  /** Nobody knows whether the server would take the text: it would take too long, or is nested too deep, to be read here. */
  readonly isUnread?: true
}

export type Parsed =
  | { readonly ok: true; readonly statements: readonly Statement[] }
  | { readonly ok: false; readonly error: ParseError }

export interface Comment {
  /** With its markers. */
  readonly text: string
  readonly start: number
  readonly end: number
  readonly line: number
}

/** Loads the grammar of PostgreSQL 18 (WebAssembly). Must be awaited once before anything else in this file. */
export const loadGrammar: () => Promise<void> = loadModule

/** Cheaper than a trimmed copy: the first character that counts decides. */
const isBlank = (text: string): boolean => !/\S/.test(text)

/** Parses a whole script with PostgreSQL's own grammar. A script without statements parses to an empty list. */
export function parseSql(text: string): Parsed {
  if (isBlank(text)) return { ok: true, statements: [] }
  if (isHeavy(text)) return unread('thousands of operator characters in a row take too long to read')
  const places = new Places(text)
  try {
    const statements: Statement[] = []
    for (const raw of parseSync(text).stmts ?? []) {
      if (raw.stmt === undefined) continue
      const from = raw.stmt_location ?? 0
      const start = places.ofByte(from)
      const end = raw.stmt_len === undefined || raw.stmt_len === 0 ? text.length : places.ofByte(from + raw.stmt_len)
      const { line, column } = places.next(start)
      statements.push({ kind: kindOf(raw.stmt), node: raw.stmt, start, end, line, column })
    }
    return { ok: true, statements }
  } catch (error) {
    if (error instanceof RangeError) return unread('it is nested too deep to be read')
    if (!hasSqlDetails(error)) throw error
    const offset = places.ofPoint(error.sqlDetails?.cursorPosition ?? 0)
    return { ok: false, error: { message: error.message, offset, ...places.at(offset) } }
  }
}

const unread = (message: string): Parsed => ({
  ok: false,
  error: { message, offset: 0, line: 1, column: 1, isUnread: true },
})

/**
 * All comments of a script, by the server's own scanner; null if it cannot even be scanned, or not in time. Text inside of a string
 * or of a dollar-quoted body is no comment.
 */
export function commentsOf(text: string): readonly Comment[] | null {
  if (!text.includes('--') && !text.includes('/*')) return []
  if (isHeavy(text)) return null
  const places = new Places(text)
  try {
    return scanSync(text)
      .tokens.filter((token) => token.tokenName === 'SQL_COMMENT' || token.tokenName === 'C_COMMENT')
      .map((token) => {
        const start = places.ofByte(token.start)
        return { text: token.text, start, end: places.ofByte(token.end), line: places.at(start).line }
      })
  } catch {
    // The scanner reports a failure as a message instead of a document: an unterminated string or comment.
    return null
  }
}

/** The line and column of an offset, both from 1. A lone carriage return ends a line for the server, and so here. */
export const placeOf = (text: string, offset: number): { line: number; column: number } => new Places(text).at(offset)

/** As `placeOf`, for whoever asks of many offsets: the text is walked once. */
export function placesOf(text: string): (offset: number) => { line: number; column: number } {
  const places = new Places(text)
  return (offset) => places.at(offset)
}

/** Turns the parser's byte offsets into text offsets, and offsets into lines; made once a script. */
class Places {
  readonly #text: string
  readonly #isAscii: boolean
  readonly #hasReturns: boolean
  #lineStarts: number[] | null = null
  #byteCursor = 0
  #charCursor = 0
  #line = 1
  #lineStart = 0
  #looked = 0

  constructor(text: string) {
    this.#text = text
    this.#isAscii = Buffer.byteLength(text) === text.length
    this.#hasReturns = text.includes('\r')
  }

  /** Offsets are asked for in rising order, so one walk over the text serves them all. */
  ofByte(byte: number): number {
    if (this.#isAscii) return byte
    if (byte < this.#byteCursor) {
      this.#byteCursor = 0
      this.#charCursor = 0
    }
    while (this.#byteCursor < byte && this.#charCursor < this.#text.length) {
      const point = this.#text.codePointAt(this.#charCursor) ?? 0
      this.#byteCursor += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
      this.#charCursor += point < 0x10000 ? 1 : 2
    }
    return this.#charCursor
  }

  /** The parser counts an error's place in code points. */
  ofPoint(points: number): number {
    if (this.#isAscii) return Math.min(points, this.#text.length)
    let offset = 0
    for (let point = 0; point < points && offset < this.#text.length; point += 1) {
      offset += (this.#text.codePointAt(offset) ?? 0) < 0x10000 ? 1 : 2
    }
    return offset
  }

  /** As `at`, for offsets that are asked for in rising order: it looks at each line once. */
  next(offset: number): { line: number; column: number } {
    if (this.#hasReturns) return this.at(offset)
    for (
      let end = this.#text.indexOf('\n', this.#looked);
      end !== -1 && end < offset;
      end = this.#text.indexOf('\n', end + 1)
    ) {
      this.#line += 1
      this.#lineStart = end + 1
    }
    this.#looked = offset
    return { line: this.#line, column: offset - this.#lineStart + 1 }
  }

  at(offset: number): { line: number; column: number } {
    this.#lineStarts ??= lineStartsOf(this.#text)
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 }
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 10 || (code === 13 && text.charCodeAt(index + 1) !== 10)) starts.push(index + 1)
  }
  return starts
}
