import { type CatalogueQuery, FIRST_USER_OID, definitionOf, isNoExtensionMember, roleName } from './scope.ts'

const named = (schema: string, name: string): string => `format('%I.%I', ${schema}.nspname, ${name})`

const isUsers = (catalogue: string, oid: string): string =>
  `${oid} >= ${FIRST_USER_OID} AND ${isNoExtensionMember(catalogue, oid)}`

/** Casts, operators and their classes and families, collations, conversions, text search and extended statistics. */
export const operators: CatalogueQuery = {
  about: 'database',
  text: `SELECT format('cast (%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS object, ${definitionOf(
    `CASE WHEN c.castfunc <> 0 THEN 'by ' || c.castfunc::regprocedure END`,
    `format('context %s method %s', c.castcontext, c.castmethod)`,
  )} FROM pg_cast c WHERE ${isUsers('pg_cast', 'c.oid')}
  UNION ALL
  SELECT 'operator ' || o.oid::regoperator, ${definitionOf(
    `'owner ' || ${roleName('o.oprowner')}`,
    `format('by %s restrict %s join %s', o.oprcode, o.oprrest, o.oprjoin)`,
    `CASE WHEN o.oprcom <> 0 THEN 'commutator ' || o.oprcom::regoperator END`,
    `CASE WHEN o.oprnegate <> 0 THEN 'negator ' || o.oprnegate::regoperator END`,
    `CASE WHEN o.oprcanmerge THEN 'merges' END`,
    `CASE WHEN o.oprcanhash THEN 'hashes' END`,
  )} FROM pg_operator o WHERE ${isUsers('pg_operator', 'o.oid')}
  UNION ALL
  SELECT format('operator family %s using %I', ${named('n', 'f.opfname')}, m.amname), ${definitionOf(
    `'owner ' || ${roleName('f.opfowner')}`,
    `'operators ' || (SELECT string_agg(format('%s %s', a.amopstrategy, a.amopopr::regoperator), ', '
       ORDER BY a.amopstrategy, a.amopopr::regoperator::text) FROM pg_amop a WHERE a.amopfamily = f.oid)`,
    `'functions ' || (SELECT string_agg(format('%s %s', a.amprocnum, a.amproc), ', '
       ORDER BY a.amprocnum, a.amproc::text) FROM pg_amproc a WHERE a.amprocfamily = f.oid)`,
  )} FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am m ON m.oid = f.opfmethod
  WHERE ${isUsers('pg_opfamily', 'f.oid')}
  UNION ALL
  SELECT format('operator class %s using %I', ${named('n', 'k.opcname')}, m.amname), ${definitionOf(
    `'owner ' || ${roleName('k.opcowner')}`,
    `'for ' || format_type(k.opcintype, NULL)`,
    `CASE WHEN k.opcdefault THEN 'default' END`,
  )} FROM pg_opclass k JOIN pg_namespace n ON n.oid = k.opcnamespace JOIN pg_am m ON m.oid = k.opcmethod
  WHERE ${isUsers('pg_opclass', 'k.oid')}
  UNION ALL
  SELECT 'collation ' || ${named('n', 'c.collname')}, ${definitionOf(
    `'owner ' || ${roleName('c.collowner')}`,
    // The columns' names differ between majors (colliculocale, colllocale), and so does what is there.
    `(to_jsonb(c) - ARRAY['oid', 'collname', 'collnamespace', 'collowner', 'collversion'])::text`,
  )} FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE ${isUsers('pg_collation', 'c.oid')}
  UNION ALL
  SELECT 'conversion ' || ${named('n', 'c.conname')}, ${definitionOf(
    `'owner ' || ${roleName('c.conowner')}`,
    `format('%s to %s by %s default %s', pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding),
       c.conproc, c.condefault)`,
  )} FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE ${isUsers('pg_conversion', 'c.oid')}
  UNION ALL
  SELECT 'text search configuration ' || ${named('n', 'c.cfgname')}, ${definitionOf(
    `'owner ' || ${roleName('c.cfgowner')}`,
    `(SELECT string_agg(format('%s %s', m.maptokentype, m.mapdict::regdictionary), ', '
       ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid)`,
  )} FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace WHERE ${isUsers('pg_ts_config', 'c.oid')}
  UNION ALL
  SELECT 'text search dictionary ' || ${named('n', 'd.dictname')}, ${definitionOf(
    `'owner ' || ${roleName('d.dictowner')}`,
    `'options ' || d.dictinitoption`,
  )} FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE ${isUsers('pg_ts_dict', 'd.oid')}
  UNION ALL
  SELECT 'statistics ' || ${named('n', 's.stxname')}, ${definitionOf(
    `'owner ' || ${roleName('s.stxowner')}`,
    `pg_get_statisticsobjdef(s.oid)`,
  )} FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${isUsers('pg_statistic_ext', 's.oid')}`,
}
