import type { Entry, EntryInput, EntryKind, Head } from '../gate/chain.ts'
import type { ChainReport } from '../gate/chain-reader.ts'

/** Which entries are wanted. All of what is given must hold. */
export interface EntryFilter {
  readonly kinds?: readonly EntryKind[]
  /** From this time on, and up to this time: as `Entry.at` is written. */
  readonly since?: string
  readonly until?: string
  /** The candidate, or its beginning. */
  readonly candidate?: string
  readonly limit?: number
  /** Default: oldest first, the order of the chain. */
  readonly isNewestFirst?: boolean
}

/**
 * The ledger of our own: append-only, each entry bound to the one before by its digest. Safe for commands that run at
 * the same time. What cannot be read or written is a SeaworthyError, never an empty answer.
 */
export interface StateStore {
  /** The newest entry; null in an empty ledger. */
  readonly head: () => Promise<Head | null>
  /** Adds an entry behind the newest one. When it returns, the entry has reached the disk. */
  readonly append: (input: EntryInput) => Promise<Entry>
  readonly entries: (filter: EntryFilter) => AsyncIterable<Entry>
  /** Reads the whole chain and names every break. `heads`: what others have countersigned and it must contain. */
  readonly verify: (heads: readonly Head[], signal?: AbortSignal) => Promise<ChainReport>
  /** Writes a consistent copy to a file that is not there yet, while others go on writing, and verifies the copy. */
  readonly backup: (file: string, signal?: AbortSignal) => Promise<ChainReport>
  readonly close: () => Promise<void>
}

/**
 * Opens the ledger at a place. Null if there is none and it is not to be created.
 * @throws SeaworthyError if what lies there is no ledger, is damaged, of a newer version, or may not be written.
 */
export async function openState(file: string, options: { readonly isCreating: boolean }): Promise<StateStore | null> {
  const { openSqlite } = await import('./sqlite.ts')
  return await openSqlite(file, options)
}

/** What became of a restore. */
export type Restored =
  /** The backup lies at the place; `kept` is where the former ledger went, null if there was none. */
  | { readonly outcome: 'restored'; readonly report: ChainReport; readonly kept: string | null }
  /** The chain of the backup is broken. Nothing was changed. */
  | { readonly outcome: 'broken'; readonly report: ChainReport }
  /** What is there has entries that the backup lacks, or cannot be read. Nothing was changed. */
  | { readonly outcome: 'refused'; readonly report: ChainReport; readonly why: string }

/**
 * Puts a backup in the place of a ledger, after its chain was verified. With `isReplacing` also where that takes entries
 * away; the former ledger is kept beside in any case.
 * @throws SeaworthyError if the backup cannot be read or the place cannot be written to.
 */
export async function restoreState(
  file: string,
  backup: string,
  options: { readonly isReplacing: boolean; readonly signal?: AbortSignal },
): Promise<Restored> {
  const { restoreSqlite } = await import('./sqlite-restore.ts')
  return await restoreSqlite(file, backup, options)
}
