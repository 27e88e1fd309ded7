import type { Client } from 'pg'
import type { Shape } from '../../migrations/shape.ts'

/** Settings of the server that change what a migration does, means or holds. */
const NAMES: readonly string[] = `
  array_nulls backslash_quote bytea_output check_function_bodies DateStyle deadlock_timeout
  default_table_access_method default_tablespace default_toast_compression
  default_transaction_deferrable default_transaction_isolation event_triggers gin_fuzzy_search_limit
  idle_in_transaction_session_timeout IntervalStyle lc_monetary lc_numeric lc_time lock_timeout
  max_connections max_locks_per_transaction max_prepared_transactions row_security search_path
  session_replication_role standard_conforming_strings statement_timeout TimeZone transaction_timeout
  transform_null_equals wal_level xmloption`
  .trim()
  .split(/\s+/)

/** What the session that asks has for itself says nothing about others. */
const OWN_SOURCES: ReadonlySet<string> = new Set(['client', 'user', 'database user', 'session', 'environment variable'])

const isOwn = (source: string): boolean => OWN_SOURCES.has(source)

export interface ServerFacts {
  readonly server: Shape['server']
  readonly unread: Shape['unread']
}

/** Version and settings of the server. To be asked before the session sets anything for itself. */
export async function readServer(client: Client): Promise<ServerFacts> {
  const { rows } = await client.query<{ name: string; value: string; source: string; version: string; major: number }>(
    `SELECT s.name, coalesce(pg_catalog.current_setting(s.name, true), s.reset_val) AS value, s.source,
       pg_catalog.current_setting('server_version') AS version,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4 OPERATOR(pg_catalog./) 10000 AS major
     FROM pg_catalog.pg_settings s
     WHERE s.name OPERATOR(pg_catalog.=) ANY ($1) ORDER BY s.name COLLATE pg_catalog."C"`,
    [NAMES],
  )
  const [version = '', major = 0] = [rows[0]?.version, rows[0]?.major]
  return {
    server: {
      version: version.split(' ')[0] ?? version,
      major,
      settings: rows.filter((row) => !isOwn(row.source)).map(({ name, value }) => ({ name, value })),
    },
    unread: rows
      .filter((row) => isOwn(row.source))
      .map(({ name }) => ({
        part: `setting ${name}`,
        why: 'the login that captures has a value of its own, which hides that of the server',
      })),
  }
}
