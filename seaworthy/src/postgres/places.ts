import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmdirSync,
  statSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { SeaworthyError } from '../gate/error.ts'
import { type Account, cannotChangeUser, isNotPermitted, serverAccount } from './account.ts'
import { processName } from './process-name.ts'

/** `sun_path` holds 104 bytes on macOS and 108 on Linux; the file in it is `.s.PGSQL.5432.lock` at its longest. */
const LONGEST_RUN_PATH = 104 - '/.s.PGSQL.5432.lock'.length - 1

/** A run in memory is only chosen where this much is free, in the file system and of memory. */
const ROOM_FOR_MEMORY_RUNS = 1024 ** 3
const TMPFS_MAGIC = 0x01021994

/** Where things lie on this machine, and who runs the servers. */
export interface Places {
  /** Kept between runs. Reachable for the account. */
  readonly cache: string
  /** The folder in which each server makes a run folder of its own; short enough for a socket in it. */
  readonly runs: string
  readonly account: Account | null
}

/** Every folder in which run folders may lie, from this or an earlier choice. */
export const allRuns = (places: Places): string[] => [
  ...new Set([places.runs, '/dev/shm', '/tmp', '/var/tmp', tmpdir()]),
]

/**
 * The places of this process, made if they are missing. `SEAWORTHY_CACHE` and `SEAWORTHY_RUNS` choose others.
 * A place that is not writable, or that the account cannot reach, gives way to the next one.
 * @throws SeaworthyError('scratch-server') if there is none.
 */
export function findPlaces(env: NodeJS.ProcessEnv = process.env): Places {
  const account = serverAccount()
  return { cache: chooseCache(env, account), runs: chooseRuns(env, account), account }
}

function chooseCache(env: NodeJS.ProcessEnv, account: Account | null): string {
  const user = account === null ? String(process.getuid?.() ?? 'user') : 'root'
  const fallback = join(tmpdir(), `seaworthy-${user}`)
  const xdg = env['XDG_CACHE_HOME']
  const usual =
    account === null
      ? [join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'seaworthy')]
      : ['/var/cache/seaworthy', '/var/tmp/seaworthy-root']
  const chosen = env['SEAWORTHY_CACHE']
  const candidates = [...(chosen === undefined || chosen === '' ? [] : [chosen]), ...usual, fallback]
  for (const folder of candidates) if (isUsable(folder, account) && isOurs(folder)) return folder
  throw new SeaworthyError('scratch-server', `no folder to keep scratch servers in: tried ${candidates.join(', ')}`, {
    hint: 'Set SEAWORTHY_CACHE to a folder that this user can write to.',
  })
}

/** Makes the folder if it is missing. The account only needs to pass through it: what it owns lies in folders below. */
function isUsable(folder: string, account: Account | null): boolean {
  try {
    const isNew = makeFolder(folder, 0o700)
    const { uid, mode } = lstatSync(folder)
    // In a folder like /tmp somebody else may have made one of that name before us.
    if (uid !== process.geteuid?.()) return false
    if (account !== null && (isNew || (mode & 0o011) === 0)) chmodSync(folder, 0o711)
    accessSync(folder, constants.W_OK | constants.X_OK)
    return canReach(folder, account)
  } catch {
    return false
  }
}

/** What is kept is believed by later runs, so nobody else may write there. */
const isOurs = (folder: string): boolean => (lstatSync(folder).mode & 0o022) === 0

/**
 * Makes a folder and those on the way to it; false if it is there. Not by `recursive: true`, with which Node 24 never
 * returns where a parent that is there says "no such file" (as /proc does).
 */
function makeFolder(folder: string, mode: number): boolean {
  if (existsSync(folder)) return false
  if (dirname(folder) !== folder) makeFolder(dirname(folder), 0o755)
  try {
    mkdirSync(folder, { mode })
    return true
  } catch (error) {
    // Another process was first.
    if (existsSync(folder)) return false
    throw error
  }
}

