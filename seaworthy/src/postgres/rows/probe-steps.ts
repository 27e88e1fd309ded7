import type { ProbeResult } from '../../migrations/effects.ts'
import type { ProbeStep } from '../../migrations/engine.ts'
import { quoteIdentifier } from '../quote.ts'
import { type ProbeSession, Unanswered } from './probe-session.ts'
import type { ProbeTarget } from './probe-targets.ts'
import type { Values } from './read.ts'

/** What is there of it now: columns that are gone are told by others. */
export interface ProbedTable extends ProbeTarget {
  readonly there: ReadonlySet<string>
}

type Row = ProbeTarget['rows'][number]
type Parameters = (string | null)[]

/** Columns that are each given another value. */
const MOST_COLUMNS = 40
/** Rows that `SELECT *` computes columns of. */
const MOST_READ = 1_000
const LONGEST_VALUE = 80

/** Reads, updates, deletes and inserts one row as a program does that knows the columns of before. */
export async function probeSteps(session: ProbeSession, table: ProbedTable): Promise<ProbeStep[]> {
  return await new TableProbe(session, table).steps()
}

class TableProbe {
  readonly #session: ProbeSession
  readonly #table: ProbedTable
  /** Positions in the values, of columns that are still there. */
  readonly #columns: readonly number[]
  readonly #keys: readonly number[]

  constructor(session: ProbeSession, table: ProbedTable) {
    this.#session = session
    this.#table = table
    this.#columns = table.columns.flatMap((one, index) => (table.there.has(one.name) ? [index] : []))
    this.#keys = table.columns.flatMap((one, index) => (one.isKey ? [index] : []))
  }

