import { type CatalogueQuery, definitionOf, isNoExtensionMember, isUserSchema } from './scope.ts'

/**
 * Constraints of tables and domains. The server's own text of a definition says NOT VALID, DEFERRABLE, NO INHERIT and
 * NOT ENFORCED. NOT NULL stands with the column, and constraint triggers with the triggers.
 */
export const constraints: CatalogueQuery = {
  about: 'relations',
  text: `SELECT format('constraint %I on %s', k.conname, r.name) AS object, ${definitionOf(
    `'of ' || r.object`,
    `pg_get_constraintdef(k.oid)`,
    `CASE WHEN k.contype = 'f' AND EXISTS (
       SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled NOT IN ('O', 'A')
     ) THEN 'enforcing triggers disabled' END`,
  )}
  FROM relation r
  JOIN pg_constraint k ON k.conrelid = r.oid
  WHERE k.contype NOT IN ('n', 't')
  UNION ALL
  SELECT format('constraint %I on %I.%I', k.conname, n.nspname, t.typname), ${definitionOf(
    `format('of domain %I.%I', n.nspname, t.typname)`,
    `pg_get_constraintdef(k.oid)`,
  )}
  FROM pg_constraint k
  JOIN pg_type t ON t.oid = k.contypid
  JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE k.contypid <> 0 AND k.contype <> 'n' AND ${isUserSchema('n')} AND ${isNoExtensionMember('pg_type', 't.oid')}`,
}
