import { type CatalogueQuery, definitionOf } from './scope.ts'

/**
 * Indexes with whether a query may use them. Of one behind a constraint the constraint says what it is on; asking for
 * its definition again is what makes a look slow.
 */
export const indexes: CatalogueQuery = {
  about: 'relations',
  text: `SELECT format('index %I.%I', n.nspname, c.relname) AS object, ${definitionOf(
    `'of ' || coalesce('constraint ' || quote_ident(k.conname) || ' on ' || r.name, r.object)`,
    `CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid) END`,
    `CASE WHEN k.oid IS NOT NULL THEN 'options ' || array_to_string(c.reloptions, ', ') END`,
    `CASE WHEN NOT i.indisvalid THEN 'invalid' END`,
    `CASE WHEN NOT i.indisready THEN 'not ready' END`,
    `CASE WHEN i.indisclustered THEN 'clustered' END`,
    `CASE WHEN i.indisreplident THEN 'replica identity' END`,
    `'tablespace ' || quote_ident(space.spcname)`,
  )}
  FROM relation r
  JOIN pg_index i ON i.indrelid = r.oid
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_tablespace space ON space.oid = c.reltablespace
  LEFT JOIN pg_constraint k ON k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')`,
}
