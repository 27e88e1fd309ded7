import type { Entry, EntryInput, EntryKind, Head } from '../gate/chain/chain.ts'
import type { ChainReport } from '../gate/chain/reader.ts'
import type { Emergency } from '../gate/chain/emergency.ts'

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
 * `signal` ends a wait for whoever else holds it.
 * @throws SeaworthyError if what lies there is no ledger, is damaged, of a newer version, or may not be written.
 */
export async function openState(
  file: string,
  options: { readonly isCreating: boolean; readonly signal?: AbortSignal },
): Promise<StateStore | null> {
  const { openSqlite } = await import('./sqlite.ts')
  return await openSqlite(file, options)
}

/**
 * Verifies the chain of a ledger as `StateStore.verify` does, also where its schema is not ours and it cannot be opened. Null
 * if there is none.
 */
export async function verifyState(
  file: string,
  heads: readonly Head[],
  signal: AbortSignal,
): Promise<ChainReport | null> {
  const [{ stateFile }, { limitsOf }, { verifyFile }] = await Promise.all([
    import('./state-file.ts'),
    import('./sqlite-connection.ts'),
    import('./sqlite-verify.ts'),
  ])
  if (stateFile(file) === null) return null
  return await verifyFile(file, heads, limitsOf({ signal }), signal)
}

/** What a restore took away. */
export interface Lost {
  /** The newest entry of the ledger that was replaced; null if that is damaged. */
  readonly head: Head | null
  /** So many entries that the backup lacks; null if they could not be counted. */
  readonly rows: number | null
  /** The open emergencies among them; null if they could not be read. */
  readonly emergencies: readonly Emergency[] | null
  /** The entry that tells of it, behind those of the backup. */
  readonly entry: Head
}

/** What became of a restore. */
export type Restored =
  /**
   * The backup lies at the place; `report` is of it. `kept` is where the former ledger went, null if there was none. `lost`
   * is null where the backup has all that was there.
   */
  | {
      readonly outcome: 'restored'
      readonly report: ChainReport
      readonly kept: string | null
      readonly lost: Lost | null
    }
  /** The chain of the backup is broken. Nothing was changed. */
  | { readonly outcome: 'broken'; readonly report: ChainReport }
  /** What is there has entries that the backup lacks, or cannot be read. Nothing was changed. */
  | { readonly outcome: 'refused'; readonly report: ChainReport; readonly why: string }

/** What a restore is told. */
export interface RestoreOptions {
  readonly isReplacing: boolean
  /** Who restores, and by what command. */
  readonly by: Pick<EntryInput, 'actor' | 'command'>
  readonly signal?: AbortSignal
}

/**
 * Puts a backup in the place of a ledger, after its chain was verified. With `isReplacing` also where that takes entries
 * away; then an entry of the kind `restore` tells of it, and the former ledger is kept beside.
 * @throws SeaworthyError if the backup cannot be read or the place cannot be written to.
 */
export async function restoreState(file: string, backup: string, options: RestoreOptions): Promise<Restored> {
  const { restoreSqlite } = await import('./sqlite-restore.ts')
  return await restoreSqlite(file, backup, options)
}
