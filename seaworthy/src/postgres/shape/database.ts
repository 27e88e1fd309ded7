import type { Client } from 'pg'
import type { Shape } from '../../migrations/shape.ts'
import { openSetting } from '../catalogue/scope.ts'

const DATABASE_SQL = `
  SELECT d.datname AS name, pg_get_userbyid(d.datdba) AS owner, pg_encoding_to_char(d.encoding) AS encoding,
    d.datcollate AS collation, coalesce((
      SELECT array_agg(${openSetting('setting')} ORDER BY setting) FROM pg_db_role_setting s, unnest(s.setconfig) setting
      WHERE s.setdatabase = d.oid AND s.setrole = 0), '{}') AS settings
  FROM pg_database d WHERE d.datname = current_database()`

const EXTENSIONS_SQL = `
  SELECT x.extname AS name, x.extversion AS version, n.nspname AS schema
  FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace ORDER BY x.extname`

/** The database and its extensions. For a session without a search path. */
export async function readDatabase(client: Client): Promise<Pick<Shape, 'database' | 'extensions'>> {
  const database = await client.query<Shape['database']>(DATABASE_SQL)
  const extensions = await client.query<Shape['extensions'][number]>(EXTENSIONS_SQL)
  const [row] = database.rows
  if (row === undefined) throw new Error('the server does not list the database that it serves')
  return { database: row, extensions: extensions.rows }
}
