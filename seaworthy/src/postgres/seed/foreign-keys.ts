import type { Client } from 'pg'
import { isUserSchema } from '../catalogue/scope.ts'
import { quotedName } from '../../sql/identifier.ts'

/** A foreign key as it stands now, with what compares its columns. */
interface LiveKey {
  readonly child: string
  readonly childOid: number
  readonly parent: string
  readonly columns: readonly string[]
  readonly parentColumns: readonly string[]
  readonly operators: readonly string[]
  readonly isFull: boolean
  /** Whether every one of its columns may be NULL. */
  readonly isNullable: boolean
}

const KEYS_SQL = `
  SELECT json_build_object('childOid', k.conrelid::bigint,
      'child', (SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = k.conrelid),
      'parent', (SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = k.confrelid),
      'columns', (SELECT json_agg(a.attname ORDER BY x.place) FROM unnest(k.conkey) WITH ORDINALITY x(number, place) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.number),
      'parentColumns', (SELECT json_agg(a.attname ORDER BY x.place) FROM unnest(k.confkey) WITH ORDINALITY x(number, place) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.number),
      'operators', (SELECT json_agg(format('OPERATOR(%I.%s)', n.nspname, o.oprname) ORDER BY x.place) FROM unnest(k.conpfeqop) WITH ORDINALITY x(oid, place) JOIN pg_operator o ON o.oid = x.oid JOIN pg_namespace n ON n.oid = o.oprnamespace),
      'isFull', k.confmatchtype = 'f',
      'isNullable', NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND (a.attnotnull OR t.typnotnull OR a.attgenerated <> ''))) AS json
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE k.contype = 'f' AND k.conparentid = 0 AND ${isUserSchema('n')}
   ORDER BY k.conrelid, k.conname`

/** How often rows that refer to removed ones are looked for. */
const ROUNDS = 12

/** Rows that no key refers out of any more: how many were removed of which table, by its OID. */
export type Removed = ReadonlyMap<number, number>

/**
 * Makes every foreign key true again: a made-up row that refers to nothing is given NULL, or is removed where that may
 * not be. `isMadeUp` is the SQL condition for such a row. Keys were not watched while rows were made.
 */
export async function repairForeignKeys(admin: Client, client: Client, isMadeUp: string): Promise<Removed> {
  const { rows } = await admin.query<{ json: LiveKey }>(KEYS_SQL)
  const keys = rows.map((row) => row.json)
  const removed = new Map<number, number>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const broken = await brokenKeys(client, keys, isMadeUp)
    if (broken.length === 0) return removed
    for (const key of broken) {
      const isNulled = key.isNullable && round < ROUNDS / 2 && (await setNull(client, key, isMadeUp))
      if (isNulled) continue
      const result = await client.query(`DELETE FROM ${key.child} AS child WHERE ${isMadeUp} AND ${dangling(key)}`)
      removed.set(key.childOid, (removed.get(key.childOid) ?? 0) + (result.rowCount ?? 0))
    }
  }
  throw new Error('foreign keys of made-up rows could not be made true')
}

async function brokenKeys(client: Client, keys: readonly LiveKey[], isMadeUp: string): Promise<LiveKey[]> {
  if (keys.length === 0) return []
  const questions = keys.map(
    (key, index) =>
      `SELECT ${index} AS key WHERE EXISTS (SELECT FROM ${key.child} AS child WHERE ${isMadeUp} AND ${dangling(key)})`,
  )
  const { rows } = await client.query<{ key: number }>(questions.join(' UNION ALL '))
  return rows.map((row) => keys[row.key]).filter((key) => key !== undefined)
}

/** A CHECK may want the value; then the row has to go. */
async function setNull(client: Client, key: LiveKey, isMadeUp: string): Promise<boolean> {
  const nulls = key.columns.map((column) => `${quotedName(column)} = NULL`).join(', ')
  try {
    await client.query(`SAVEPOINT seaworthy_null`).catch(() => undefined)
    await client.query(`UPDATE ${key.child} AS child SET ${nulls} WHERE ${isMadeUp} AND ${dangling(key)}`)
    return true
  } catch {
    await client.query(`ROLLBACK TO SAVEPOINT seaworthy_null`).catch(() => undefined)
    return false
  }
}

function dangling(key: LiveKey): string {
  const child = key.columns.map((column) => `child.${quotedName(column)}`)
  const equal = key.parentColumns.map(
    (column, index) => `parent.${quotedName(column)} ${key.operators[index] ?? '='} ${child[index] ?? ''}`,
  )
  const isSet = child.map((column) => `${column} IS NOT NULL`)
  const missing = `NOT EXISTS (SELECT FROM ${key.parent} AS parent WHERE ${equal.join(' AND ')})`
  const plain = `(${isSet.join(' AND ')} AND ${missing})`
  // MATCH FULL allows all of them to be NULL, or none.
  return key.isFull ? `((${isSet.join(' OR ')}) AND ${missing})` : plain
}
