import type { Client } from 'pg'
import type { ServerError } from '../../migrations/engine.ts'
import type { Script } from '../../migrations/model.ts'
import { parseSql } from '../../sql/parse.ts'
import { rangeParts, walk } from '../../sql/tree.ts'
import { quotedName } from '../../sql/identifier.ts'
import type { Relation } from '../rows/relations.ts'
import { serverErrorOf } from '../server-error.ts'
import { type MadeUp, type Removal, removeRows } from './made-up.ts'

/** Where trials are made: a world in which everything before the failing migration is applied. */
export interface Bench {
  readonly admin: Client
  /** Sees every row, may switch triggers off, and is a member of the migrating role. */
  readonly client: Client
  readonly migrating: string
  readonly searchPath: string
  readonly script: Script
  readonly since: string
  readonly madeUp: ReadonlyMap<number, MadeUp>
  readonly relations: readonly Relation[]
}

/** Whether a script can be tried in a transaction that is then taken back: one that ends it itself cannot. */
export function canBeTried(script: Script): boolean {
  const parsed = parseSql(script.text)
  return parsed.ok && parsed.statements.every((statement) => statement.kind !== 'TransactionStmt')
}

/** Runs the script without some rows, and takes all of it back. Returns the error; null if it went through. */
export async function tryWithout(bench: Bench, removal: Removal): Promise<ServerError | null> {
  const { admin, client, relations, madeUp, since, script } = bench
  try {
    await client.query('BEGIN; SET LOCAL session_replication_role = replica')
    await removeRows(admin, client, relations, madeUp, removal, since)
    await client.query('SET LOCAL session_replication_role = origin')
    await client.query("SELECT pg_catalog.set_config('search_path', $1, true)", [bench.searchPath])
    await client.query(`SET LOCAL ROLE ${quotedName(bench.migrating)}`)
    await client.query(script.text)
    await client.query('SET CONSTRAINTS ALL IMMEDIATE')
    return null
  } catch (error) {
    const told = serverErrorOf(error, script.text)
    if (told.sqlstate === null) throw error
    return told
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

/** What makes two errors the same one: not the row at which they were noticed. */
export const signatureOf = (error: ServerError): string =>
  [error.sqlstate, error.schema, error.table, error.column, error.constraint].join(' ')

/** Tables with made-up rows that an error may be about: the one it names, else those of the script, else all. */
export async function suspectsOf(bench: Bench, error: ServerError): Promise<readonly number[]> {
  const { relations, madeUp, client, script } = bench
  const isMadeUp = (oid: number | undefined): oid is number => oid !== undefined && madeUp.has(oid)
  const named = relations.find((one) => one.sql === `${plain(error.schema ?? '')}.${plain(error.table ?? '')}`)
  const root = named?.root ?? named?.oid
  if (isMadeUp(root)) return [root]
  const inScript = (await tablesOf(client, bench.searchPath, script)).filter(isMadeUp)
  return inScript.length > 0 ? inScript : [...madeUp.keys()]
}

const plain = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : quotedName(name))

/** OIDs of the tables that a script names. */
export async function tablesOf(client: Client, searchPath: string, script: Script): Promise<number[]> {
  const parsed = parseSql(script.text)
  if (!parsed.ok) return []
  const names = new Set<string>()
  const note = (parts: readonly string[]): void => {
    if (parts.length > 0) names.add(parts.map(quotedName).join('.'))
  }
  walk(parsed.statements, 'RangeVar', (range) => note(rangeParts(range)))
  // The relation of a statement is not wrapped as a node is.
  for (const { node } of parsed.statements) for (const relation of relationsIn(node)) note(relation)
  const { rows } = await client.query<{ oid: string }>(
    `SELECT DISTINCT coalesce(pg_partition_root(c.oid), c.oid)::oid::bigint AS oid FROM unnest($1::text[]) name
       JOIN pg_class c ON c.oid = to_regclass(name)
      WHERE set_config('search_path', $2, false) IS NOT NULL`,
    [[...names], searchPath],
  )
  return rows.map((row) => Number(row.oid))
}

/** Every `relation` member below a value. */
function relationsIn(value: unknown): string[][] {
  if (Array.isArray(value)) return value.flatMap(relationsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => [
    ...(key === 'relation' ? [partsIn(member)] : []),
    ...relationsIn(member),
  ])
}

function partsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || !('relname' in value)) return []
  const schema = 'schemaname' in value && typeof value.schemaname === 'string' ? [value.schemaname] : []
  return typeof value.relname === 'string' ? [...schema, value.relname] : []
}
