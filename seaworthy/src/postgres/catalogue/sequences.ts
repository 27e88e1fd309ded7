import { type CatalogueQuery, definitionOf, roleName } from './scope.ts'

/** Sequences without their position, which is data. One behind a serial or identity column is listed with the column. */
export const sequences: CatalogueQuery = {
  about: 'relations',
  text: `SELECT r.object, ${definitionOf(
    `'of ' || owning.column_object`,
    `'owner ' || ${roleName('r.relowner')}`,
    `'type ' || format_type(s.seqtypid, NULL)`,
    `format('start %s increment %s minimum %s maximum %s cache %s',
       s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache)`,
    `CASE WHEN s.seqcycle THEN 'cycles' END`,
    `CASE WHEN c.relpersistence = 'u' THEN 'unlogged' END`,
  )}
  FROM relation r
  JOIN pg_class c ON c.oid = r.oid
  JOIN pg_sequence s ON s.seqrelid = r.oid
  LEFT JOIN (
    SELECT d.objid, format('column %s.%I', d.refobjid::regclass, a.attname) AS column_object
    FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
  ) owning ON owning.objid = r.oid`,
}
