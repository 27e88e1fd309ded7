import type { Client } from 'pg'
import { quotedQualified } from '../sql/identifier.ts'

/** What a name stands for: its kind as pg_class has it, and who owns it. */
export interface Relation {
  readonly kind: string
  readonly owner: string
}

/** What stands at a qualified name (`schema.name`, unquoted) in a database; null where nothing does. */
export async function relationAt(client: Client, name: string): Promise<Relation | null> {
  const { rows } = await client.query<Relation>(
    `SELECT c.relkind::pg_catalog.text AS kind, pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text AS owner
     FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)`,
    [quotedQualified(name)],
  )
  return rows[0] ?? null
}

/** Why it is no ledger: a view shows what somebody wants it to show, and a tool writes to a table. Null where it is one, or nothing is there. */
export const noTable = (relation: Relation | null): string | null =>
  relation === null || ['r', 'p'].includes(relation.kind) ? null : `is no table (relkind ${relation.kind})`
