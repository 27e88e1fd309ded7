/**
 * One query of the catalogue. It returns two columns, `object` and `definition`; the definition is made with
 * `definitionOf`.
 */
export interface CatalogueQuery {
  readonly text: string
  /**
   * - `relations`: may select from `relation`, and runs in one statement with the others of its kind.
   * - `database`: other objects of this database.
   * - `cluster`: what all databases share: on a server that others use too, their work shows up in it.
   */
  readonly about: 'relations' | 'database' | 'cluster'
}

/** What stands between two facets of a definition while it is on its way; never in a name or an expression. */
export const FACET_MARK = '\u001F'

/** SQL that joins facets to one definition; a facet that is NULL is left out. */
export const definitionOf = (...facets: readonly string[]): string => `concat_ws(E'\\x1f', ${facets.join(', ')})`

/** SQL condition: a schema (alias of pg_namespace) that belongs to the user. */
export const isUserSchema = (alias: string): string =>
  `${alias}.nspname !~ '^pg_' AND ${alias}.nspname <> 'information_schema'`

/** SQL condition: an object that is not a part of an extension. The extension's version stands for all of them. */
export const isNoExtensionMember = (catalogue: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend member WHERE member.classid = '${catalogue}'::regclass
     AND member.objid = ${oid} AND member.deptype = 'e')`

/** SQL expression: the name of a role, quoted where needed. */
export const roleName = (oid: string): string => `quote_ident(pg_get_userbyid(${oid}))`

/** Objects that PostgreSQL did not make at initdb. Source: FirstNormalObjectId in access/transam.h. */
export const FIRST_USER_OID = 16384

/**
 * Common table expressions, of which `relation` is for use: tables, views, sequences and foreign tables of the user,
 * without those of extensions, the ignored tables (`$1`, as `schema.name`, unquoted), and the sequences that these own.
 * `object` is the name under which it is listed.
 */
export const RELATIONS = relationsWhere('true')

/** The same, of those alone whose OIDs are in `$2`. */
export const SOME_RELATIONS = relationsWhere('c.oid = ANY ($2::oid[])')

function relationsWhere(condition: string): string {
  return `ignored AS MATERIALIZED (
  SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname = ANY (SELECT split_part(name, '.', 2) FROM unnest($1::text[]) name)
    AND n.nspname || '.' || c.relname = ANY ($1::text[])
), hidden AS MATERIALIZED (
  SELECT oid FROM ignored
  UNION ALL
  SELECT d.objid FROM pg_depend d JOIN ignored ON ignored.oid = d.refobjid
  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
), relation AS MATERIALIZED (
  SELECT c.oid, c.relkind, c.relowner, c.relacl, name.qualified AS name,
    CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'f' THEN 'foreign table '
      WHEN 'S' THEN 'sequence ' ELSE 'table ' END || name.qualified AS object
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified OFFSET 0) name
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${isUserSchema('n')}
    AND c.oid NOT IN (SELECT oid FROM hidden) AND ${isNoExtensionMember('pg_class', 'c.oid')} AND ${condition}
)`
}

/** SQL condition on a name: it speaks of a secret. */
const SPEAKS_OF_SECRET = "~* '(pass|pwd|secret|token|key|credential|user|auth|cert)'"

/**
 * Options of foreign servers and tables whose values are no secrets, whatever the wrapper. Any other value is hidden:
 * wrappers name their passwords as they like.
 */
const OPEN_OPTIONS = `
  host port dbname schema schema_name table table_name column_name filename format fetch_size
  batch_size use_remote_estimate updatable truncatable async_capable extensions fdw_startup_cost
  fdw_tuple_cost header delimiter null quote escape encoding force_not_null force_null
  keep_connections parallel_commit parallel_abort analyze_sampling`
  .trim()
  .split(/\s+/)

/** SQL: options of the form `name=value`, sorted; a value that may be a secret is `***`. */
export const openOptions = (array: string): string =>
  `(SELECT string_agg(CASE WHEN split_part(option, '=', 1) = ANY ('{${OPEN_OPTIONS.join(',')}}')
     THEN option ELSE split_part(option, '=', 1) || '=***' END, ', ' ORDER BY option) FROM unnest(${array}) option)`

/**
 * SQL: one setting of the form `name=value`. A value is `***` where the name speaks of a secret, and where it is one
 * that a project made up (`app.dsn`): those hold anything.
 */
export const openSetting = (setting: string): string =>
  `CASE WHEN split_part(${setting}, '=', 1) ${SPEAKS_OF_SECRET}
      OR split_part(${setting}, '=', 1) LIKE '%.%' AND split_part(${setting}, '.', 1) <> 'plpgsql'
    THEN split_part(${setting}, '=', 1) || '=***' ELSE ${setting} END`
