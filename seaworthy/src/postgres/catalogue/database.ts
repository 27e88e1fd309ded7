import {
  type CatalogueQuery,
  FIRST_USER_OID,
  definitionOf,
  isNoExtensionMember,
  isUserSchema,
  roleName,
} from './scope.ts'

/** The database itself and what it holds beside objects in schemas: schemas, extensions, languages, event triggers. */
export const database: CatalogueQuery = {
  about: 'database',
  text: `SELECT 'database' AS object, ${definitionOf(
    `'owner ' || ${roleName('datdba')}`,
    `CASE WHEN datconnlimit <> -1 THEN 'connection limit ' || datconnlimit END`,
    `CASE WHEN NOT datallowconn THEN 'no connections' END`,
    `CASE WHEN datistemplate THEN 'template' END`,
    `'comment ' || shobj_description(oid, 'pg_database')`,
  )} FROM pg_database WHERE datname = current_database()
  UNION ALL
  SELECT 'schema ' || quote_ident(n.nspname), ${definitionOf(`'owner ' || ${roleName('n.nspowner')}`)}
  FROM pg_namespace n WHERE ${isUserSchema('n')} AND ${isNoExtensionMember('pg_namespace', 'n.oid')}
  UNION ALL
  SELECT 'extension ' || quote_ident(x.extname), ${definitionOf(
    `'version ' || x.extversion`,
    `'schema ' || quote_ident(n.nspname)`,
    `'owner ' || ${roleName('x.extowner')}`,
  )} FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
  UNION ALL
  SELECT 'language ' || quote_ident(l.lanname), ${definitionOf(
    `'owner ' || ${roleName('l.lanowner')}`,
    `CASE WHEN l.lanpltrusted THEN 'trusted' END`,
    `'handler ' || l.lanplcallfoid::regproc`,
  )} FROM pg_language l WHERE l.oid >= ${FIRST_USER_OID} AND ${isNoExtensionMember('pg_language', 'l.oid')}
  UNION ALL
  SELECT 'event trigger ' || quote_ident(e.evtname), ${definitionOf(
    `'owner ' || ${roleName('e.evtowner')}`,
    `'on ' || e.evtevent`,
    `'tags ' || array_to_string(e.evttags, ', ')`,
    `'calls ' || e.evtfoid::regprocedure`,
    `CASE e.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'fires on replicas only' WHEN 'A' THEN 'fires always' END`,
  )} FROM pg_event_trigger e WHERE ${isNoExtensionMember('pg_event_trigger', 'e.oid')}`,
}
