import { existsSync, linkSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Head } from '../gate/chain.ts'
import type { ChainReport } from '../gate/chain-reader.ts'
import { SeaworthyError } from '../gate/error.ts'
import { Draft, putInPlace, syncFile } from './draft.ts'
import { changing, connect, type Connection, type Limits, limitsOf, patiently } from './sqlite-connection.ts'
import { newestIn } from './sqlite-rows.ts'
import { verifyFile } from './sqlite-verify.ts'
import { makeFolder, unusable } from './state-file.ts'
import type { Restored } from './store.ts'

/** What lies at the place now. */
type Current =
  | { readonly state: 'none' }
  | { readonly state: 'damaged'; readonly why: string }
  | { readonly state: 'ledger'; readonly connection: Connection; readonly head: Head | null }

/** Puts a backup in the place of a ledger; see `restoreState`. What is verified is the copy that is put there. */
export async function restoreSqlite(
  file: string,
  backup: string,
  options: { readonly isReplacing: boolean; readonly signal?: AbortSignal } & Partial<Limits>,
): Promise<Restored> {
  const limits = limitsOf(options)
  makeFolder(file)
  const current = await currentAt(file, limits)
  try {
    using draft = new Draft(file)
    await copyTo(draft.file, backup, limits)
    const head = current.state === 'ledger' ? current.head : null
    const report = await verifyFile(draft.file, head === null ? [] : [head], limits, options.signal)
    if (report.breaks.some(({ kind }) => kind !== 'cut-off' && kind !== 'not-countersigned')) {
      return { outcome: 'broken', report }
    }
    const why = current.state === 'damaged' ? current.why : lost(report)
    if (why !== null && !options.isReplacing) return { outcome: 'refused', report, why }
    return { outcome: 'restored', report, kept: await swap(draft.file, file, current, limits) }
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
    // A place that is no file of ours stays an error; what may have been a ledger is damaged.
    if (error instanceof SeaworthyError && error.code === 'state') return { state: 'damaged', why: error.message }
    throw error
  }
}

/** Copies a backup by reading it: a damaged one stops here. */
async function copyTo(draft: string, backup: string, limits: Limits): Promise<void> {
  const source = await connect(backup, limits)
  if (source === null) {
    throw new SeaworthyError('unreadable', `there is no backup ${backup}`, { hint: 'Name the file to restore from.' })
  }
  try {
    await patiently(backup, limits, () => source.db.prepare('VACUUM INTO ?').run(draft))
  } finally {
    source.db.close()
  }
  changing(draft, limits, (db) => db.exec('PRAGMA journal_mode = WAL'))
}

/** What the backup lacks of the ledger that is there; null if it has all of it. */
const lost = ({ breaks }: ChainReport): string | null =>
  breaks.length === 0 ? null : `the ledger that is there is ${isShorter(breaks) ? 'longer' : 'another one'}`

const isShorter = (breaks: ChainReport['breaks']): boolean => breaks.every(({ kind }) => kind === 'cut-off')

/** Returns where the former ledger is kept; null if there was none. */
async function swap(draft: string, file: string, current: Current, limits: Limits): Promise<string | null> {
  if (current.state === 'none') {
    if (putInPlace(draft, file)) return null
    throw movedOn(file)
  }
  const kept = `${file}.before-restore-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`
  syncFile(draft)
  if (current.state === 'damaged') {
    exchange(draft, file, kept)
    return kept
  }
  const { db } = current.connection
  // The log is written back and goes away, which only the last connection may do: the next file must not find it.
  await patiently(file, limits, () => db.exec('PRAGMA journal_mode = DELETE'))
  await patiently(file, limits, () => db.exec('BEGIN EXCLUSIVE'))
  const head = newestIn(db, file)
  if (head?.seq !== current.head?.seq || head?.digest !== current.head?.digest) throw movedOn(file)
  exchange(draft, file, kept)
  db.exec('ROLLBACK')
  return kept
}

/** At each moment a ledger lies at the place: the former one gets a second name before it loses its first. */
function exchange(draft: string, file: string, kept: string): void {
  try {
    linkSync(file, kept)
    for (const end of ['-wal', '-shm']) {
      if (!existsSync(`${file}${end}`)) continue
      linkSync(`${file}${end}`, `${kept}${end}`)
      rmSync(`${file}${end}`)
    }
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