/** Whether the account may pass through the folder and every folder on the way to it. By mode bits: access lists are not read. */
export function canReach(folder: string, account: Account | null): boolean {
  if (account === null) return true
  const real = realpathSync(folder)
  const parent = dirname(real)
  return isAllowed(real, account, 0o1) && (parent === real || canReach(parent, account))
}

/** Whether the mode bits of a folder give the account all of `wanted` (4 read, 2 write, 1 pass). */
function isAllowed(folder: string, account: Account, wanted: number): boolean {
  const { uid, gid, mode } = statSync(folder)
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0
  return ((mode >> shift) & wanted) === wanted
}

/**
 * Memory first: a data folder has about a thousand files, and making them took 50 ms on tmpfs against 60 to 500 ms on
 * ext4 (which searches past inodes deleted in the last seconds). Docker's default /dev/shm of 64 MB is too small and passed over.
 */
function chooseRuns(env: NodeJS.ProcessEnv, account: Account | null): string {
  const chosen = env['SEAWORTHY_RUNS']
  if (chosen !== undefined && chosen !== '') {
    if (!canHoldRuns(chosen, account)) {
      throw new SeaworthyError('scratch-server', `SEAWORTHY_RUNS names ${chosen}, where no server can run`, {
        hint: `It must be an existing folder with a path of at most ${LONGEST_RUN_PATH - '/sw-XXXXXX'.length} bytes that this user can write to${account === null ? '' : ` and "${account.name}" can write to`}.`,
      })
    }
    return chosen
  }
  const candidates = [...(hasRoomInMemory() ? ['/dev/shm'] : []), '/tmp', '/var/tmp', tmpdir()]
  for (const folder of candidates) if (canHoldRuns(folder, account)) return folder
  throw new SeaworthyError('scratch-server', `no folder to run a scratch server in: tried ${candidates.join(', ')}`, {
    hint: 'Make /tmp writable for this user, or set SEAWORTHY_RUNS to a short path that is.',
  })
}

function hasRoomInMemory(): boolean {
  try {
    const { type, bavail, bsize } = statfsSync('/dev/shm')
    const isRoomy = bavail * bsize > ROOM_FOR_MEMORY_RUNS && process.availableMemory() > 2 * ROOM_FOR_MEMORY_RUNS
    return type === TMPFS_MAGIC && isRoomy
  } catch {
    return false
  }
}

function canHoldRuns(folder: string, account: Account | null): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return Buffer.byteLength(join(folder, 'sw-XXXXXX')) <= LONGEST_RUN_PATH && isOpenTo(folder, account)
  } catch {
    return false
  }
}

/** The watchdog removes run folders as the account. */
const isOpenTo = (folder: string, account: Account | null): boolean =>
  account === null || (isAllowed(folder, account, 0o3) && canReach(folder, account))

/** Makes a private folder that belongs to the account: mode 0700. `prefix` is a path whose last part is completed. */
export function makePrivateFolder(prefix: string, account: Account | null): string {
  const folder = mkdtempSync(prefix)
  try {
    giveTo(account, folder)
    return folder
  } catch (error) {
    rmdirSync(folder)
    throw error
  }
}

/** Makes a run folder, marked with its owner so that a later run can tell when it is left over. */
export function makeRunFolder(places: Places): string {
  const folder = makePrivateFolder(join(places.runs, 'sw-'), places.account)
  const owner = join(folder, 'owner')
  writeFileSync(owner, processName(), { mode: 0o600 })
  giveTo(places.account, owner)
  return folder
}

/** Makes the account the owner of a path. */
export function giveTo(account: Account | null, path: string): void {
  if (account === null) return
  try {
    chownSync(path, account.uid, account.gid)
  } catch (error) {
    throw isNotPermitted(error) ? cannotChangeUser(account, error) : error
  }
}
