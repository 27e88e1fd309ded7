import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SeaworthyError } from '../gate/error.ts'
import type { BundleFiles } from '../gate/evidence.ts'

/**
 * Writes an evidence bundle. The folder appears whole or not at all: it is written beside its place and then renamed.
 * An earlier bundle in its place is replaced; any other folder that is not empty is left alone.
 * Throws SeaworthyError('usage') if the place cannot be used.
 */
export async function writeEvidence(files: BundleFiles, dir: string): Promise<void> {
  const isOldBundle = existsSync(path.join(dir, 'manifest.json'))
  const temporary = `${dir}.${process.pid}.tmp`
  try {
    for (const [name, text] of files) {
      const file = path.join(temporary, name)
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(file, text, { mode: 0o600 })
    }
    if (isOldBundle) await rm(dir, { recursive: true })
    await rename(temporary, dir)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw new SeaworthyError('usage', `the evidence could not be written to ${dir}: ${String(error)}`, {
      hint: 'Name a folder that does not exist yet, or one that holds an earlier bundle.',
      cause: error,
    })
  }
}
