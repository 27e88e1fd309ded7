import type { Client } from 'pg'
import { isNoExtensionMember, isUserSchema } from '../catalogue/scope.ts'

export interface SeedColumn {
  readonly number: number
  readonly name: string
  readonly type: number
  readonly typmod: number
  /** The type as SQL, with its modifier. */
  readonly typeSql: string
  readonly isNotNull: boolean
  readonly isGenerated: boolean
  /** Its default as the server writes it; null without one. */
  readonly defaultSql: string | null
}

export interface SeedType {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** As pg_type.typtype: b, c, d, e, m, r. */
  readonly kind: string
  /** Schema and name, quoted. */
  readonly sql: string
  /** Set for arrays. */
  readonly element: number | null
  /** Set for domains. */
  readonly base: number | null
  readonly typmod: number
  readonly isNotNull: boolean
  readonly labels: readonly string[] | null
  readonly fields: readonly { readonly type: number; readonly typmod: number }[] | null
  readonly subtype: number | null
  /** CHECK constraints of a domain. */
  readonly checks: readonly string[] | null
}

export interface ForeignKey {
  readonly name: string
  readonly columns: readonly number[]
  readonly parent: number
  readonly parentColumns: readonly number[]
}

export interface SeedTable {
  readonly oid: number
  /** Schema and name, quoted. */
  readonly sql: string
  /** As the catalogue lists it. */
  readonly object: string
  readonly isPartitioned: boolean
  readonly columns: readonly SeedColumn[]
  /** CHECK constraints as the server writes them. */
  readonly checks: readonly string[]
  /** Columns of each unique or exclusion index. */
  readonly uniques: readonly (readonly number[])[]
  readonly hasDeferrable: boolean
  readonly foreignKeys: readonly ForeignKey[]
}

export interface SeedPartition {
  readonly root: number
  readonly oid: number
  readonly parent: number | null
  readonly bound: string | null
  /** Key columns of a partitioned one, by name; null stands for an expression. */
  readonly key: readonly (string | null)[] | null
}

export interface SeedSequence {
  readonly sql: string
  readonly table: number
  readonly column: number
  readonly last: number
  readonly max: number
}

/** What has to be known of a database to make rows that it takes. */
export interface SeedSchema {
  readonly tables: readonly SeedTable[]
  readonly types: ReadonlyMap<number, SeedType>
  readonly partitions: readonly SeedPartition[]
  readonly sequences: readonly SeedSequence[]
}

const TABLE = `tables AS MATERIALIZED (
  SELECT c.oid, c.relkind, name.sql
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sql OFFSET 0) name
   WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND ${isUserSchema('n')}
     AND NOT n.nspname || '.' || c.relname = ANY ($1::text[]) AND ${isNoExtensionMember('pg_class', 'c.oid')}
)`

const TABLES_SQL = `WITH ${TABLE}, columns AS (
  SELECT a.attrelid, json_agg(json_build_object('number', a.attnum, 'name', a.attname, 'type', a.atttypid::bigint,
      'typmod', a.atttypmod, 'typeSql', format_type(a.atttypid, a.atttypmod), 'isNotNull', a.attnotnull, 'isGenerated', a.attgenerated <> '',
      'defaultSql', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END) ORDER BY a.attnum) AS list
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   GROUP BY a.attrelid
), checks AS (
  SELECT k.conrelid, json_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) AS list
    FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'c' GROUP BY k.conrelid
), foreign_keys AS (
  SELECT k.conrelid, json_agg(json_build_object('name', k.conname, 'columns', k.conkey, 'parent', k.confrelid::bigint,
      'parentColumns', k.confkey) ORDER BY k.conname) AS list
    FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' AND k.conparentid = 0
   GROUP BY k.conrelid
), uniques AS (
  SELECT i.indrelid, bool_or(NOT i.indimmediate) AS deferrable, json_agg(coalesce(CASE WHEN i.indexprs IS NULL
      THEN (SELECT json_agg(key) FROM unnest(i.indkey::int2[]) key)
      ELSE (SELECT json_agg(DISTINCT d.refobjsubid) FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = i.indexrelid AND d.refobjid = i.indrelid AND d.refobjsubid > 0) END, '[]') ORDER BY i.indexrelid) AS list
    FROM tables t JOIN pg_index i ON i.indrelid = t.oid AND (i.indisunique OR i.indisexclusion) GROUP BY i.indrelid
)
SELECT json_build_object('oid', t.oid::bigint, 'sql', t.sql, 'object', 'table ' || t.sql, 'isPartitioned', t.relkind = 'p',
    'columns', coalesce(c.list, '[]'), 'checks', coalesce(k.list, '[]'), 'uniques', coalesce(u.list, '[]'),
    'hasDeferrable', coalesce(u.deferrable, false), 'foreignKeys', coalesce(f.list, '[]')) AS json
  FROM tables t LEFT JOIN columns c ON c.attrelid = t.oid LEFT JOIN checks k ON k.conrelid = t.oid
  LEFT JOIN foreign_keys f ON f.conrelid = t.oid LEFT JOIN uniques u ON u.indrelid = t.oid
 ORDER BY t.sql`

