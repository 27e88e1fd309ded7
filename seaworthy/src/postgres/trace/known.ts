import type { Client } from 'pg'
import type { ObjectName } from '../../migrations/effects.ts'

/** A relation that existed before the release. */
export interface KnownRelation {
  readonly name: ObjectName
  /** Unqualified and unquoted. */
  readonly relname: string
  /** Its schema, unquoted. */
  readonly schema: string
  /** Of an index: its table. */
  readonly table: number | null
  /** As pg_class.relkind. */
  readonly kind: string
  /** Whether the server counts the rows of its writes on it, and not on its children. */
  readonly isCounted: boolean
  /** Whether it is the tool's ledger, or goes with it. */
  readonly isLedger: boolean
}

/** What the database held before the release, by OID: what is reported of it is named as before. */
export interface Known {
  readonly relations: ReadonlyMap<number, KnownRelation>
  /** NOT NULL constraints, which the catalogue lists with their column. */
  readonly notNull: ReadonlyMap<number, ObjectName>
  readonly domains: ReadonlySet<number>
  /** `class:oid` of relations, functions and types: what is replaced is not new. */
  readonly objects: ReadonlySet<string>
  /** Settings of functions. */
  readonly functions: ReadonlyMap<number, readonly string[]>
  /** What belongs to extensions, as `class:oid`: it comes and goes with them. */
  readonly members: ReadonlySet<string>
  readonly database: number
}

const RELATIONS_SQL = `
  WITH ledger AS MATERIALIZED (
    SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname || '.' || c.relname = $1
  ), part AS MATERIALIZED (
    SELECT oid FROM ledger
    UNION ALL SELECT i.indexrelid FROM pg_catalog.pg_index i JOIN ledger ON ledger.oid = i.indrelid
    UNION ALL SELECT d.objid FROM pg_catalog.pg_depend d JOIN ledger ON ledger.oid = d.refobjid
     WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
  )
  SELECT c.oid::pg_catalog.int8, c.relname, n.nspname AS schema, c.relkind::text AS kind, i.indrelid::pg_catalog.int8 AS table,
    CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'f' THEN 'foreign table '
      WHEN 'S' THEN 'sequence ' WHEN 'i' THEN 'index ' WHEN 'I' THEN 'index ' ELSE 'table ' END
      || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
    c.relkind = 'r' AND NOT c.relhassubclass AS counted, c.oid IN (SELECT oid FROM part) AS ledger
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
   WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I') AND n.nspname !~ '^pg_'`

const OTHERS_SQL = `
  SELECT 'not null' AS what, k.oid::pg_catalog.int8, pg_catalog.format('column %I.%I.%I', n.nspname, c.relname, a.attname) AS name, NULL::text[] AS config
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
   WHERE k.contype = 'n' AND k.oid >= 16384
  UNION ALL
  SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, t.oid::int8, NULL, NULL FROM pg_catalog.pg_type t WHERE t.oid >= 16384
  UNION ALL
  SELECT 'function', p.oid::int8, NULL, p.proconfig FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
  UNION ALL
  SELECT 'member', d.objid::int8, d.classid::int8::text, NULL FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
  UNION ALL
  SELECT 'database', d.oid::int8, NULL, NULL FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`

/** As PostgreSQL numbers its own catalogues (pg_class.dat, pg_proc.dat, pg_type.dat). */
export const CLASS = { relation: 1259, function: 1255, type: 1247, constraint: 2606, trigger: 2620 } as const

const key = (kind: keyof typeof CLASS, { oid }: { oid: string }): string => `${CLASS[kind]}:${oid}`

/** Reads what is there. `ledger` is the tool's own table as `schema.name`. */
export async function readKnown(admin: Client, ledger: string | null): Promise<Known> {
  const { rows: relations } = await admin.query<{
    oid: string
    relname: string
    schema: string
    kind: string
    table: string | null
    name: string
    counted: boolean
    ledger: boolean
  }>(RELATIONS_SQL, [ledger])
  const { rows: others } = await admin.query<{
    what: string
    oid: string
    name: string | null
    config: string[] | null
  }>(OTHERS_SQL)
  const ofKind = (what: string): typeof others => others.filter((one) => one.what === what)
  return {
    relations: new Map(
      relations.map((one) => [
        Number(one.oid),
        {
          name: one.name,
          relname: one.relname,
          schema: one.schema,
          table: one.table === null ? null : Number(one.table),
          kind: one.kind,
          isCounted: one.counted,
          isLedger: one.ledger,
        },
      ]),
    ),
    notNull: new Map(ofKind('not null').map((one) => [Number(one.oid), one.name ?? ''])),
    domains: new Set(ofKind('domain').map((one) => Number(one.oid))),
    objects: new Set([
      ...relations.map((one) => key('relation', one)),
      ...ofKind('function').map((one) => key('function', one)),
      ...[...ofKind('type'), ...ofKind('domain')].map((one) => key('type', one)),
    ]),
    functions: new Map(ofKind('function').map((one) => [Number(one.oid), one.config ?? []])),
    members: new Set(ofKind('member').map((one) => `${one.name}:${one.oid}`)),
    database: Number(ofKind('database')[0]?.oid ?? 0),
  }
}
