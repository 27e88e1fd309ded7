import type { Client } from 'pg'
import { isNoExtensionMember, isUserSchema } from '../catalogue/scope.ts'

export interface RelationColumn {
  readonly number: number
  readonly name: string
  readonly type: number
  readonly typmod: number
  /** Name of the type in the end, below domains, if it is one of the server's own; null otherwise. */
  readonly builtin: string | null
  readonly isGenerated: boolean
}

/** Something that holds or shows rows, as it is called and made right now. */
export interface Relation {
  readonly oid: number
  /** As pg_class.relkind. */
  readonly kind: string
  /** Of a partition, the table that it is a part of in the end. */
  readonly root: number | null
  /** Schema and name, quoted. */
  readonly sql: string
  /** As the catalogue lists it. */
  readonly object: string
  /** Whether it may hold more than is read of a table without a second thought. */
  readonly isLarge: boolean
  readonly columns: readonly RelationColumn[]
  /** Columns that tell its rows apart and are never NULL: of the primary key first. */
  readonly keys: readonly (readonly number[])[]
}

/** Of 8 kB each, with what is stored beside them; a page has room for at most 291 rows (MaxHeapTuplesPerPage). */
const SMALL = 30 * 8_192

const RELATIONS_SQL = `WITH relation AS MATERIALIZED (
  SELECT c.oid, c.relkind, c.relispartition, name.sql
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sql OFFSET 0) name
   WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relpersistence <> 't' AND ${isUserSchema('n')}
     AND NOT n.nspname || '.' || c.relname = ANY ($1::text[]) AND ${isNoExtensionMember('pg_class', 'c.oid')}
), columns AS (
  SELECT a.attrelid, json_agg(json_build_object('number', a.attnum, 'name', a.attname, 'type', a.atttypid::bigint,
      'typmod', a.atttypmod, 'isGenerated', a.attgenerated <> '',
      'builtin', CASE WHEN t.oid < 16384 THEN t.typname WHEN b.oid < 16384 THEN b.typname END) ORDER BY a.attnum) AS list
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
   GROUP BY a.attrelid
), keys AS (
  SELECT i.indrelid, json_agg(i.columns ORDER BY i.indisprimary DESC, i.indexrelid) AS list
    FROM relation r JOIN LATERAL (
      SELECT i.*, (SELECT json_agg(key) FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) key) AS columns
        FROM pg_index i WHERE i.indrelid = r.oid AND i.indisunique AND i.indisvalid AND i.indexprs IS NULL
         AND i.indpred IS NULL) i ON true
   WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
     AND NOT a.attnotnull)
   GROUP BY i.indrelid
)
SELECT json_build_object('oid', r.oid::bigint, 'kind', r.relkind, 'sql', r.sql, 'object', 'table ' || r.sql,
    'root', CASE WHEN r.relispartition THEN pg_partition_root(r.oid)::oid::bigint END,
    'isLarge', r.relkind <> 'r' OR pg_table_size(r.oid) > ${SMALL},
    'columns', coalesce(c.list, '[]'), 'keys', coalesce(k.list, '[]')) AS json
  FROM relation r LEFT JOIN columns c ON c.attrelid = r.oid LEFT JOIN keys k ON k.indrelid = r.oid
 ORDER BY r.sql`

/** Every table and view but those of extensions and the ones to ignore (`schema.name`). From the catalogue alone. */
export async function readRelations(admin: Client, ignoreTables: readonly string[]): Promise<Relation[]> {
  const { rows } = await admin.query<{ json: Relation }>(RELATIONS_SQL, [[...ignoreTables]])
  return rows.map((row) => row.json)
}
