import type { Client } from 'pg'
import type { Shape } from '../../migrations/shape.ts'
import { isNoExtensionMember, isUserSchema } from '../catalogue/scope.ts'

/** SQL: rounded to two digits, so that captures of a quiet database are the same. */
const twoDigits = (expression: string): string =>
  `(CASE WHEN ${expression} < 100 THEN ${expression}::numeric
     ELSE round(${expression}::numeric, 1 - floor(log(${expression}::numeric))::integer) END)::bigint`

/** A partitioned table has no file of its own; its partitions are listed. */
const TABLES_SQL = `
  SELECT CASE c.relkind WHEN 'm' THEN 'materialized view ' ELSE 'table ' END || format('%I.%I', n.nspname, c.relname) AS object,
    CASE WHEN c.reltuples >= 0 THEN ${twoDigits('c.reltuples')} END AS rows,
    ${twoDigits('pg_total_relation_size(c.oid)')} AS bytes
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm', 'p') AND ${isUserSchema('n')} AND ${isNoExtensionMember('pg_class', 'c.oid')}`

const INDEXES_SQL = `
  SELECT format('index %I.%I', n.nspname, c.relname) AS object,
    CASE t.relkind WHEN 'm' THEN 'materialized view ' ELSE 'table ' END || format('%I.%I', tn.nspname, t.relname) AS "table",
    round(coalesce(s.idx_scan, 0)::numeric, -floor(log(greatest(s.idx_scan, 1)::numeric))::integer)::bigint AS scans,
    ${twoDigits('pg_relation_size(c.oid)')} AS bytes
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
  LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = c.oid
  WHERE ${isUserSchema('n')} AND ${isNoExtensionMember('pg_class', 't.oid')}`

/** `bytes` are null for what another session has dropped in the meantime. */
interface TableRow {
  readonly object: string
  readonly rows: string | null
  readonly bytes: string | null
}

interface IndexRow extends Omit<TableRow, 'rows'> {
  readonly table: string
  readonly scans: string
}

/**
 * How large tables and indexes are, and how often indexes were used (rounded to one digit). Statistics of values are never
 * read. The server opens each file's relation for a moment (ACCESS SHARE).
 */
export async function readSizes(client: Client): Promise<Pick<Shape, 'tables' | 'indexes'>> {
  const tables = await client.query<TableRow>(TABLES_SQL)
  const indexes = await client.query<IndexRow>(INDEXES_SQL)
  return {
    tables: sorted(tables.rows).flatMap(({ object, rows, bytes }) =>
      bytes === null ? [] : [{ object, rows: rows === null ? null : Number(rows), bytes: Number(bytes) }],
    ),
    indexes: sorted(indexes.rows).flatMap(({ object, table, scans, bytes }) =>
      bytes === null ? [] : [{ object, table, scans: Number(scans), bytes: Number(bytes) }],
    ),
  }
}

const sorted = <Row extends { readonly object: string }>(rows: readonly Row[]): Row[] =>
  rows.toSorted((a, b) => (a.object < b.object ? -1 : 1))
