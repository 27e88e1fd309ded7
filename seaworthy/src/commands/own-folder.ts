import { lstatSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isGone, processName } from '../postgres/process-name.ts'

/** `seaworthy-PURPOSE-OWNER-XXXXXX`: whose it is stands in the name, so that it is known from the first moment on. */
const NAME = /^seaworthy-(?:cold|drill)-([0-9a-f]{12}\.\d+\.\d+)-[A-Za-z0-9]{6}$/

/**
 * A folder for the work of a command in the temporary folder, for its owner alone. It is gone when the work is done, also after a
 * second ctrl-C; what a killed process left, the next one of the same user sweeps.
 */
export class OwnFolder implements AsyncDisposable {
  readonly path: string
  readonly #removeAtExit = (): void => rmSync(this.path, { recursive: true, force: true })

  private constructor(folder: string) {
    this.path = folder
    process.on('exit', this.#removeAtExit)
  }

  static async make(purpose: 'cold' | 'drill'): Promise<OwnFolder> {
    const parent = realpathSync(tmpdir())
    await sweepFolders(parent)
    return new OwnFolder(await mkdtemp(path.join(parent, `seaworthy-${purpose}-${processName()}-`)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
    process.off('exit', this.#removeAtExit)
  }
}

/** Removes our user's folders whose process is gone. What cannot be removed stays: it is in nobody's way. */
export async function sweepFolders(parent: string): Promise<void> {
  for (const name of namesIn(parent)) {
    const [, owner] = NAME.exec(name) ?? []
    const folder = path.join(parent, name)
    if (owner !== undefined && isLeftOver(folder, owner))
      await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isLeftOver(folder: string, owner: string): boolean {
  try {
    const stat = lstatSync(folder)
    return stat.isDirectory() && stat.uid === process.geteuid?.() && isGone(owner, stat.mtimeMs)
  } catch {
    // It went away while we looked.
    return false
  }
}
