import { lstat, readFile, realpath } from 'node:fs/promises'
import { SeaworthyError } from '../gate/error.ts'

/** No file of ours is larger. */
const LIMIT_BYTES = 256 * 1024 * 1024

/**
 * Looks before the work whether a file may be written to this place: there is none yet, an empty one, or an earlier one of
 * the same kind, which has all of these members. Returns the path behind symbolic links.
 * @throws SeaworthyError('usage') for any other file: it would be lost. So would a device, in whose place a file is put.
 */
export async function ownFile(file: string, members: readonly string[], flag: string): Promise<string> {
  const real = await realpath(file).catch(() => null)
  if (real === null) {
    if ((await lstat(file).catch(() => null)) === null) return file
    throw notWrittenOver(file, 'is a link that leads nowhere', flag)
  }
  const found = await lstat(real)
  if (found.isDirectory()) throw notWrittenOver(file, 'is a folder', flag)
  if (!found.isFile()) throw notWrittenOver(file, 'is a device or a pipe', flag)
  if (found.size === 0) return real
  if (found.size <= LIMIT_BYTES && hasMembers(await readFile(real, 'utf8'), members)) return real
  throw notWrittenOver(file, 'is there already and is no such file of ours', flag)
}

const notWrittenOver = (file: string, what: string, flag: string): SeaworthyError =>
  new SeaworthyError('usage', `${file} ${what}, so it is not written over`, {
    hint: `Name another file with ${flag}, or remove this one.`,
  })

function hasMembers(text: string, members: readonly string[]): boolean {
  try {
    const document: unknown = JSON.parse(text)
    return typeof document === 'object' && document !== null && members.every((one) => one in document)
  } catch {
    return false
  }
}
