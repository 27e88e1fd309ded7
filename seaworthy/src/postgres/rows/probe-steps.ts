import type { ProbeResult } from '../../migrations/effects.ts'
import type { ProbeStep } from '../../migrations/engine.ts'
import { atRandom } from './at-random.ts'
import { type Answer, type ProbeSession, type ProbeStatement, Unanswered } from './probe-session.ts'
import { type Row, TableTexts } from './probe-texts.ts'
import type { ProbeTarget } from './probe-targets.ts'
import { edgesOf, isCounted, unusualOf } from './probe-values.ts'

/** What is there of it now: columns that are gone are told by others. */
export interface ProbedTable extends ProbeTarget {
  readonly there: ReadonlySet<string>
}

/** Columns that are each given other values. */
const MOST_COLUMNS = 40
const LONGEST_VALUE = 80

/** A value as the server prints it, to be written to a column. */
interface Tried {
  readonly index: number
  readonly label: string
  readonly text: string | null
}

/** Reads, updates, deletes and inserts rows as a program does that knows the columns of before. */
export async function probeSteps(session: ProbeSession, table: ProbedTable): Promise<ProbeStep[]> {
  return await new TableProbe(session, table).steps()
}

class TableProbe {
  readonly #session: ProbeSession
  readonly #table: ProbedTable
  readonly #texts: TableTexts
  readonly #values = new Map<string, Promise<Answer | null>>()

  constructor(session: ProbeSession, table: ProbedTable) {
    this.#session = session
    this.#table = table
    this.#texts = new TableTexts(table, table.there)
  }

  /** In four rounds: what is there, one write that shows whether there is an answer at all, the others, and inserts. */
  async steps(): Promise<ProbeStep[]> {
    const texts = this.#texts
    if (!texts.canTellRowsApart) throw new Unanswered('what told its rows apart is gone')
    const [select, found, edges, next] = await Promise.all([
      this.#read(),
      Promise.all(this.#table.rows.map(async (row) => await this.#found(row))),
      Promise.all(this.#edges()),
      this.#nextKeys(),
    ])
    if (select.error !== null) return [{ operation: 'select', what: 'rows', result: select }]
    const rows = found.filter((row) => row !== null)
    const [row] = rows
    if (row === undefined) throw new Unanswered('none of its rows is there')
    const same: ProbeStep = { operation: 'update', what: 'the same values', result: await this.#updateAll(row) }
    const tried = edges.filter((one) => one !== null).filter((one) => one.text !== row.values[one.index])
    const [updates, deletes] = await Promise.all([
      Promise.all([...this.#others(row), ...tried].map(async (one) => await this.#updateOne(row, one))),
      Promise.all(rows.map(async (one) => ({ row: one, result: await this.#deleteOne(one) }))),
    ])
    const deleted = deletes.find((one) => one.result.error === null) ?? deletes[0]
    return [
      { operation: 'select', what: 'rows', result: select },
      same,
      ...updates,
      ...(deleted === undefined ? [] : [{ operation: 'delete', what: 'a row', result: deleted.result } as const]),
      ...(await this.#inserts(row, deleted?.result.isKept === true ? deleted.row : null, next)),
    ]
  }

  #name(index: number): string {
    return this.#table.columns[index]?.name ?? ''
  }

  async #read(): Promise<ProbeResult> {
    const [row] = this.#table.rows
    const statements = [this.#texts.readAll(), ...(row === undefined ? [] : [this.#texts.find(row)])]
    return await this.#session.attempt(statements, ([all]) => ({ rows: all?.count ?? 0, isKept: true, altered: [] }))
  }

  /** The row as it is now, null if it is not there. */
  async #found(row: Row): Promise<Row | null> {
    const values = this.#texts.valuesOf((await this.#session.ask(this.#texts.find(row))) ?? undefined)
    return values === null ? null : { record: row.record, values }
  }

  /** What the server makes of a value of a type, so that it is read back as it was written; null if it takes none such. */
  async #printed(type: string, text: string): Promise<string | null> {
    const key = `${type} ${text}`
    const known = this.#values.get(key) ?? this.#session.ask({ text: `SELECT $1::${type}`, values: [text] })
    this.#values.set(key, known)
    return (await known)?.rows[0]?.[0] ?? null
  }

  #varied(): readonly number[] {
    return this.#texts.keys.length === 0 ? [] : this.#texts.settable().slice(0, MOST_COLUMNS)
  }

  #edges(): Promise<Tried | null>[] {
    return this.#varied().flatMap((index) => {
      const { type, isNullable } = this.#table.columns[index] ?? { type: null, isNullable: false }
      const values = (type === null ? [] : edgesOf(type.name)).map(async ({ label, text }) => {
        const printed = await this.#printed(type?.sql ?? '', text)
        return printed === null ? null : { index, label, text: printed }
      })
      return [...values, ...(isNullable ? [Promise.resolve({ index, label: 'NULL', text: null })] : [])]
    })
  }

  /** For each column of a key a value that no row has; null where none can be made. */
  async #nextKeys(): Promise<ReadonlyMap<number, string> | null> {
    const keys = this.#texts.columns.filter((index) => this.#table.columns[index]?.isUnique === true)
    const found = await Promise.all(keys.map(async (index) => [index, await this.#nextKey(index)] as const))
    const next = found.flatMap(([index, value]): [number, string][] => (value === null ? [] : [[index, value]]))
    return keys.length === 0 || next.length === 0 ? null : new Map(next)
  }

  async #nextKey(index: number): Promise<string | null> {
    const type = this.#table.columns[index]?.type ?? null
    if (type === null) return null
    if (isCounted(type.name)) {
      return (await this.#session.ask(this.#texts.afterGreatest(index)))?.rows[0]?.[0] ?? null
    }
    const unusual = unusualOf(type.name)
    return unusual === null ? null : await this.#printed(type.sql, unusual)
  }

  /** Of the rows that are known, values that stand in another one. */
  #others(row: Row): Tried[] {
    return this.#varied().flatMap((index) => {
      const values = this.#table.rows.map((one) => one.values[index] ?? null)
      const other = values.find((value) => value !== null && value !== row.values[index])
      return other === undefined || other === null ? [] : [{ index, label: '', text: other }]
    })
  }

  /** Whether the row is there now and holds what was written. */
  #kept(row: Row, columns: readonly number[]): (answers: readonly Answer[]) => Omit<ProbeResult, 'error'> {
    return (answers) => {
      const [written, found] = answers.slice(-3)
      const rows = written?.count ?? 0
      const now = this.#texts.valuesOf(found)
      if (now === null) return { rows, isKept: false, altered: [] }
      const altered = columns
        .filter((index) => now[index] !== row.values[index])
        .map((index) => ({
          column: this.#name(index),
          wrote: this.#shown(index, row.values[index] ?? null),
          holds: this.#shown(index, now[index] ?? null),
        }))
      return { rows, isKept: true, altered }
    }
  }

  #shown(index: number, value: string | null): string | null {
    const type = this.#table.columns[index]?.type?.name ?? null
    return value === null ? null : (atRandom(value, type) ?? value.slice(0, LONGEST_VALUE))
  }

