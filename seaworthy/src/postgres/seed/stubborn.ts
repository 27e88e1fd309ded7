import type { Client } from 'pg'
import { isUserSchema } from '../catalogue/scope.ts'
import { quotedName } from '../../sql/identifier.ts'

/** A trigger or rule that also fires while triggers are off. */
interface Stubborn {
  readonly table: string
  readonly what: 'TRIGGER' | 'RULE'
  readonly name: string
  readonly mode: 'ALWAYS' | 'REPLICA'
}

const STUBBORN_SQL = `
  SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table, one.what, one.name,
         CASE one.mode WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END AS mode
    FROM (SELECT g.tgrelid AS rel, 'TRIGGER' AS what, g.tgname AS name, g.tgenabled AS mode FROM pg_trigger g
           WHERE NOT g.tgisinternal
          UNION ALL SELECT r.ev_class, 'RULE', r.rulename, r.ev_enabled FROM pg_rewrite r) one
    JOIN pg_class c ON c.oid = one.rel JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE one.mode IN ('A', 'R') AND c.relkind IN ('r', 'p') AND ${isUserSchema('n')}
   ORDER BY 1, 2, 3`

/**
 * Works while no trigger and no rule fires, also those that were made to fire always. Afterwards each is again as it
 * was: in its own mode, and not in that of the table it is a part of.
 */
export async function withoutStubborn<T>(admin: Client, work: () => Promise<T>): Promise<T> {
  const { rows } = await admin.query<Stubborn>(STUBBORN_SQL)
  const switchAll = async (state: (one: Stubborn) => string): Promise<void> => {
    const statements = rows.map(
      (one) => `ALTER TABLE ONLY ${one.table} ${state(one)} ${one.what} ${quotedName(one.name)}`,
    )
    if (statements.length > 0) await admin.query(statements.join('; '))
  }
  await switchAll(() => 'DISABLE')
  const result = await work()
  await switchAll((one) => `ENABLE ${one.mode}`)
  return result
}
