import { type CatalogueQuery, definitionOf, isNoExtensionMember, isUserSchema, roleName } from './scope.ts'

/**
 * Types that somebody named: enums with their values in order, composites with their attributes in order (a row
 * literal depends on it), domains, ranges and base types. The row types of tables and the array types come by themselves.
 */
export const types: CatalogueQuery = {
  about: 'database',
  text: `SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END || format(' %I.%I', n.nspname, t.typname) AS object,
    ${definitionOf(
      `'owner ' || ${roleName('t.typowner')}`,
      `CASE t.typtype WHEN 'e' THEN 'enum ' || coalesce((
         SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
         FROM pg_enum e WHERE e.enumtypid = t.oid), 'without values') END`,
      `CASE t.typtype WHEN 'c' THEN 'composite ' || coalesce((
         SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) || CASE
             WHEN a.attcollation <> at.typcollation THEN ' collation ' || a.attcollation::regcollation ELSE '' END,
           ', ' ORDER BY a.attnum)
         FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
         WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), 'without attributes') END`,
      `CASE t.typtype WHEN 'd' THEN 'base ' || format_type(t.typbasetype, t.typtypmod) END`,
      `CASE t.typtype WHEN 'd' THEN 'default ' || pg_get_expr(t.typdefaultbin, 0) END`,
      `CASE WHEN t.typnotnull THEN 'not null' END`,
      `CASE WHEN t.typtype = 'd' AND t.typcollation <> base.typcollation THEN 'collation ' || t.typcollation::regcollation END`,
      `'range of ' || format_type(g.rngsubtype, NULL)`,
      `'multirange ' || format_type(g.rngmultitypid, NULL)`,
      `CASE WHEN g.rngcollation <> 0 THEN 'range collation ' || g.rngcollation::regcollation END`,
      `CASE WHEN g.rngcanonical <> 0 THEN 'canonical ' || g.rngcanonical END`,
      `CASE WHEN g.rngsubdiff <> 0 THEN 'difference ' || g.rngsubdiff END`,
      `CASE WHEN t.typtype = 'b' THEN format('base type input %s output %s length %s', t.typinput, t.typoutput, t.typlen) END`,
    )}
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_type base ON base.oid = t.typbasetype
  LEFT JOIN pg_class c ON c.oid = t.typrelid
  LEFT JOIN pg_range g ON g.rngtypid = t.oid
  WHERE ${isUserSchema('n')} AND ${isNoExtensionMember('pg_type', 't.oid')}
    AND t.typtype IN ('b', 'c', 'd', 'e', 'r') AND (t.typtype <> 'c' OR c.relkind = 'c')
    AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid)`,
}
