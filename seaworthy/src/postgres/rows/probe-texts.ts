import { quotedName } from '../../sql/identifier.ts'
import type { Answer, ProbeStatement } from './probe-session.ts'
import type { ProbeTarget } from './probe-targets.ts'
import type { Values } from './read.ts'

export type Row = ProbeTarget['rows'][number]

/** Rows that `SELECT *` computes columns of. */
const MOST_READ = 1_000

/** The statements about one table, of the columns that are still there. Positions are those in the values of before. */
export class TableTexts {
  readonly columns: readonly number[]
  readonly keys: readonly number[]
  readonly #table: ProbeTarget

  constructor(table: ProbeTarget, there: ReadonlySet<string>) {
    this.#table = table
    this.columns = table.columns.flatMap((one, index) => (there.has(one.name) ? [index] : []))
    this.keys = table.columns.flatMap((one, index) => (one.isKey ? [index] : []))
  }

  get canTellRowsApart(): boolean {
    return this.keys.length === 0
      ? this.columns.length === this.#table.columns.length
      : this.keys.every((key) => this.columns.includes(key))
  }

  settable(): number[] {
    const { columns } = this.#table
    return this.columns.filter((index) => columns[index]?.isKey === false && !columns[index].isAlways)
  }

  #quoted(index: number): string {
    return quotedName(this.#table.columns[index]?.name ?? '')
  }

  /** A NULL is told from a text by its being none; a key is never NULL. */
  #where(row: Row, from: number): { readonly text: string; readonly values: readonly (string | null)[] } {
    if (this.keys.length === 0) {
      const fields = this.columns.map((index) => `it.${this.#quoted(index)}`)
      return { text: `ROW(${fields.join(', ')})::text = $${from}`, values: [row.record] }
    }
    const tests = this.keys.map((key, at) => `pg_catalog.format('%s', it.${this.#quoted(key)}) = $${from + at}`)
    return { text: tests.join(' AND '), values: this.keys.map((key) => row.values[key] ?? null) }
  }

  readAll(): ProbeStatement {
    return { text: `SELECT * FROM ${this.#table.sql} LIMIT ${MOST_READ}` }
  }

  find(row: Row): ProbeStatement {
    const { text, values } = this.#where(row, 1)
    const fields = this.columns.map((index) => `it.${this.#quoted(index)}`)
    return { text: `SELECT ${fields.join(', ')} FROM ${this.#table.sql} AS it WHERE ${text} LIMIT 1`, values }
  }

  /** Of an answer to `find`, in the positions of before; null if the row is not there. */
  valuesOf(answer: Answer | undefined): Values | null {
    const read = answer?.rows[0]
    if (read === undefined) return null
    return this.#table.columns.map((_, index) => read[this.columns.indexOf(index)] ?? null)
  }

  /** Null where no column can be set. */
  updateAll(row: Row): ProbeStatement | null {
    const own = this.settable()
    const always = this.columns.filter((index) => this.#table.columns[index]?.isAlways === false)
    const set = own.length === 0 ? always : own
    if (set.length === 0) return null
    const assigned = set.map((index) => `${this.#quoted(index)} = it.${this.#quoted(index)}`)
    const { text, values } = this.#where(row, 1)
    return { text: `UPDATE ${this.#table.sql} AS it SET ${assigned.join(', ')} WHERE ${text}`, values }
  }

  updateOne(row: Row, index: number, value: string | null): ProbeStatement {
    const { text, values } = this.#where(row, 2)
    return {
      text: `UPDATE ${this.#table.sql} AS it SET ${this.#quoted(index)} = $1 WHERE ${text}`,
      values: [value, ...values],
    }
  }

  delete(row: Row): ProbeStatement {
    const { text, values } = this.#where(row, 1)
    return { text: `DELETE FROM ${this.#table.sql} AS it WHERE ${text}`, values }
  }

  insert(row: Row, named: readonly number[]): ProbeStatement {
    const isOverriding = named.some((index) => this.#table.columns[index]?.isAlways === true)
    const names = named.map((index) => this.#quoted(index)).join(', ')
    const places = named.map((_, at) => `$${at + 1}`).join(', ')
    const what =
      named.length === 0
        ? 'DEFAULT VALUES'
        : `(${names})${isOverriding ? ' OVERRIDING SYSTEM VALUE' : ''} VALUES (${places})`
    return { text: `INSERT INTO ${this.#table.sql} ${what}`, values: named.map((index) => row.values[index] ?? null) }
  }

  /** The number after the greatest one in a column. */
  afterGreatest(index: number): ProbeStatement {
    return { text: `SELECT pg_catalog.max(it.${this.#quoted(index)}) + 1 FROM ${this.#table.sql} AS it` }
  }
}
