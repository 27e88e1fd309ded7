import { linkSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Head, Json } from '../gate/chain/chain.ts'
import type { ChainReport } from '../gate/chain/reader.ts'
import { SeaworthyError } from '../gate/error.ts'
import { Draft, putInPlace, syncFile } from './draft.ts'
import { keptName, sideFilesOf } from './names-beside.ts'
import { changing, connect, copyInto, type Connection, type Limits, limitsOf, patiently } from './sqlite-connection.ts'
import { lostBy } from './sqlite-lost.ts'
import { isBusy } from './sqlite-problem.ts'
import { newestIn } from './sqlite-rows.ts'
import { openSqlite } from './sqlite.ts'
import { schemaReport, verifyFile } from './sqlite-verify.ts'
import { makeFolder, stateFile, unusable } from './state-file.ts'
import type { Lost, Restored, RestoreOptions } from './store.ts'

/** What lies at the place now. */
type Current =
  | { readonly state: 'none' }
  | { readonly state: 'damaged'; readonly why: string }
  | { readonly state: 'ledger'; readonly connection: Connection; readonly head: Head | null }

/** Puts a backup in the place of a ledger; see `restoreState`. What is verified is the copy that is put there. */
export async function restoreSqlite(
  file: string,
  backup: string,
  options: RestoreOptions & Partial<Limits>,
): Promise<Restored> {
  const limits = limitsOf(options)
  makeFolder(file)
  const current = await currentAt(file, limits)
  try {
    using draft = new Draft(file, unusable)
    const foreign = await copyTo(draft.file, file, backup, limits)
    if (foreign !== null) return { outcome: 'broken', report: foreign }
    const head = current.state === 'ledger' ? current.head : null
    const report = await verifyFile(draft.file, head === null ? [] : [head], limits, options.signal)
    if (report.breaks.some(({ kind }) => kind !== 'cut-off' && kind !== 'not-countersigned')) {
      return { outcome: 'broken', report }
    }
    const why = current.state === 'damaged' ? current.why : lacking(report)
    if (why !== null && !options.isReplacing) return { outcome: 'refused', report, why }
    const kept = keptName(file, new Date())
    const lost = why === null ? null : await entered(draft.file, file, { report, kept, head }, options)
    const wasThere = await swap(draft.file, file, { current, kept }, limits)
    return { outcome: 'restored', report, kept: wasThere ? kept : null, lost }
  } finally {
    if (current.state === 'ledger' && current.connection.db.isOpen) current.connection.db.close()
  }
}

async function currentAt(file: string, limits: Limits): Promise<Current> {
  try {
    const connection = await connect(file, limits)
    if (connection === null) return { state: 'none' }
    return { state: 'ledger', connection, head: await patiently(file, limits, () => newestIn(connection.db, file)) }
  } catch (error) {
    // A place that is no file of ours stays an error; what may have been a ledger, or its log, is damaged.
    if (error instanceof SeaworthyError && error.code === 'state') return { state: 'damaged', why: error.message }
    throw error
  }
}

/**
 * Copies a backup by reading it: a damaged one stops here, and one of an older version stays as it is. Returns what is wrong
 * with one that has another schema than ours, which a copy would have as well.
 */
async function copyTo(draft: string, file: string, backup: string, limits: Limits): Promise<ChainReport | null> {
  try {
    const source = await connect(backup, limits, { asIs: true, isAnySchema: true })
    if (source === null) throw new SeaworthyError('unreadable', 'there is none')
    try {
      const foreign = await patiently(backup, limits, () => schemaReport(source.db))
      if (foreign !== null) return foreign
      await patiently(backup, limits, () => copyInto(draft, file, source.db))
    } finally {
      source.db.close()
    }
  } catch (error) {
    throw noBackup(backup, error)
  }
  changing(draft, file, limits, (db) => db.exec('PRAGMA journal_mode = WAL'))
  return null
}

/** What is said of a ledger in use (name another with --state, restore a backup) would lead in a circle here. */
function noBackup(backup: string, error: unknown): unknown {
  if (!(error instanceof SeaworthyError) || error.code === 'limit' || isBusy(error.cause)) return error
  return new SeaworthyError(error.code, `${backup} is no backup of a ledger that can be read: ${error.message}`, {
    hint: 'Name a file that seaworthy ledger backup wrote, or one that a restore has kept; of a link, a copy made with cp.',
    cause: error,
  })
}