  async #updateAll(row: Row): Promise<ProbeResult> {
    const update = this.#texts.updateAll(row)
    if (update === null) return { error: null, rows: 1, isKept: true, altered: [] }
    return await this.#session.attempt([update, this.#texts.find(row)], this.#kept(row, this.#texts.columns))
  }

  async #updateOne(row: Row, { index, label, text }: Tried): Promise<ProbeStep> {
    const written = { ...row, values: row.values.with(index, text) }
    const statements = [this.#texts.updateOne(row, index, text), this.#texts.find(row)]
    const result = await this.#session.attempt(statements, this.#kept(written, [index]))
    return { operation: 'update', what: label === '' ? this.#name(index) : `${this.#name(index)}: ${label}`, result }
  }

  async #deleteOne(row: Row): Promise<ProbeResult> {
    return await this.#session.attempt([this.#texts.delete(row), this.#texts.find(row)], ([deleted, found]) => ({
      rows: deleted?.count ?? 0,
      isKept: this.#texts.valuesOf(found) === null,
      altered: [],
    }))
  }

  /** A row that was deleted is inserted again; beside it one with keys of its own, for which none has to go. */
  async #inserts(first: Row, free: Row | null, next: ReadonlyMap<number, string> | null): Promise<ProbeStep[]> {
    const columns = this.#texts.columns
    const required = columns.filter((index) => this.#table.columns[index]?.isRequired === true)
    const values = first.values.map((value, index) => next?.get(index) ?? value)
    const other: Row = { record: '', values }
    const canBeNew = next !== null && this.#texts.keys.length > 0
    const steps: (Promise<ProbeStep> | null)[] = [
      free === null ? null : this.#insert('the same values', free, columns, [this.#texts.delete(free)]),
      free === null ? null : this.#insert('defaults', free, required, [this.#texts.delete(free)]),
      canBeNew ? this.#insert('a new row', other, columns, []) : null,
      canBeNew && free === null ? this.#insert('defaults of a new row', other, required, []) : null,
    ]
    return await Promise.all(steps.filter((one) => one !== null))
  }

  async #insert(
    what: string,
    row: Row,
    named: readonly number[],
    before: readonly ProbeStatement[],
  ): Promise<ProbeStep> {
    const insert = this.#texts.insert(row, named)
    const isAll = named.length === this.#texts.columns.length
    const result = isAll
      ? await this.#session.attempt([...before, insert, this.#texts.find(row)], this.#kept(row, named))
      : await this.#session.attempt([...before, insert], (answers) => ({
          rows: answers.at(-2)?.count ?? 0,
          isKept: true,
          altered: [],
        }))
    return { operation: 'insert', what, result }
  }
}
