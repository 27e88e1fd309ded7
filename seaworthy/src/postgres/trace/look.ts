import { quotedName } from '../../sql/identifier.ts'
import type { Session } from '../session.ts'
import { type Document, listIn, listOf, numberOf, parseDocument, textIn } from './documents.ts'
import type { RowsWritten } from './writes.ts'

/** Settings of a session that change what a statement means or may do. */
const WATCHED = [
  'search_path',
  'role',
  'session_authorization',
  'session_replication_role',
  'row_security',
  'standard_conforming_strings',
  'check_function_bodies',
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'default_transaction_read_only',
  'default_tablespace',
  'default_table_access_method',
] as const

/** What the session sees of itself. */
export interface Seen {
  /** Settings of the session by name. */
  readonly settings: ReadonlyMap<string, string>
  readonly schemas: readonly string[]
  /** Files of relations that are other files than before the release. */
  readonly files: ReadonlyMap<number, number>
  /** What ALTER ROLE and ALTER DATABASE … SET left. */
  readonly kept: readonly KeptSetting[]
  readonly rows: ReadonlyMap<number, RowsWritten>
}

export interface KeptSetting {
  /** Quoted where needed; null for all roles. */
  readonly role: string | null
  /** OID; 0 for all databases. */
  readonly database: number
  /** `name=value`. */
  readonly setting: string
}

const SETTINGS_SQL = WATCHED.map((name) => `'${name}', pg_catalog.current_setting('${name}', true)`).join(', ')

/**
 * Looks from inside of the migrating session. Every name is qualified, so that nothing of the migration's answers. It takes
 * a snapshot: SET TRANSACTION would refuse to come after it.
 */
export async function lookFromInside(session: Session, mark: string, tables: readonly number[]): Promise<Seen> {
  const [row] = await session.run(
    `SELECT pg_catalog.json_build_object(${SETTINGS_SQL})::pg_catalog.text AS settings,
       pg_catalog.array_to_json(pg_catalog.current_schemas(false))::pg_catalog.text AS schemas,
       ${quotedName(mark)}.look($1::pg_catalog.text) AS look`,
    [`{${tables.join(',')}}`],
  )
  const texts: Document = row ?? {}
  const look = parseDocument(textIn(texts, 'look') ?? '') ?? {}
  const settings = parseDocument(textIn(texts, 'settings') ?? '') ?? {}
  return {
    settings: new Map(
      Object.entries(settings).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    ),
    schemas: schemasIn(textIn(texts, 'schemas') ?? '[]'),
    files: new Map(listIn(look, 'files').flatMap(filePair)),
    kept: listIn(look, 'settings').flatMap(keptSettings),
    rows: new Map(listIn(look, 'rows').flatMap(rowsPair)),
  }
}

/**
 * The settings alone, by SHOW, which takes no snapshot: for after SET, which SET TRANSACTION may still follow.
 */
export async function showSettings(session: Session): Promise<ReadonlyMap<string, string>> {
  const settings = new Map<string, string>()
  for (const name of WATCHED) {
    const [row] = await session.run(`SHOW ${name}`)
    const value = row?.[name]
    if (typeof value === 'string') settings.set(name, value)
  }
  return settings
}

function schemasIn(text: string): readonly string[] {
  const schemas: unknown = JSON.parse(text)
  return listOf(schemas).filter((one) => typeof one === 'string')
}

function filePair(pair: unknown): [number, number][] {
  const [oid, file] = listOf(pair).map(numberOf)
  return typeof oid === 'number' && typeof file === 'number' ? [[oid, file]] : []
}

function rowsPair(entry: unknown): [number, RowsWritten][] {
  const [oid = null, inserted = null, updated = null, deleted = null] = listOf(entry).map(numberOf)
  return oid === null ? [] : [[oid, [inserted, updated, deleted]]]
}

function keptSettings(entry: unknown): KeptSetting[] {
  const [database, role, settings] = listOf(entry)
  return listOf(settings).flatMap((setting) =>
    typeof setting === 'string'
      ? [{ database: numberOf(database) ?? 0, role: typeof role === 'string' ? role : null, setting }]
      : [],
  )
}
