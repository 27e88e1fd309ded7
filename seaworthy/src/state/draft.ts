import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs'
import path from 'node:path'
import { unusable } from './state-file.ts'

/** A file in the making, beside the place that it is made for. Goes away when it was not put there. */
export class Draft implements Disposable {
  readonly file: string

  constructor(place: string) {
    this.file = path.join(path.dirname(place), `.${path.basename(place)}.${randomUUID()}`)
    try {
      closeSync(openSync(this.file, 'wx', 0o600))
    } catch (error) {
      throw unusable(place, error)
    }
  }

  [Symbol.dispose](): void {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${this.file}${end}`, { force: true })
  }
}

/** Gives a finished draft its name. Returns false, and leaves what is there, if something is. */
export function putInPlace(draft: string, file: string): boolean {
  try {
    syncFile(draft)
    linkSync(draft, file)
    syncFile(path.dirname(file))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw unusable(file, error)
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
