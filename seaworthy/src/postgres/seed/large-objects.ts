import type { Client } from 'pg'
import { quotedName } from '../../sql/identifier.ts'
import { type SeedSchema, onlyOf } from './schema.ts'

const MOST_OF_A_COLUMN = 1_000

/** Numbers of a column that name no large object yet, if others of it do. */
const missingIn = (column: string, from: string): string => `WITH held AS MATERIALIZED (
    SELECT DISTINCT ${column}::pg_catalog.oid AS loid FROM ${from} WHERE ${column} IS NOT NULL)
  SELECT h.loid::pg_catalog.text AS loid FROM held h LEFT JOIN pg_catalog.pg_largeobject_metadata m ON m.oid = h.loid
   WHERE m.oid IS NULL AND h.loid::pg_catalog.int8 > 0
     AND EXISTS (SELECT FROM held o JOIN pg_catalog.pg_largeobject_metadata k ON k.oid = o.loid)
   LIMIT ${MOST_OF_A_COLUMN}`

/**
 * Makes the large objects that made-up rows name, in columns whose other rows name some: a migration that reads them
 * would fail on these rows alone. They belong to `owner`.
 */
export async function makeLargeObjects(client: Client, schema: SeedSchema, owner: string): Promise<void> {
  const { rows } = await client.query<{ any: boolean }>(
    'SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata) AS any',
  )
  if (rows[0]?.any !== true) return
  const isOid = (type: number | null): boolean => {
    const found = schema.types.get(type ?? 0)
    if (found === undefined) return false
    return found.kind === 'd' ? isOid(found.base) : found.schema === 'pg_catalog' && found.name === 'oid'
  }
  // All are found before the first is made: a made one says nothing about a column.
  const missing = new Set<string>()
  for (const table of schema.tables) {
    for (const { name } of table.columns.filter((column) => isOid(column.type))) {
      const found = await client.query<{ loid: string }>(missingIn(quotedName(name), onlyOf(table)))
      for (const { loid } of found.rows) missing.add(loid)
    }
  }
  if (missing.size === 0) return
  await client.query(`SET ROLE ${quotedName(owner)}`)
  try {
    await client.query(
      "SELECT pg_catalog.lo_from_bytea(loid, 'made up') FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS loid",
      [[...missing]],
    )
  } finally {
    await client.query('RESET ROLE')
  }
}
