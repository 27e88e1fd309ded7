import { type Stats, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Draft, putInPlace } from './draft.ts'
import { checkSchema, createSchema } from './sqlite-schema.ts'
import { isBusy, isFull, isReadOnly, stateProblem } from './sqlite-problem.ts'
import { makeFolder, stateFile, unusable, unwritable } from './state-file.ts'

/** How long a ledger that another process holds is waited for: an append takes milliseconds. */
const WAIT_MS = 10_000
/** SQLite itself waits so long, in which nothing else can happen here. */
const STEP_MS = 20
/** No ledger grows beyond this; at 1 kB an entry it holds sixteen million. */
const MOST_BYTES = 16 * 1024 ** 3
const PAGE_BYTES = 4096

export interface Limits {
  readonly waitMs: number
  readonly mostBytes: number
  /** Ends a wait. */
  readonly signal: AbortSignal | undefined
}

/** The usual limits, where nothing else is said. */
export const limitsOf = (given: Partial<Limits> = {}): Limits => ({
  waitMs: given.waitMs ?? WAIT_MS,
  mostBytes: given.mostBytes ?? MOST_BYTES,
  signal: given.signal,
})

export interface Connection {
  readonly db: DatabaseSync
  /** The file that was opened: another one may lie at its place later. */
  readonly identity: Stats
}

/** Tries until nobody else holds what is needed. Throws SeaworthyError for what SQLite says. */
export async function patiently<T>(file: string, { waitMs, signal }: Limits, work: () => T): Promise<T> {
  const until = performance.now() + waitMs
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw stateProblem(error, file)
    }
    signal?.throwIfAborted()
    // Not in step with the others who wait.
    await delay(1 + Math.random() * STEP_MS)
  }
}

/**
 * Opens the ledger that lies there, for writing if its rights allow it, and brings an older one up to date unless it is `asIs`.
 * `isAnySchema` is for whoever tells what its schema is. Null if none lies there.
 */
export async function connect(
  file: string,
  limits: Limits,
  { asIs = false, isAnySchema = false }: { readonly asIs?: boolean; readonly isAnySchema?: boolean } = {},
): Promise<Connection | null> {
  return await patiently(file, limits, () => {
    const identity = stateFile(file)
    if (identity === null) return null
    const db = opened(file, limits, { asIs, isAnySchema })
    return { db, identity }
  })
}

/** Copies a ledger to a draft. If there is no room, it is at the place that the draft is for. */
export function copyInto(draft: string, place: string, db: DatabaseSync): void {
  try {
    db.prepare('VACUUM INTO ?').run(draft)
  } catch (error) {
    throw isFull(error) ? unwritable(place, Object.assign(new Error(), { code: 'ENOSPC', cause: error })) : error
  }
}

/**
 * Makes an empty ledger at a place where none is. It appears there whole: a crash leaves a draft beside it at most. If
 * another process was quicker, its ledger stays.
 */
export function createAt(file: string, limits: Limits): void {
  makeFolder(file)
  using draft = new Draft(file, unusable)
  changing(draft.file, file, limits, (db) => {
    db.exec('PRAGMA journal_mode = WAL')
    createSchema(db, new Date())
  })
  putInPlace(draft.file, file, unusable)
}

/** Works on a draft that no one else knows yet. What goes wrong is told of the place that it is for. */
export function changing(draft: string, place: string, limits: Limits, work: (db: DatabaseSync) => void): void {
  try {
    const db = new DatabaseSync(draft)
    try {
      prepare(db, limits)
      work(db)
    } finally {
      db.close()
    }
  } catch (error) {
    throw stateProblem(error, place)
  }
}

/** How a ledger is opened; with `isAnySchema` nothing of its schema is looked at, nor changed. */
interface Opening {
  readonly asIs: boolean
  readonly isAnySchema: boolean
}

function opened(file: string, limits: Limits, how: Opening): DatabaseSync {
  try {
    return checked(new DatabaseSync(file, { timeout: STEP_MS }), file, limits, { isReadOnly: false, ...how })
  } catch (error) {
    if (!isReadOnly(error)) throw error
    return openedReadOnly(file, limits, how, error)
  }
}

/** Without the right to write, SQLite can read only what has no log beside it; an unread log would be a ledger cut off. */
function openedReadOnly(file: string, limits: Limits, how: Opening, error: unknown): DatabaseSync {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw error
  const place = pathToFileURL(file)
  place.searchParams.set('immutable', '1')
  return checked(new DatabaseSync(place, { readOnly: true, timeout: STEP_MS }), file, limits, {
    isReadOnly: true,
    ...how,
  })
}

function checked(
  db: DatabaseSync,
  file: string,
  limits: Limits,
  how: Opening & { readonly isReadOnly: boolean },
): DatabaseSync {
  try {
    if (!how.isReadOnly) prepare(db, limits)
    checkSchema(db, file, { ...how, now: new Date() })
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** What holds for each connection. FULL: an entry is on the disk when its append returns. */
function prepare(db: DatabaseSync, { mostBytes }: Limits): void {
  db.enableDefensive(true)
  db.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA max_page_count = ${Math.floor(mostBytes / PAGE_BYTES)};
  `)
}
