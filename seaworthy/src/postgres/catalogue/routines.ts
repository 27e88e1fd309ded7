import { type CatalogueQuery, definitionOf, isNoExtensionMember, isUserSchema, openSetting, roleName } from './scope.ts'

/** Functions, procedures, aggregates and window functions. A body is told by its digest: it may be long. */
export const routines: CatalogueQuery = {
  about: 'database',
  text: `SELECT CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END
      || p.oid::regprocedure AS object, ${definitionOf(
        `'owner ' || ${roleName('p.proowner')}`,
        `'arguments ' || nullif(pg_get_function_arguments(p.oid), '')`,
        `'returns ' || pg_get_function_result(p.oid)`,
        `'language ' || quote_ident(l.lanname)`,
        `CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END`,
        `CASE WHEN p.prokind = 'w' THEN 'window' END`,
        `CASE WHEN p.proisstrict THEN 'strict' END`,
        `CASE WHEN p.prosecdef THEN 'security definer' END`,
        `CASE WHEN p.proleakproof THEN 'leakproof' END`,
        `CASE p.proparallel WHEN 's' THEN 'parallel safe' WHEN 'r' THEN 'parallel restricted' END`,
        `format('cost %s rows %s', p.procost, p.prorows)`,
        `CASE WHEN p.prosupport <> 0 THEN 'support ' || p.prosupport END`,
        `'settings ' || (SELECT string_agg(${openSetting('setting')}, ', ' ORDER BY setting) FROM unnest(p.proconfig) setting)`,
        `CASE WHEN a.aggfnoid IS NULL THEN 'body sha256 ' || left(encode(sha256(convert_to(
           coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) || coalesce(' ' || p.probin, ''), 'UTF8')), 'hex'), 16) END`,
        `CASE WHEN a.aggfnoid IS NOT NULL THEN format(
           'kind %s direct arguments %s state %s starting as %L steps %s %s %s %s %s moving %s %s %s as %s starting as %L',
           a.aggkind, a.aggnumdirectargs, format_type(a.aggtranstype, NULL), a.agginitval, a.aggtransfn, a.aggfinalfn,
           a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn,
           format_type(nullif(a.aggmtranstype, 0), NULL), a.aggminitval) END`,
        `CASE WHEN a.aggsortop <> 0 THEN 'sorts by ' || a.aggsortop::regoperator END`,
      )}
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
  LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
  WHERE ${isUserSchema('n')} AND ${isNoExtensionMember('pg_proc', 'p.oid')}`,
}
