import { readFile, stat } from 'node:fs/promises'
import { reasonOf, SeaworthyError } from '../gate/error.ts'

/**
 * The text of a file that the user named, at most `limit` bytes of UTF-8. `flag` is what it was named by.
 * @throws SeaworthyError('config') if it is not there, not a file, too large, or not text.
 */
export async function readInput(file: string, limit: number, flag: string): Promise<string> {
  const bytes = await read(file, limit, flag)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SeaworthyError('config', `${file} is not UTF-8 text`, { hint: `Give ${flag} another file.` })
  }
}

async function read(file: string, limit: number, flag: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size > limit) {
      throw new SeaworthyError('config', `${file} is too large: ${size} bytes, and ${limit} are read`, {
        hint: `Give ${flag} a smaller file.`,
      })
    }
    return await readFile(file)
  } catch (error) {
    if (error instanceof SeaworthyError) throw error
    throw new SeaworthyError('config', `${file} cannot be read: ${reasonOf(error)}`, { hint: `Look at ${flag}.` })
  }
}
