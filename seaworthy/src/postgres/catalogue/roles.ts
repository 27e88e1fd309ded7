import { type CatalogueQuery, definitionOf } from './scope.ts'

/** Roles with their attributes, and who is a member of whom. Passwords are not read. */
export const roles: CatalogueQuery = {
  about: 'cluster',
  text: `SELECT 'role ' || quote_ident(r.rolname) AS object, ${definitionOf(
    `CASE WHEN r.rolsuper THEN 'superuser' END`,
    `CASE WHEN r.rolcanlogin THEN 'login' END`,
    `CASE WHEN NOT r.rolinherit THEN 'noinherit' END`,
    `CASE WHEN r.rolcreaterole THEN 'createrole' END`,
    `CASE WHEN r.rolcreatedb THEN 'createdb' END`,
    `CASE WHEN r.rolreplication THEN 'replication' END`,
    `CASE WHEN r.rolbypassrls THEN 'bypassrls' END`,
    `CASE WHEN r.rolconnlimit <> -1 THEN 'connection limit ' || r.rolconnlimit END`,
    `'valid until ' || r.rolvaliduntil`,
    `'comment ' || shobj_description(r.oid, 'pg_authid')`,
  )} FROM pg_roles r WHERE r.rolname !~ '^pg_'
  UNION ALL
  SELECT format('membership of %s in %s', quote_ident(member.rolname), quote_ident(owning.rolname)),
    ${definitionOf(
      // INHERIT and SET are options of the membership from 16 on; what grantors hold in common is one thing to a client.
      `CASE WHEN bool_or(m.admin_option) THEN 'with admin option' END`,
      `CASE WHEN NOT bool_or(coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)) THEN 'without inherit' END`,
      `CASE WHEN NOT bool_or(coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) THEN 'without set' END`,
    )}
  FROM pg_auth_members m
  JOIN pg_roles member ON member.oid = m.member
  JOIN pg_roles owning ON owning.oid = m.roleid
  WHERE member.rolname !~ '^pg_'
  GROUP BY member.rolname, owning.rolname`,
}
