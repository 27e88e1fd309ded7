import { constants, existsSync } from 'node:fs'
import { access, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { notWritten, type SeaworthyError } from '../gate/error.ts'
import type { BundleFiles } from '../gate/evidence.ts'

/** What a bundle has in it, and nothing else. */
const PARTS: ReadonlySet<string> = new Set([
  'manifest.json',
  'policy.json',
  'findings.json',
  'given.json',
  'certificate.json',
  'observations',
])
/** No manifest is larger. */
const MANIFEST_LIMIT_BYTES = 64 * 1024 * 1024

/**
 * Looks before the run whether a bundle can be written to this place afterwards: it is not there yet, empty, or holds an
 * earlier bundle and nothing else. Throws SeaworthyError('usage') otherwise.
 */
export async function checkEvidencePlace(dir: string): Promise<void> {
  try {
    await contentOf(dir)
    let above = path.dirname(dir)
    while (!existsSync(above) && above !== path.dirname(above)) above = path.dirname(above)
    if (!(await lstat(above)).isDirectory()) throw new Error(`${above} is no folder`)
    await access(above, constants.W_OK)
  } catch (error) {
    throw unusable(dir, error)
  }
}

/**
 * Writes an evidence bundle. The folder appears whole or not at all: it is written beside its place and then renamed.
 * An earlier bundle in its place is replaced; any other folder that is not empty is left alone.
 * Throws SeaworthyError('usage') if the place cannot be used, 'limit' if the disk is full.
 */
export async function writeEvidence(files: BundleFiles, dir: string): Promise<void> {
  const temporary = `${dir}.${process.pid}.tmp`
  try {
    for (const [name, text] of files) {
      const file = path.join(temporary, name)
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(file, text, { mode: 0o600 })
    }
    if ((await contentOf(dir)) === 'bundle') await rm(dir, { recursive: true })
    await rename(temporary, dir)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
    throw unusable(dir, error)
  }
}

/** What is in the place of a bundle. Throws with the reason where it is not to be replaced. */
async function contentOf(dir: string): Promise<'nothing' | 'bundle'> {
  const found = await lstat(dir).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  if (found === null) return 'nothing'
  if (!found.isDirectory()) throw new Error('it is no folder')
  const names = await readdir(dir)
  if (names.length === 0) return 'nothing'
  const other = names.find((name) => !PARTS.has(name))
  if (other !== undefined || !(await isManifest(path.join(dir, 'manifest.json')))) {
    throw new Error(
      `it is not empty, and ${other === undefined ? 'its manifest.json is no bundle’s' : `${other} is no part of a bundle`}`,
    )
  }
  return 'bundle'
}

async function isManifest(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => null)
  if (found === null || !found.isFile() || found.size > MANIFEST_LIMIT_BYTES) return false
  try {
    const manifest: unknown = JSON.parse(await readFile(file, 'utf8'))
    return typeof manifest === 'object' && manifest !== null && 'tool' in manifest && manifest.tool === 'seaworthy'
  } catch {
    return false
  }
}

const unusable = (dir: string, error: unknown): SeaworthyError =>
  notWritten(`the evidence cannot be written to ${dir}`, error, {
    code: 'usage',
    hint: 'Name a folder that does not exist yet, is empty, or holds an earlier bundle.',
  })
