import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SeaworthyError } from '../gate/error.ts'
import type { Binaries } from './binaries.ts'
import { copyTree } from './copy-tree.ts'
import { removeLeftovers, removeRunFolders } from './leftovers.ts'
import { findPlaces, makeRunFolder, type Places } from './places.ts'
import { describeShortage, explainFailure, tailOf } from './server-log.ts'
import { type Snapshot, discardSnapshot } from './snapshots.ts'
import { SUPERUSER, findTemplate } from './template.ts'
import { type Guarded, startGuarded } from './watchdog.ts'

const START_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 30_000
const POLL_MS = 4
/** Only a part of the socket's name: the server listens on no network, and each has a socket folder of its own. */
const PORT = 5432

/** A PostgreSQL server of ours. When it is disposed of, or this process ends in any way, it ends and its folder goes. */
export interface ScratchServer extends AsyncDisposable {
  readonly dataDir: string
  readonly socketDir: string
  readonly port: number
  /** Needs no password on the private socket. */
  readonly superuser: string
  readonly binaries: Binaries
  /** The last lines of its log, for an error that it is the cause of. */
  readonly logTail: () => string
  /** Ends it cleanly and keeps its data folder, until it is disposed of. */
  readonly stop: () => Promise<void>
}

/**
 * Starts a server on a copy of the snapshot's data folder, or of a fresh one.
 * @throws SeaworthyError('scratch-server') with the end of the server's log and a way out; the signal's reason if it was
 * aborted. Nothing is left running or lying about then.
 */
export async function startScratchServer(options: {
  readonly binaries: Binaries
  readonly snapshot: Snapshot | null
  readonly signal: AbortSignal
  /** Whether it keeps the texts of statements, nested ones too; not by default. */
  readonly isTraced?: boolean
}): Promise<ScratchServer> {
  const { binaries, snapshot, signal } = options
  signal.throwIfAborted()
  const places = findPlaces()
  await sweepOnce(places, signal)
  const source = snapshot ?? (await findTemplate(binaries, places, signal))
  const runFolder = makeRunFolder(places)
  const dataDir = join(runFolder, 'data')
  const log = join(runFolder, 'log')
  let guarded: Guarded | null = null
  const release = async (): Promise<void> => {
    await guarded?.release()
    // Still there if no server was started, or if somebody killed the watchdog.
    if (existsSync(runFolder)) await removeRunFolders([runFolder], places, new AbortController().signal)
  }
  try {
    await copyTree(source.dataDir, dataDir, places.account, signal)
    const command = [join(binaries.bin, 'postgres'), ...serverArguments(dataDir, runFolder, options.isTraced)]
    guarded = startGuarded(command, { runFolder, log, account: places.account })
    await untilReady(guarded, dataDir, log, signal)
  } catch (error) {
    const isSourceSuspect = guarded !== null && !signal.aborted && describeShortage(tailOf(log), runFolder) === null
    await release()
    // It may be damaged (a machine that went down): the next run makes it anew.
    if (isSourceSuspect) await discardSnapshot(source)
    throw error
  }
  const running = guarded
  return {
    dataDir,
    socketDir: runFolder,
    port: PORT,
    superuser: SUPERUSER,
    binaries,
    logTail: () => tailOf(log),
    stop: async () => await stopCleanly(running, log),
    [Symbol.asyncDispose]: release,
  }
}

/**
 * Nothing here has to survive a power failure, and nothing listens to the network. The lock table has the size it has in
 * production by default (64 locks for each of 100 connections): a tool that applies everything in one transaction needs it.
 */
export function serverArguments(dataDir: string, socketDir: string, isTraced = false): string[] {
  const settings = {
    listen_addresses: '',
    port: String(PORT),
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '20',
    max_locks_per_transaction: '320',
    shared_buffers: '32MB',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    autovacuum: 'off',
    jit: 'off',
    max_wal_senders: '0',
    min_wal_size: '2MB',
    max_wal_size: '1GB',
    checkpoint_timeout: '1h',
    wal_recycle: 'off',
    wal_init_zero: 'off',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_min_messages: 'warning',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // In the data folder, so that nothing of it stays in the system's shared memory (64 MB in Docker) after a crash.
    dynamic_shared_memory_type: 'mmap',
    ...(isTraced ? TRACED_SETTINGS : {}),
  }
  return ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

/** How many texts of statements a watched server keeps. */
export const TEXTS_KEPT = 20_000

const TRACED_SETTINGS = {
  shared_preload_libraries: 'pg_stat_statements',
  compute_query_id: 'on',
  'pg_stat_statements.max': String(TEXTS_KEPT),
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_utility': 'on',
  'pg_stat_statements.track_planning': 'off',
  'pg_stat_statements.save': 'off',
}

let swept: Promise<void> | undefined
/** Leftovers are looked for once a process. */
async function sweepOnce(places: Places, signal: AbortSignal): Promise<void> {
  // What another run left is no reason not to start.
  swept ??= removeLeftovers(places, signal).catch(() => undefined)
  await swept
  signal.throwIfAborted()
}

/** The eighth line of postmaster.pid says `ready` when connections are taken (src/include/utils/pidfile.h). */
async function untilReady(guarded: Guarded, dataDir: string, log: string, signal: AbortSignal): Promise<void> {
  const giveUpAt = Date.now() + START_LIMIT_MS
  let ended: number | null = null
  guarded.ended.then(
    (code) => (ended = code),
    () => (ended = -1),
  )
  const pidFile = join(dataDir, 'postmaster.pid')
  while (!isReady(pidFile)) {
    signal.throwIfAborted()
    if (ended !== null) {
      await guarded.ended
      throw failure('start a scratch server', log, dataDir)
    }
    if (Date.now() > giveUpAt) throw failure(`start a scratch server within ${START_LIMIT_MS / 1000} s`, log, dataDir)
    await sleep(POLL_MS)
  }
}

function isReady(pidFile: string): boolean {
  try {
    return readFileSync(pidFile, 'utf8').split('\n')[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

async function stopCleanly(guarded: Guarded, log: string): Promise<void> {
  guarded.stop()
  const limit = new AbortController()
  try {
    const code = await Promise.race([
      guarded.ended,
      sleep(STOP_LIMIT_MS, null, { signal: limit.signal }).catch(() => null),
    ])
    if (code !== 0) throw failure('stop a scratch server cleanly', log, log)
  } finally {
    limit.abort()
  }
}

function failure(doing: string, log: string, place: string): SeaworthyError {
  const { message, hint } = explainFailure(doing, tailOf(log), place)
  return new SeaworthyError('scratch-server', message, { hint })
}
