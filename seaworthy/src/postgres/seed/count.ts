import type { Client } from 'pg'
import { type SeedTable, onlyOf } from './schema.ts'

/** The transaction that this session begins now. What later ones write is younger. */
export async function nextTransaction(client: Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('SELECT pg_catalog.pg_current_xact_id()::text AS id')
  return rows[0]?.id ?? '0'
}

/**
 * SQL condition: a row (of the only table in reach, or the nearest) that was written since that transaction. Row
 * versions carry 32 bits of it, so they are compared around the clock, as the server does.
 */
export function isMadeUpSince(since: string): string {
  if (!/^\d+$/.test(since)) throw new Error('a transaction is a number')
  return `((xmin::text::bigint - ${since}) & 4294967295) < 2147483648`
}

export interface Counted {
  readonly oid: number
  readonly object: string
  readonly rows: number
  readonly synthetic: number
}

/** Rows of each table, and how many of them were made up. */
export async function countRows(client: Client, tables: readonly SeedTable[], isMadeUp: string): Promise<Counted[]> {
  if (tables.length === 0) return []
  const { rows } = await client.query<{ oid: string; rows: number; synthetic: number }>(
    tables
      .map(
        (table) => `SELECT ${table.oid}::bigint AS oid, count(*)::int AS rows,
          (count(*) FILTER (WHERE ${isMadeUp}))::int AS synthetic FROM ${onlyOf(table)}`,
      )
      .join(' UNION ALL '),
  )
  const byOid = new Map(rows.map((row) => [Number(row.oid), row]))
  return tables.map(({ oid, object }) => {
    const row = byOid.get(oid)
    return { oid, object, rows: row?.rows ?? 0, synthetic: row?.synthetic ?? 0 }
  })
}