/** What the backup lacks of the ledger that is there; null if it has all of it. */
const lacking = ({ breaks }: ChainReport): string | null =>
  breaks.length === 0 ? null : `the ledger that is there is ${isShorter(breaks) ? 'longer' : 'another one'}`

const isShorter = (breaks: ChainReport['breaks']): boolean => breaks.every(({ kind }) => kind === 'cut-off')

/** More emergencies, and longer reasons, are counted and cut: an entry has its limit, and all of it is in what is kept. */
const MOST_NAMED = 100
const MOST_REASON_LENGTH = 1_000

/** Enters into the copy of a backup what it will take away, so that the ledger tells of it from its first moment on. */
async function entered(
  draft: string,
  file: string,
  { report, kept, head }: { report: ChainReport; kept: string; head: Head | null },
  options: RestoreOptions & Partial<Limits>,
): Promise<Lost> {
  const limits = limitsOf(options)
  const unknown = { rows: null, emergencies: null }
  // Without a head there is nothing that could be lost, or nothing that can be read.
  const { rows, emergencies } = head === null ? unknown : await lostBy(file, draft, limits)
  const named = emergencies?.slice(0, MOST_NAMED).map(({ entry, action, candidate, reason }) => ({
    seq: entry.seq,
    at: entry.at,
    by: entry.actor.user,
    action,
    candidate,
    reason: reason.slice(0, MOST_REASON_LENGTH),
  }))
  const content: Json = {
    backup: report.head === null ? null : { ...report.head },
    replaced: head === null ? null : { ...head },
    kept: path.basename(kept),
    lostRows: rows,
    lostEmergencies: emergencies?.length ?? null,
    emergencies: named ?? null,
  }
  const store = await openSqlite(draft, { isCreating: false, ...limits })
  if (store === null) throw new SeaworthyError('state', `the copy of the backup beside ${file} is gone`)
  try {
    const at = new Date().toISOString()
    const { seq, digest } = await store.append({ ...options.by, at, kind: 'restore', candidate: null, content })
    return { head, rows, emergencies, entry: { seq, digest } }
  } finally {
    await store.close()
  }
}

/** Returns whether there was a former ledger, which then is kept. */
async function swap(
  draft: string,
  file: string,
  { current, kept }: { readonly current: Current; readonly kept: string },
  limits: Limits,
): Promise<boolean> {
  if (current.state === 'none') {
    if (stateFile(file) === null && putInPlace(draft, file, unusable)) return false
    throw movedOn(file)
  }
  syncFile(draft)
  if (current.state === 'damaged') {
    exchange(draft, file, kept)
    return true
  }
  const { db } = current.connection
  // The log is written back and goes away, which only the last connection may do: the next file must not find it.
  await patiently(file, limits, () => db.exec('PRAGMA journal_mode = DELETE'))
  await patiently(file, limits, () => db.exec('BEGIN EXCLUSIVE'))
  const head = newestIn(db, file)
  if (head?.seq !== current.head?.seq || head?.digest !== current.head?.digest) throw movedOn(file)
  exchange(draft, file, kept)
  db.exec('ROLLBACK')
  return true
}

/**
 * The former ledger gets a second name before it loses its first. Where something of SQLite's lies beside it, neither ledger
 * may be read without its own: meanwhile an empty file holds the place, which every command refuses and a restore replaces.
 */
function exchange(draft: string, file: string, kept: string): void {
  using empty = new Draft(file, unusable)
  try {
    const left = sideFilesOf(file)
    // The ledger itself may be gone, and only its log be there.
    putInPlace(empty.file, file, unusable)
    for (const end of ['', ...left]) linkSync(`${file}${end}`, `${kept}${end}`)
    if (left.length > 0) renameSync(empty.file, file)
    for (const end of left) rmSync(`${file}${end}`)
    renameSync(draft, file)
    syncFile(path.dirname(file))
  } catch (error) {
    throw unusable(file, error)
  }
}

const movedOn = (file: string): SeaworthyError =>
  new SeaworthyError('state', `the ledger ${file} went on while the backup was verified`, {
    hint: 'Run the command again. Nothing was changed.',
  })