  async steps(): Promise<ProbeStep[]> {
    const { rows, columns } = this.#table
    const isWhole = this.#columns.length === columns.length
    if (this.#keys.length === 0 ? !isWhole : this.#keys.some((key) => !this.#columns.includes(key)))
      throw new Unanswered('what told its rows apart is gone')
    const select = await this.#read()
    if (select.error !== null) return [{ operation: 'select', what: 'rows', result: select }]
    const row = await this.#firstThere(rows)
    if (row === null) throw new Unanswered('none of its rows is there')
    const steps: ProbeStep[] = [
      { operation: 'select', what: 'rows', result: select },
      { operation: 'update', what: 'the same values', result: await this.#updateAll(row) },
    ]
    for (const index of this.#keys.length === 0 ? [] : this.#settable().slice(0, MOST_COLUMNS)) {
      const other = this.#otherValue(index, row)
      if (other !== null)
        steps.push({ operation: 'update', what: this.#name(index), result: await this.#updateOne(row, index, other) })
    }
    return [...steps, ...(await this.#deleteAndInsert(row))]
  }

  /** A NULL is told from a text by its being none; a key is never NULL. */
  #where(row: Row, from: number): { readonly text: string; readonly values: Parameters } {
    if (this.#keys.length === 0) {
      const fields = this.#columns.map((index) => `it.${this.#quoted(index)}`)
      return { text: `ROW(${fields.join(', ')})::text = $${from}`, values: [row.record] }
    }
    const tests = this.#keys.map((key, at) => `pg_catalog.format('%s', it.${this.#quoted(key)}) = $${from + at}`)
    return { text: tests.join(' AND '), values: this.#keys.map((key) => row.values[key] ?? null) }
  }

  #name(index: number): string {
    return this.#table.columns[index]?.name ?? ''
  }

  #quoted(index: number): string {
    return quoteIdentifier(this.#name(index))
  }

  #settable(): number[] {
    const { columns } = this.#table
    return this.#columns.filter((index) => columns[index]?.isKey === false && !columns[index].isAlways)
  }

  /** Of the rows that are known, a value that stands in another one. */
  #otherValue(index: number, row: Row): string | null {
    const values = this.#table.rows.map((one) => one.values[index] ?? null)
    return values.find((value) => value !== null && value !== row.values[index]) ?? null
  }

  async #find(row: Row): Promise<Values | null> {
    const { text, values } = this.#where(row, 1)
    const fields = this.#columns.map((index) => `it.${this.#quoted(index)}`)
    const found = await this.#session.send(
      `SELECT ${fields.join(', ')} FROM ${this.#table.sql} AS it WHERE ${text} LIMIT 1`,
      values,
    )
    const [read] = found.rows
    if (read === undefined) return null
    return this.#table.columns.map((_, index) => read[this.#columns.indexOf(index)] ?? null)
  }

  async #read(): Promise<ProbeResult> {
    return await this.#session.attempt(async () => {
      const { count } = await this.#session.send(`SELECT * FROM ${this.#table.sql} LIMIT ${MOST_READ}`)
      const [row] = this.#table.rows
      if (row !== undefined) await this.#find(row)
      return { rows: count, isKept: true, altered: [] }
    })
  }

  async #firstThere(rows: readonly Row[]): Promise<Row | null> {
    for (const row of rows) {
      const values = await this.#find(row)
      if (values !== null) return { record: row.record, values }
    }
    return null
  }

  /** Whether the row is there now and holds what was written. */
  async #kept(row: Row, count: number, columns: readonly number[]): Promise<Omit<ProbeResult, 'error'>> {
    const now = await this.#find(row)
    if (now === null) return { rows: count, isKept: false, altered: [] }
    const altered = columns
      .filter((index) => now[index] !== row.values[index])
      .map((index) => ({
        column: this.#name(index),
        wrote: shortened(row.values[index] ?? null),
        holds: shortened(now[index] ?? null),
      }))
    return { rows: count, isKept: true, altered }
  }

  async #updateAll(row: Row): Promise<ProbeResult> {
    const own = this.#settable()
    const always = this.#columns.filter((index) => this.#table.columns[index]?.isAlways === false)
    const set = own.length === 0 ? always : own
    if (set.length === 0) return { error: null, rows: 1, isKept: true, altered: [] }
    const assigned = set.map((index) => `${this.#quoted(index)} = it.${this.#quoted(index)}`)
    return await this.#session.attempt(async () => {
      const { text, values } = this.#where(row, 1)
      const { count } = await this.#session.send(
        `UPDATE ${this.#table.sql} AS it SET ${assigned.join(', ')} WHERE ${text}`,
        values,
      )
      return await this.#kept(row, count, this.#columns)
    })
  }

  async #updateOne(row: Row, index: number, other: string): Promise<ProbeResult> {
    return await this.#session.attempt(async () => {
      const { text, values } = this.#where(row, 2)
      const { count } = await this.#session.send(
        `UPDATE ${this.#table.sql} AS it SET ${this.#quoted(index)} = $1 WHERE ${text}`,
        [other, ...values],
      )
      return await this.#kept({ ...row, values: row.values.with(index, other) }, count, [index])
    })
  }

  async #delete(row: Row): Promise<Omit<ProbeResult, 'error'>> {
    const { text, values } = this.#where(row, 1)
    const { count } = await this.#session.send(`DELETE FROM ${this.#table.sql} AS it WHERE ${text}`, values)
    return { rows: count, isKept: (await this.#find(row)) === null, altered: [] }
  }

  /** Rows that others refer to cannot be deleted, so that the first one counts that can. */
  async #deleteAndInsert(first: Row): Promise<ProbeStep[]> {
    const failed = await this.#session.attempt(async () => await this.#delete(first))
    let [deleted, row]: [ProbeResult, Row] = [failed, first]
    for (const one of failed.error === null ? [] : this.#table.rows) {
      const values = await this.#find(one)
      if (values === null) continue
      const next = { record: one.record, values }
      const result = await this.#session.attempt(async () => await this.#delete(next))
      if (result.error !== null) continue
      ;[deleted, row] = [result, next]
      break
    }
    const steps: ProbeStep[] = [{ operation: 'delete', what: 'a row', result: deleted }]
    if (deleted.error !== null || !deleted.isKept) return steps
    const required = this.#columns.filter((index) => this.#table.columns[index]?.isRequired === true)
    return [
      ...steps,
      { operation: 'insert', what: 'the same values', result: await this.#insert(row, this.#columns) },
      { operation: 'insert', what: 'defaults', result: await this.#insert(row, required) },
    ]
  }

  async #insert(row: Row, named: readonly number[]): Promise<ProbeResult> {
    const { columns, sql } = this.#table
    const isOverriding = named.some((index) => columns[index]?.isAlways === true)
    const names = named.map((index) => this.#quoted(index)).join(', ')
    const places = named.map((_, at) => `$${at + 1}`).join(', ')
    const what =
      named.length === 0
        ? 'DEFAULT VALUES'
        : `(${names})${isOverriding ? ' OVERRIDING SYSTEM VALUE' : ''} VALUES (${places})`
    return await this.#session.attempt(async () => {
      await this.#delete(row)
      const { count } = await this.#session.send(
        `INSERT INTO ${sql} ${what}`,
        named.map((index) => row.values[index] ?? null),
      )
      const isSame = named.length === this.#columns.length
      return isSame ? await this.#kept(row, count, named) : { rows: count, isKept: true, altered: [] }
    })
  }
}

const shortened = (value: string | null): string | null => value?.slice(0, LONGEST_VALUE) ?? null
