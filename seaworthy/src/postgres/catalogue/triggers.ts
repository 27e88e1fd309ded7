import { type CatalogueQuery, definitionOf } from './scope.ts'

const state = (column: string): string =>
  `CASE ${column} WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'fires on replicas only' WHEN 'A' THEN 'fires always' END`

/** Triggers, rewrite rules and row-security policies: what happens to a statement on its way. */
export const triggers: CatalogueQuery = {
  about: 'relations',
  text: `SELECT format('trigger %I on %s', t.tgname, r.name) AS object,
    ${definitionOf(`'of ' || r.object`, `pg_get_triggerdef(t.oid)`, state('t.tgenabled'))}
  FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid
  WHERE NOT t.tgisinternal
  UNION ALL
  SELECT format('rule %I on %s', w.rulename, r.name),
    ${definitionOf(`'of ' || r.object`, `pg_get_ruledef(w.oid)`, state('w.ev_enabled'))}
  FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid
  WHERE w.rulename <> '_RETURN'
  UNION ALL
  SELECT format('policy %I on %s', p.polname, r.name), ${definitionOf(
    `'of ' || r.object`,
    `CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END`,
    `'for ' || CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
       WHEN 'd' THEN 'DELETE' ELSE 'ALL' END`,
    `'to ' || (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END, ', '
       ORDER BY role = 0, pg_get_userbyid(role)) FROM unnest(p.polroles) role)`,
    `'using ' || pg_get_expr(p.polqual, p.polrelid)`,
    `'with check ' || pg_get_expr(p.polwithcheck, p.polrelid)`,
  )}
  FROM relation r JOIN pg_policy p ON p.polrelid = r.oid`,
}
