import { SeaworthyError } from '../../gate/error.ts'

/** A field: null where it is empty and not quoted, which is how COPY writes NULL. */
export type CsvField = string | null

/**
 * Reads CSV as PostgreSQL's `COPY … WITH (FORMAT csv)` writes it: commas, double quotes doubled inside of quotes, line
 * breaks inside of quotes kept, LF or CRLF between rows. Strict: a quote in the middle of a field, text after a closing
 * quote, an unclosed quote or a row of another width is a SeaworthyError('unreadable') that names the line.
 */
export function parseCsv(text: string): CsvField[][] {
  const rows: CsvField[][] = []
  const reader = new Reader(text)
  while (!reader.isAtEnd) {
    const startLine = reader.line
    const row = reader.row()
    const width = rows[0]?.length ?? row.length
    if (row.length !== width) throw wrong(startLine, `it has ${row.length} fields, and the first line has ${width}`)
    rows.push(row)
  }
  return rows
}

class Reader {
  readonly #text: string
  #at = 0
  /** Of the character that is read next, from 1. */
  line = 1

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  row(): CsvField[] {
    const fields: CsvField[] = []
    for (;;) {
      fields.push(this.#text[this.#at] === '"' ? this.#quoted() : this.#plain())
      if (this.#text[this.#at] !== ',') break
      this.#at += 1
    }
    if (this.isAtEnd) return fields
    if (this.#text.startsWith('\r\n', this.#at)) this.#at += 2
    else if (this.#text[this.#at] === '\n') this.#at += 1
    else throw wrong(this.line, 'something stands behind a closing quote')
    this.line += 1
    return fields
  }

  #plain(): CsvField {
    const start = this.#at
    for (; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at]
      if (char === '"') throw wrong(this.line, 'a quote stands in the middle of a field')
      if (char === ',' || char === '\n' || this.#text.startsWith('\r\n', this.#at)) break
    }
    return this.#at === start ? null : this.#text.slice(start, this.#at)
  }

  #quoted(): string {
    const startLine = this.line
    let field = ''
    this.#at += 1
    for (;;) {
      const close = this.#text.indexOf('"', this.#at)
      if (close < 0) throw wrong(startLine, 'a quote that begins here is never closed')
      const part = this.#text.slice(this.#at, close)
      this.line += part.split('\n').length - 1
      this.#at = close + 1
      if (this.#text[this.#at] !== '"') return field + part
      field += `${part}"`
      this.#at += 1
    }
  }
}

const wrong = (line: number, what: string): SeaworthyError =>
  new SeaworthyError('unreadable', `line ${line} is no CSV as COPY writes it: ${what}`, {
    hint: 'Export it again: COPY (SELECT * FROM the_table) TO STDOUT WITH (FORMAT csv, HEADER).',
  })
