import { type CatalogueQuery, definitionOf, roleName } from './scope.ts'

/** ALTER DEFAULT PRIVILEGES: what objects of the future will grant. */
export const defaultPrivileges: CatalogueQuery = {
  about: 'database',
  text: `SELECT format('default privileges of %s on %s', ${roleName('d.defaclrole')}, CASE d.defaclobjtype
      WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
      WHEN 'n' THEN 'schemas' ELSE 'large objects' END) || coalesce(' in schema ' || quote_ident(n.nspname), '') AS object,
    ${definitionOf(
      `'of schema ' || quote_ident(n.nspname)`,
      `coalesce((
        SELECT string_agg(granted, '; ' ORDER BY granted) FROM (
          SELECT format('%s to %s', string_agg(item.privilege_type || CASE WHEN item.is_grantable
              THEN ' with grant option' ELSE '' END, ', ' ORDER BY item.privilege_type),
            CASE item.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(item.grantee)) END) AS granted
          FROM aclexplode(d.defaclacl) item GROUP BY item.grantee) grants), 'nothing to anybody')`,
    )}
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace`,
}
