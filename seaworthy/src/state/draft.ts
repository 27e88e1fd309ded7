import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { draftFor, drafter } from './names-beside.ts'
import { unwritable } from './state-file.ts'

/** No folder of ours has more; in a larger one nothing is swept. */
const MOST_NAMES = 10_000

type Complaint = (file: string, error: unknown) => Error

/**
 * A file in the making, beside the place that it is made for. Goes away when it was not put there; a process that is killed
 * leaves it, and the next one that comes to this place sweeps it.
 */
export class Draft implements Disposable {
  readonly file: string

  constructor(place: string, complain: Complaint = unwritable) {
    sweepDrafts(place)
    this.file = draftFor(place, randomUUID())
    try {
      closeSync(openSync(this.file, 'wx', 0o600))
    } catch (error) {
      throw complain(place, error)
    }
  }

  [Symbol.dispose](): void {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${this.file}${end}`, { force: true })
  }
}

/** Removes the drafts for a place whose process, on this machine, is gone. What cannot be removed stays: it is in nobody's way. */
export function sweepDrafts(place: string): void {
  try {
    const folder = path.dirname(place)
    const names = readdirSync(folder)
    if (names.length > MOST_NAMES) return
    for (const name of names) {
      const pid = drafter(place, name) ?? null
      if (pid !== null && !isRunning(pid)) rmSync(path.join(folder, name), { force: true })
    }
  } catch {
    // Whether the place can be used is told by whoever uses it.
  }
}

/** A process of another user is there as well, though it may not be signalled. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** Gives a finished draft its name. Returns false, and leaves what is there, if something is. */
export function putInPlace(draft: string, file: string, complain: Complaint = unwritable): boolean {
  try {
    syncFile(draft)
    linkSync(draft, file)
    syncFile(path.dirname(file))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw complain(file, error)
  }
}

/** Returns when a file, or the names in a folder, have reached the disk. */
export function syncFile(file: string): void {
  const handle = openSync(file, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
