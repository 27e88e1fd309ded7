import type { Client } from 'pg'
import { quotedName } from '../../sql/identifier.ts'
import { type Candidates, candidatesOfCheck } from './candidates.ts'
import { type Row, composeRows } from './compose.ts'
import { type Inserted, insertRows } from './insert.ts'
import type { Pool } from './pool.ts'
import { type ForeignKey, type SeedSchema, type SeedTable, onlyOf } from './schema.ts'
import { referToOwnRows } from './self-reference.ts'
import { type Bases, baseOf } from './sequences.ts'
import { type Solved, solveChecks } from './solve.ts'
import { type Option, type Surroundings, type Variable, poolColumn, variablesOf } from './variables.ts'

/** A handful a table, and at least one for each value of an enum. */
const ROWS = 14
const MOST_ROWS = 40
/** How many rows are tried one by one on a table that took none. */
const LAST_TRIALS = 120
const MOST_KEYS = 40
const LIMIT_MS = 60_000

interface Ground {
  readonly client: Client
  readonly schema: SeedSchema
  readonly pool: Pool
  readonly seed: number
  readonly bases: Bases
  /** Rows that were there before. */
  readonly counts: ReadonlyMap<number, number>
}

/** Puts rows into one table after the other, those first that others refer to. */
export class Planting {
  /** Whether the time was not enough for all tables: another time it may be. */
  isCut = false
  readonly #ground: Ground
  readonly #tables: ReadonlyMap<number, SeedTable>
  /** Columns of each table that a foreign key refers to. */
  readonly #referred = new Map<number, readonly number[]>()
  /** What is in of those columns; a table that had no turn yet is missing. */
  readonly #known = new Map<number, readonly Row[]>()

  readonly #candidates = new Map<string, Candidates>()
  readonly #answers = new Map<string, readonly number[]>()

  constructor(ground: Ground) {
    this.#ground = ground
    this.#tables = new Map(ground.schema.tables.map((table) => [table.oid, table]))
    for (const { foreignKeys } of ground.schema.tables) {
      for (const key of foreignKeys) {
        const columns = [...(this.#referred.get(key.parent) ?? []), ...key.parentColumns]
        this.#referred.set(
          key.parent,
          [...new Set(columns)].toSorted((a, b) => a - b),
        )
      }
    }
  }

  /** Returns why a table has none, by its OID. */
  async plantAll(run: { readonly signal: AbortSignal }): Promise<ReadonlyMap<number, string>> {
    const refused = new Map<number, string>()
    const until = performance.now() + LIMIT_MS
    for (const table of inOrder(this.#ground.schema.tables)) {
      run.signal.throwIfAborted()
      const isLate = performance.now() > until
      this.isCut ||= isLate
      const reason = isLate ? `no time was left for it after ${LIMIT_MS / 1_000} s` : await this.#plant(table)
      if (reason !== null) refused.set(table.oid, reason)
    }
    return refused
  }

  /** Returns why the table has none; null if it has some. */
  async #plant(table: SeedTable): Promise<string | null> {
    const { client, schema, seed } = this.#ground
    for (const key of table.foreignKeys) if (!this.#tables.has(key.parent)) await this.#readKeys(key)
    const around = this.#around(table)
    const variables = variablesOf(table, around)
    const solved = await solveChecks(client, table, variables, around)
    const referred = this.#referred.get(table.oid) ?? []
    const plant = async (count: number, start: number): Promise<Inserted> => {
      const rows = composeRows(table, variables, solved, count, start)
      return await insertRows(client, table, referToOwnRows(table, rows, schema), referred)
    }
    let planted = await plant(around.rows, seed)
    if (planted.rows.length === 0 && planted.refusal !== null && !planted.isTooSlow)
      planted = await plant(LAST_TRIALS, seed + 1)
    this.#known.set(table.oid, await this.#withExisting(table, planted.rows, referred))
    if (planted.rows.length > 0) return null
    return planted.refusal ?? whyEmpty(table, this.#tables, variables, solved)
  }

  #around(table: SeedTable): Surroundings {
    const { schema, pool, seed, bases } = this.#ground
    const labels = table.columns.map((column) => pool.baseOf(column.type, -1).type?.labels?.length ?? 0)
    return {
      schema,
      pool,
      seed,
      rows: Math.min(Math.max(ROWS, ...labels), MOST_ROWS),
      baseOf: (of, column) => baseOf(bases, of, column),
      keysOf: (key) => this.#keysOf(key),
      candidatesOf: (check) => this.#candidatesOf(check),
      answers: this.#answers,
    }
  }

  /** Each is read once: columns ask for it again and again, and many tables have the same. */
  #candidatesOf(check: string): Candidates {
    const known = this.#candidates.get(check)
    if (known !== undefined) return known
    const read = candidatesOfCheck(check)
    this.#candidates.set(check, read)
    return read
  }

  #keysOf(key: ForeignKey): Option[] {
    const known = this.#known.get(key.parent)
    const rows = known ?? this.#planned(key)
    const options = rows.map((row) => key.parentColumns.map((column) => row.get(column) ?? null))
    return options.filter((option) => !option.includes(null)).slice(0, MOST_KEYS)
  }

