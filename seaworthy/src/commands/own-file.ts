import { lstat, readFile, realpath } from 'node:fs/promises'
import { SeaworthyError } from '../gate/error.ts'

/** No file of ours is larger. */
const LIMIT_BYTES = 256 * 1024 * 1024

/**
 * Looks before the work whether a file may be written to this place: there is none yet, an empty one, or an earlier one of
 * the same kind, which has all of these members. Returns the path behind symbolic links.
 * @throws SeaworthyError('usage') for any other file: it would be lost.
 */
export async function ownFile(file: string, members: readonly string[], flag: string): Promise<string> {
  const real = await realpath(file).catch(() => null)
  if (real === null) return file
  const found = await lstat(real)
  // A device or a pipe is written to, and nothing in it is lost.
  if (!found.isDirectory() && (!found.isFile() || found.size === 0)) return real
  if (found.isFile() && found.size <= LIMIT_BYTES && hasMembers(await readFile(real, 'utf8'), members)) return real
  const what = found.isDirectory() ? 'is a folder' : 'is there already and is no such file of ours'
  throw new SeaworthyError('usage', `${file} ${what}, so it is not written over`, {
    hint: `Name another file with ${flag}, or remove this one.`,
  })
}

function hasMembers(text: string, members: readonly string[]): boolean {
  try {
    const document: unknown = JSON.parse(text)
    return typeof document === 'object' && document !== null && members.every((one) => one in document)
  } catch {
    return false
  }
}