const TYPES_SQL = `WITH RECURSIVE ${TABLE}, used(oid) AS (
  SELECT a.atttypid FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION
  SELECT part.oid FROM used JOIN pg_type t ON t.oid = used.oid CROSS JOIN LATERAL (
    SELECT t.typelem WHERE t.typelem <> 0
    UNION ALL SELECT t.typbasetype WHERE t.typbasetype <> 0
    UNION ALL SELECT g.rngsubtype FROM pg_range g WHERE t.oid IN (g.rngtypid, g.rngmultitypid)
    UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid
      AND a.attnum > 0 AND NOT a.attisdropped) part(oid)
)
SELECT json_build_object('oid', t.oid::bigint, 'schema', n.nspname, 'name', t.typname, 'kind', t.typtype,
    'sql', quote_ident(n.nspname) || '.' || quote_ident(t.typname),
    'element', CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc THEN t.typelem::bigint END,
    'base', nullif(t.typbasetype::bigint, 0), 'typmod', t.typtypmod, 'isNotNull', t.typnotnull,
    'labels', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
    'fields', CASE WHEN t.typtype = 'c' THEN (SELECT json_agg(json_build_object('type', a.atttypid::bigint, 'typmod', a.atttypmod)
        ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END,
    'subtype', (SELECT g.rngsubtype::bigint FROM pg_range g WHERE t.oid IN (g.rngtypid, g.rngmultitypid)),
    'checks', (SELECT json_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) FROM pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'c')) AS json
  FROM used JOIN pg_type t ON t.oid = used.oid JOIN pg_namespace n ON n.oid = t.typnamespace`

const PARTITIONS_SQL = `WITH ${TABLE}
SELECT json_build_object('root', t.oid::bigint, 'oid', c.oid::bigint, 'parent', p.parentrelid::bigint,
    'bound', pg_get_expr(c.relpartbound, c.oid),
    'key', (SELECT json_agg(a.attname ORDER BY k.place) FROM pg_partitioned_table pt
        CROSS JOIN LATERAL unnest(pt.partattrs::int2[]) WITH ORDINALITY k(number, place)
        LEFT JOIN pg_attribute a ON a.attrelid = pt.partrelid AND a.attnum = k.number AND k.number > 0
        WHERE pt.partrelid = c.oid)) AS json
  FROM tables t CROSS JOIN LATERAL pg_partition_tree(t.oid) p JOIN pg_class c ON c.oid = p.relid
 WHERE t.relkind = 'p' ORDER BY t.oid, p.level, c.oid`

const SEQUENCES_SQL = `WITH ${TABLE}, uses AS (
  SELECT d.objid AS sequence, d.refobjid AS rel, d.refobjsubid AS number FROM pg_depend d
   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  UNION
  SELECT d.refobjid, a.adrelid, a.adnum FROM pg_depend d JOIN pg_attrdef a ON a.oid = d.objid
   WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
)
SELECT DISTINCT ON (u.sequence, u.rel, u.number) json_build_object(
    'sql', quote_ident(n.nspname) || '.' || quote_ident(c.relname), 'table', u.rel::bigint, 'column', u.number,
    'last', coalesce(pg_sequence_last_value(c.oid), s.seqstart), 'max', s.seqmax) AS json
  FROM uses u JOIN tables t ON t.oid = u.rel JOIN pg_class c ON c.oid = u.sequence AND c.relkind = 'S'
  JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid AND s.seqincrement > 0
 ORDER BY u.sequence, u.rel, u.number`

/**
 * Reads what tables there are, but for those of extensions and the ones to ignore (`schema.name`), and all that decides
 * what rows they take. From the catalogue alone: no table is touched, so our own connection may do it.
 */
export async function readSeedSchema(admin: Client, ignoreTables: readonly string[]): Promise<SeedSchema> {
  const read = async <T>(sql: string): Promise<T[]> => {
    const { rows } = await admin.query<{ json: T }>(sql, [[...ignoreTables]])
    return rows.map((row) => row.json)
  }
  const types = await read<SeedType>(TYPES_SQL)
  return {
    tables: await read<SeedTable>(TABLES_SQL),
    types: new Map(types.map((type) => [type.oid, type])),
    partitions: await read<SeedPartition>(PARTITIONS_SQL),
    sequences: await read<SeedSequence>(SEQUENCES_SQL),
  }
}

/** The table in a FROM: tables that inherit from it have rows of their own. */
export const onlyOf = (table: SeedTable): string => (table.isPartitioned ? table.sql : `ONLY ${table.sql}`)