  /** In a circle of references the keys that the other table is going to have. */
  #planned(key: ForeignKey): Row[] {
    const parent = this.#tables.get(key.parent)
    if (parent === undefined) return []
    const around = this.#around(parent)
    return Array.from({ length: around.rows }, (_, index) => {
      const values = key.parentColumns.map((number): [number, string | null] => {
        const column = parent.columns.find((one) => one.number === number)
        if (column === undefined) return [number, null]
        const about = poolColumn(parent, column, around)
        return [number, around.pool.distinctOf(column.type, column.typmod, about, index + 1)]
      })
      return new Map(values)
    })
  }

  async #withExisting(table: SeedTable, made: readonly Row[], referred: readonly number[]): Promise<readonly Row[]> {
    if (referred.length === 0 || (this.#ground.counts.get(table.oid) ?? 0) === 0) return made
    const names = referred.map((number) => table.columns.find((column) => column.number === number)?.name ?? '')
    return [...made, ...(await this.#read(onlyOf(table), referred, names))]
  }

  /** Of a table that gets no rows here: an extension's, or a partition. */
  async #readKeys(key: ForeignKey): Promise<void> {
    const { client } = this.#ground
    const columns = this.#referred.get(key.parent) ?? []
    const { rows } = await client.query<{ table: string; names: string[] }>(
      `SELECT $1::oid::regclass::text AS table, (SELECT json_agg(a.attname ORDER BY x.place)
         FROM unnest($2::int2[]) WITH ORDINALITY x(number, place)
         JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attnum = x.number) AS names`,
      [key.parent, [...columns]],
    )
    const [parent] = rows
    if (parent !== undefined) this.#known.set(key.parent, await this.#read(parent.table, columns, parent.names))
  }

  async #read(source: string, columns: readonly number[], names: readonly string[]): Promise<Row[]> {
    const { rows } = await this.#ground.client.query<(string | null)[]>({
      text: `SELECT ${names.map((name) => `${quotedName(name)}::text`).join(', ')} FROM ${source} ORDER BY 1 LIMIT ${MOST_KEYS}`,
      rowMode: 'array',
    })
    return rows.map((row) => new Map(columns.map((column, index) => [column, row[index] ?? null])))
  }
}

/** Those first that others refer to; in a circle, the one that refers to the fewest. */
function inOrder(tables: readonly SeedTable[]): SeedTable[] {
  const ordered: SeedTable[] = []
  const left = new Map(tables.map((table) => [table.oid, table]))
  const waitsFor = (table: SeedTable): number =>
    new Set(table.foreignKeys.map((key) => key.parent).filter((oid) => oid !== table.oid && left.has(oid))).size
  while (left.size > 0) {
    const ready = [...left.values()].filter((table) => waitsFor(table) === 0)
    const next = ready.length > 0 ? ready : [[...left.values()].toSorted((a, b) => waitsFor(a) - waitsFor(b))[0]]
    for (const table of next) {
      if (table === undefined) continue
      left.delete(table.oid)
      ordered.push(table)
    }
  }
  return ordered
}

function whyEmpty(
  table: SeedTable,
  tables: ReadonlyMap<number, SeedTable>,
  variables: readonly Variable[],
  solved: readonly Solved[],
): string {
  const missing = variables.find((variable) => variable.options.length === 0 && !variable.mayBeNull)
  if (missing !== undefined) {
    const key = table.foreignKeys.find((one) => one.columns.some((column) => missing.columns.includes(column)))
    const column = table.columns.find((one) => one.number === missing.columns[0])
    if (key === undefined) return `no value is known for its column ${column?.name} of type ${column?.typeSql}`
    const parent = tables.get(key.parent)?.object ?? 'another table'
    return `its rows would have to refer to ${parent}, which has none that fits`
  }
  if (solved.some((one) => one.combinations.length === 0)) {
    return `no values were found that satisfy its checks: ${table.checks.join(', ').slice(0, 400)}`
  }
  return 'every row collided with another one of the same key'
}
