import { type CatalogueQuery, definitionOf, openOptions, roleName } from './scope.ts'

/** Tables, views, materialised views and foreign tables themselves. Sequences have a query of their own. */
export const relations: CatalogueQuery = {
  about: 'relations',
  text: `SELECT r.object, ${definitionOf(
    `'owner ' || ${roleName('c.relowner')}`,
    `CASE c.relpersistence WHEN 'u' THEN 'unlogged' END`,
    `CASE c.relkind WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(c.oid) END`,
    `CASE WHEN c.relispartition THEN 'partition of ' || parent.names || ' ' || pg_get_expr(c.relpartbound, c.oid)
       ELSE 'inherits ' || parent.names END`,
    `CASE WHEN c.reloftype <> 0 THEN 'of type ' || c.reloftype::regtype END`,
    `CASE WHEN am.amname <> 'heap' THEN 'access method ' || quote_ident(am.amname) END`,
    `'tablespace ' || quote_ident(space.spcname)`,
    `'options ' || (SELECT string_agg(option, ', ' ORDER BY option) FROM unnest(c.reloptions) option)`,
    `CASE WHEN c.relrowsecurity THEN 'row security enabled' END`,
    `CASE WHEN c.relforcerowsecurity THEN 'row security forced' END`,
    `CASE WHEN c.relkind IN ('r', 'p') THEN
       CASE c.relreplident WHEN 'n' THEN 'replica identity nothing' WHEN 'f' THEN 'replica identity full' END END`,
    `CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'not populated' END`,
    `'server ' || quote_ident(server.srvname)`,
    `'server options ' || ${openOptions('f.ftoptions')}`,
    `CASE WHEN c.relkind IN ('v', 'm') THEN 'definition ' || pg_get_viewdef(c.oid) END`,
  )}
  FROM relation r
  JOIN pg_class c ON c.oid = r.oid
  LEFT JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_tablespace space ON space.oid = c.reltablespace
  LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
  LEFT JOIN pg_foreign_server server ON server.oid = f.ftserver
  LEFT JOIN (
    SELECT inhrelid, string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno) AS names
    FROM pg_inherits GROUP BY inhrelid
  ) parent ON parent.inhrelid = c.oid
  WHERE r.relkind <> 'S'`,
}
