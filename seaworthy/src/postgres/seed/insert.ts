import type { Client } from 'pg'
import { serverErrorOf } from '../server-error.ts'
import { quotedName } from '../../sql/identifier.ts'
import type { Row } from './compose.ts'
import type { SeedTable } from './schema.ts'

/** What a table took. */
export interface Inserted {
  /** The columns that were asked for, of each row that is in. */
  readonly rows: readonly Row[]
  /** The server's last word on a row that it refused; null if it took them all. */
  readonly refusal: string | null
  /** Whether it ran into the time limit, as it would again. */
  readonly isTooSlow: boolean
}

const SERVER_LIMIT = '57014'

/**
 * Inserts rows, all at once; where the server refuses, one by one, so that those it takes are in. A row that collides
 * with another one's key is left out. Returns `columns` of what is in.
 */
export async function insertRows(
  client: Client,
  table: SeedTable,
  rows: readonly Row[],
  columns: readonly number[],
): Promise<Inserted> {
  if (rows.length === 0) return { rows: [], refusal: null, isTooSlow: false }
  const all = await tryInsert(client, table, rows, columns)
  if (all.refusal === null || all.isTooSlow || rows.length === 1) return all
  const taken: Row[] = []
  let refusal: string | null = null
  for (const row of rows) {
    const one = await tryInsert(client, table, [row], columns)
    taken.push(...one.rows)
    refusal = one.refusal ?? refusal
    if (one.isTooSlow) return { ...one, rows: taken }
  }
  return { rows: taken, refusal, isTooSlow: false }
}

async function tryInsert(
  client: Client,
  table: SeedTable,
  rows: readonly Row[],
  columns: readonly number[],
): Promise<Inserted> {
  const { text, values } = insertSql(table, rows, columns)
  try {
    const result = await client.query<(string | null)[]>({ text, values, rowMode: 'array' })
    const inserted = result.rows.map((row) => new Map(columns.map((column, index) => [column, row[index] ?? null])))
    return { rows: inserted, refusal: null, isTooSlow: false }
  } catch (error) {
    const told = serverErrorOf(error, text)
    // Without an answer there is no server to go on with.
    if (told.sqlstate === null) throw error
    return { rows: [], refusal: told.message, isTooSlow: told.sqlstate === SERVER_LIMIT }
  }
}

function insertSql(
  table: SeedTable,
  rows: readonly Row[],
  columns: readonly number[],
): { text: string; values: (string | null)[][] } {
  const given = table.columns.filter((column) => rows[0]?.has(column.number) === true)
  const named = (number: number): string =>
    quotedName(table.columns.find((column) => column.number === number)?.name ?? '')
  const returning = columns.length === 0 ? '1' : columns.map((number) => `${named(number)}::text`).join(', ')
  // Keys that are only checked later cannot be asked about a conflict.
  const conflict = table.hasDeferrable ? '' : 'ON CONFLICT DO NOTHING'
  if (given.length === 0) {
    return { text: `INSERT INTO ${table.sql} DEFAULT VALUES RETURNING ${returning}`, values: [] }
  }
  const text = `INSERT INTO ${table.sql} (${given.map((column) => quotedName(column.name)).join(', ')})
    OVERRIDING SYSTEM VALUE
    SELECT ${given.map((column, index) => `v.c${index}::${column.typeSql}`).join(', ')}
      FROM unnest(${given.map((_, index) => `$${index + 1}::text[]`).join(', ')})
        AS v(${given.map((_, index) => `c${index}`).join(', ')})
    ${conflict} RETURNING ${returning}`
  return { text, values: given.map((column) => rows.map((row) => row.get(column.number) ?? null)) }
}
