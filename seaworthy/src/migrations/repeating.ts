import type { Failure, ServerError } from './engine.ts'
import type { LedgerRow, Migration } from './model.ts'

/** What the tool finds when it looks at its ledger. */
export type LedgerReading =
  | { readonly status: 'read'; readonly rows: readonly LedgerRow[] }
  /** There is no such table (any more): the tool makes an empty one. */
  | { readonly status: 'missing' }
  | { readonly status: 'unreadable'; readonly error: ServerError }

/** What a table holds: how many rows, and a digest of all of them. */
export interface TableContent {
  readonly object: string
  readonly rows: number
  readonly digest: string
}

/** Lets a world be left half-way and begun again. */
export interface Repeating {
  /** As the migrating role sees it; null where no ledger is known. */
  readonly ledger: () => Promise<LedgerReading | null>
  /** Sends a script as the tool would, and is gone before its ledger row: as if the tool had been ended. */
  readonly applyUnrecorded: (migration: Migration) => Promise<Failure | null>
  /** Marks of all indexes of the user, to tell those apart that come later. */
  readonly indexes: () => Promise<readonly string[]>
  /** Leaves indexes as a concurrent build leaves them that was ended. Rejects where this server does not let us. */
  readonly spoilIndexes: (marks: readonly string[]) => Promise<void>
  /** What each table holds, without the ledger's. */
  readonly contents: () => Promise<readonly TableContent[]>
}
