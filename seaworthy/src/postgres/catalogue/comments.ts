import { type CatalogueQuery, FIRST_USER_OID, definitionOf } from './scope.ts'

/**
 * Comments and security labels: some clients generate their interface from them. A comment that came with an
 * extension belongs to the extension.
 */
export const comments: CatalogueQuery = {
  about: 'relations',
  text: `WITH remark AS (
    SELECT classoid, objoid, objsubid, 'comment' AS kind, description AS content FROM pg_description
    UNION ALL
    SELECT classoid, objoid, objsubid, 'security label ' || quote_ident(provider), label FROM pg_seclabel
  ), placed AS (
    SELECT remark.kind, remark.content, CASE
        WHEN r.oid IS NOT NULL AND remark.objsubid = 0 THEN r.object
        WHEN r.oid IS NOT NULL THEN format('column %s.%I', r.name, a.attname)
        WHEN p.oid IS NOT NULL THEN CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate '
          ELSE 'function ' END || p.oid::regprocedure
        ELSE regexp_replace(who.type, '^(table|domain) constraint$', 'constraint') || ' ' || who.identity END AS object
    FROM remark
    CROSS JOIN LATERAL pg_identify_object(remark.classoid, remark.objoid, remark.objsubid) who
    LEFT JOIN relation r ON remark.classoid = 'pg_class'::regclass AND r.oid = remark.objoid
    LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = remark.objsubid AND remark.objsubid <> 0
    LEFT JOIN pg_proc p ON remark.classoid = 'pg_proc'::regclass AND p.oid = remark.objoid
    WHERE (remark.objoid >= ${FIRST_USER_OID} OR remark.objoid = 'public'::regnamespace)
      AND (remark.classoid <> 'pg_class'::regclass OR r.oid IS NOT NULL OR EXISTS (
        SELECT FROM pg_index i JOIN relation ON relation.oid = i.indrelid WHERE i.indexrelid = remark.objoid))
      AND remark.classoid <> 'pg_extension'::regclass
      AND NOT EXISTS (SELECT FROM pg_depend member WHERE member.classid = remark.classoid
        AND member.objid = remark.objoid AND member.deptype = 'e')
  )
  SELECT format('%s on %s', kind, object) AS object, ${definitionOf(`'of ' || object`, 'content')}
  FROM placed`,
}
