import type { Client } from 'pg'
import { quotedName } from '../../sql/identifier.ts'
import { type SeedSchema, type SeedSequence, type SeedTable, onlyOf } from './schema.ts'

/** How far behind what is there made-up keys begin: explicit keys of a later migration are small, or next in line. */
const DISTANCE = 1_000
/** With a smallint there is less room. */
const LARGEST_SMALLINT = 32_000

const INTEGERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'numeric', 'oid'])

/** Where made-up integers of a key column begin. */
export type Bases = ReadonlyMap<string, number>

const baseKey = (table: number, column: number): string => `${table} ${column}`

export const baseOf = (bases: Bases, table: SeedTable, column: number): number =>
  bases.get(baseKey(table.oid, column)) ?? DISTANCE

/** Reads how many rows each table has, and the largest integer of each key column. */
export async function readExisting(
  client: Client,
  { tables, types, sequences }: SeedSchema,
): Promise<{ readonly counts: ReadonlyMap<number, number>; readonly bases: Bases }> {
  const counts = new Map<number, number>()
  const bases = new Map<string, number>()
  if (tables.length === 0) return { counts, bases }
  const { rows } = await client.query<{ oid: string; count: string }>(
    tables
      .map((table) => `SELECT ${table.oid}::bigint AS oid, count(*) AS count FROM ${onlyOf(table)}`)
      .join(' UNION ALL '),
  )
  for (const row of rows) counts.set(Number(row.oid), Number(row.count))
  const last = new Map(sequences.map((one) => [baseKey(one.table, one.column), one.last]))
  for (const table of tables) {
    const keyed = table.columns.filter((column) => INTEGERS.has(types.get(column.type)?.name ?? ''))
    const largest = (counts.get(table.oid) ?? 0) > 0 ? await largestOf(client, table, keyed) : []
    for (const [index, column] of keyed.entries()) {
      const key = baseKey(table.oid, column.number)
      const base = Math.max(Number(largest[index] ?? 0), last.get(key) ?? 0, 0) + DISTANCE
      const isSmall = types.get(column.type)?.name === 'int2'
      bases.set(key, isSmall ? Math.min(Math.floor(base), LARGEST_SMALLINT) : Math.floor(base))
    }
  }
  return { counts, bases }
}

async function largestOf(
  client: Client,
  table: SeedTable,
  columns: readonly { readonly name: string }[],
): Promise<(string | null)[]> {
  if (columns.length === 0) return []
  const maxima = columns.map((column) => `max(${quotedName(column.name)})::text`)
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT ${maxima.join(', ')} FROM ${onlyOf(table)}`,
    rowMode: 'array',
  })
  return rows[0] ?? []
}

/** Moves sequences that fill a column past what stands in it, so that the next insert meets no made-up row. */
export async function moveSequences(client: Client, schema: SeedSchema): Promise<void> {
  const byOid = new Map(schema.tables.map((table) => [table.oid, table]))
  const questions = schema.sequences.flatMap((sequence, index) => {
    const table = byOid.get(sequence.table)
    const column = table?.columns.find((one) => one.number === sequence.column)
    const isInteger = INTEGERS.has(schema.types.get(column?.type ?? 0)?.name ?? '')
    if (table === undefined || column === undefined || !isInteger) return []
    return [`SELECT ${index} AS sequence, max(${quotedName(column.name)})::text AS largest FROM ${onlyOf(table)}`]
  })
  if (questions.length === 0) return
  const { rows } = await client.query<{ sequence: number; largest: string | null }>(questions.join(' UNION ALL '))
  const wanted = new Map<string, { sequence: SeedSequence; to: number }>()
  for (const row of rows) {
    const sequence = schema.sequences[row.sequence]
    const to = Number(row.largest)
    if (row.largest === null || sequence === undefined || to <= sequence.last || to > sequence.max) continue
    if (to > (wanted.get(sequence.sql)?.to ?? 0)) wanted.set(sequence.sql, { sequence, to })
  }
  // Of several lists, `unnest` is the grammar's own and cannot be qualified.
  await client.query(
    `SELECT pg_catalog.setval(x.sequence::pg_catalog.regclass, x.position)
       FROM unnest($1::pg_catalog.text[], $2::pg_catalog.int8[]) AS x(sequence, position)`,
    [[...wanted.keys()], [...wanted.values()].map(({ to }) => to)],
  )
}
