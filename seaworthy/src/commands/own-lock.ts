import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeaworthyError } from '../gate/error.ts'

/** How long another process is waited for, in milliseconds; what is done under a lock takes a few. */
const WAIT_MS = 10_000
const STEP_MS = 20

/** What is done under a lock, as it is told to whoever waits. */
const DOING = { reserve: 'reserving a version in', review: 'writing to' } as const

/**
 * One process at a time per migration folder, and per review. Exclusive creation of files is not enough: two people reserve
 * the same version under two names, or add to what the other has read. The lock lies outside, so that a crash leaves nothing
 * beside what is locked. Other machines do not see it: whoever writes looks again right before.
 */
export class OwnLock implements AsyncDisposable {
  readonly #path: string
  readonly #token: string

  private constructor(path: string, token: string) {
    this.#path = path
    this.#token = token
  }

  /**
   * Waits for the lock of a file or a folder, which is given by its real path; takes it over from a process that is gone.
   * Throws SeaworthyError('limit') after ten seconds.
   */
  static async take(
    place: string,
    purpose: keyof typeof DOING,
    delay: (ms: number) => Promise<unknown>,
  ): Promise<OwnLock> {
    const name = createHash('sha256').update(place).digest('hex').slice(0, 24)
    const path = join(tmpdir(), `seaworthy-${purpose}-${name}.lock`)
    const token = `${process.pid} ${randomUUID()}`
    for (let waited = 0; waited < WAIT_MS; waited += STEP_MS) {
      if (create(path, token)) return new OwnLock(path, token)
      if (isStale(path)) breakStale(path)
      await delay(STEP_MS)
    }
    throw new SeaworthyError('limit', `another process has been ${DOING[purpose]} ${place} for ten seconds`, {
      hint: `If there is none, remove ${path}.`,
    })
  }

  /** Throws if somebody took the lock away, by hand or for stale. */
  mustBeOurs(): void {
    if (contentOf(this.#path) !== this.#token) {
      throw new SeaworthyError('internal', `the lock ${this.#path} was taken away`, { hint: 'Run the command again.' })
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (contentOf(this.#path) === this.#token) rmSync(this.#path, { force: true })
    return Promise.resolve()
  }
}

function create(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Only one process at a time may remove a stale lock, or it might remove the next owner's. */
function breakStale(path: string): void {
  const guard = `${path}.break`
  if (!create(guard, '')) return
  try {
    if (isStale(path)) rmSync(path, { force: true })
  } catch {
    // Another user's, in a folder where only they may remove it: it is waited for, and then named.
  } finally {
    rmSync(guard, { force: true })
  }
}

/** Null if there is no lock. */
function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** Whether the process that holds the lock is gone. One that has not yet written its number is not. */
function isStale(path: string): boolean {
  const owner = Number(contentOf(path)?.split(' ')[0])
  if (!Number.isInteger(owner) || owner <= 0) return false
  try {
    process.kill(owner, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
