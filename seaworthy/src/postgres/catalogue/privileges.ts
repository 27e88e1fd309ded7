import { type CatalogueQuery, definitionOf, isNoExtensionMember, isUserSchema } from './scope.ts'

/**
 * Privileges that differ from what the object's owner and PUBLIC hold by default, one entry a grantee. An access list
 * that was never written and one that says the same as the default are one thing here, as they are for every client.
 */
export const privileges: CatalogueQuery = {
  about: 'relations',
  text: `WITH holder(object, acl, owner, kind) AS (
    SELECT object, relacl, relowner, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END FROM relation
    UNION ALL
    SELECT format('column %s.%I', r.name, a.attname), a.attacl, r.relowner, 'c'
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'schema ' || quote_ident(n.nspname), n.nspacl, n.nspowner, 'n'
    FROM pg_namespace n WHERE ${isUserSchema('n')} AND ${isNoExtensionMember('pg_namespace', 'n.oid')}
    UNION ALL
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END
      || p.oid::regprocedure, p.proacl, p.proowner, 'f'
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE ${isUserSchema('n')} AND ${isNoExtensionMember('pg_proc', 'p.oid')}
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END || format(' %I.%I', n.nspname, t.typname),
      t.typacl, t.typowner, 'T'
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE ${isUserSchema('n')} AND ${isNoExtensionMember('pg_type', 't.oid')}
    UNION ALL
    SELECT 'language ' || quote_ident(lanname), lanacl, lanowner, 'l' FROM pg_language
    UNION ALL
    SELECT 'foreign-data wrapper ' || quote_ident(fdwname), fdwacl, fdwowner, 'F' FROM pg_foreign_data_wrapper
    UNION ALL
    SELECT 'server ' || quote_ident(srvname), srvacl, srvowner, 'S' FROM pg_foreign_server
    UNION ALL
    SELECT 'database', datacl, datdba, 'd' FROM pg_database WHERE datname = current_database()
  ), held AS (
    SELECT h.object, side.is_default, item.grantee,
      item.privilege_type || CASE WHEN item.is_grantable THEN ' with grant option' ELSE '' END AS privilege
    FROM holder h
    CROSS JOIN LATERAL (VALUES (false, h.acl), (true, acldefault(h.kind::"char", h.owner))) side(is_default, acl)
    CROSS JOIN LATERAL aclexplode(side.acl) item
    WHERE h.acl IS NOT NULL
  ), per_grantee AS (
    SELECT object, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
      string_agg(DISTINCT privilege, ', ') FILTER (WHERE NOT is_default) AS actual,
      string_agg(DISTINCT privilege, ', ') FILTER (WHERE is_default) AS usual
    FROM held GROUP BY object, held.grantee
  )
  SELECT format('privileges on %s for %s', object, grantee) AS object,
    ${definitionOf(`'of ' || object`, `'granted ' || coalesce(actual, 'nothing')`)}
  FROM per_grantee WHERE actual IS DISTINCT FROM usual`,
}
