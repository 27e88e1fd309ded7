import {
  type CatalogueQuery,
  FIRST_USER_OID,
  definitionOf,
  isNoExtensionMember,
  openOptions,
  roleName,
} from './scope.ts'

/**
 * Publications, subscriptions, foreign servers and user mappings. Connection strings and the values of user mappings
 * are never read: they hold passwords.
 */
export const replication: CatalogueQuery = {
  about: 'database',
  text: `SELECT 'publication ' || quote_ident(p.pubname) AS object, ${definitionOf(
    `'owner ' || ${roleName('p.pubowner')}`,
    `(to_jsonb(p) - ARRAY['oid', 'pubname', 'pubowner'])::text`,
    `'tables ' || (SELECT string_agg(r.prrelid::regclass::text || coalesce(' (' || (
         SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a
         WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) || ')', '')
       || coalesce(' where ' || pg_get_expr(r.prqual, r.prrelid), ''), ', ' ORDER BY r.prrelid::regclass::text)
       FROM pg_publication_rel r WHERE r.prpubid = p.oid)`,
    `'schemas ' || (SELECT string_agg(s.pnnspid::regnamespace::text, ', ' ORDER BY s.pnnspid::regnamespace::text)
       FROM pg_publication_namespace s WHERE s.pnpubid = p.oid)`,
  )} FROM pg_publication p
  UNION ALL
  SELECT 'subscription ' || quote_ident(s.subname), ${definitionOf(
    `'owner ' || ${roleName('s.subowner')}`,
    `CASE WHEN NOT s.subenabled THEN 'disabled' END`,
    `'publications ' || array_to_string(s.subpublications, ', ')`,
  )} FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
  UNION ALL
  SELECT 'foreign-data wrapper ' || quote_ident(w.fdwname), ${definitionOf(
    `'owner ' || ${roleName('w.fdwowner')}`,
    `CASE WHEN w.fdwhandler <> 0 THEN 'handler ' || w.fdwhandler::regproc END`,
    `'options ' || ${openOptions('w.fdwoptions')}`,
  )} FROM pg_foreign_data_wrapper w
  WHERE w.oid >= ${FIRST_USER_OID} AND ${isNoExtensionMember('pg_foreign_data_wrapper', 'w.oid')}
  UNION ALL
  SELECT 'server ' || quote_ident(s.srvname), ${definitionOf(
    `'owner ' || ${roleName('s.srvowner')}`,
    `'wrapper ' || quote_ident(w.fdwname)`,
    `'version ' || s.srvversion`,
    `'options ' || ${openOptions('s.srvoptions')}`,
  )} FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
  WHERE ${isNoExtensionMember('pg_foreign_server', 's.oid')}
  UNION ALL
  SELECT format('user mapping for %s on server %I', CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE ${roleName('m.umuser')} END,
    m.srvname), ${definitionOf(`'of server ' || quote_ident(m.srvname)`)}
  FROM pg_user_mappings m`,
}
