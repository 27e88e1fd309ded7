import type { Kind } from '../../gate/observation.ts'
import type { Ledger } from '../../migrations/model.ts'

export type { Ledger, LedgerRow } from '../../migrations/model.ts'

/** What production's ledger says is applied, from a snapshot file or read-only from production itself. */
export const ledger: Kind<Ledger> = {
  name: 'ledger',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).ledgerSchema.parse(data),
}
