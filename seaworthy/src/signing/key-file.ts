import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { KeyObject } from 'node:crypto'
import { reasonOf, SeaworthyError } from '../gate/error.ts'
import { isPublicKey, parsePublicKey } from './parse-key.ts'

/** No key and no passphrase is larger. */
export const LIMIT_BYTES = 64 * 1024

/** Group and others. */
const OPEN_BITS = 0o077

/**
 * The text of a file with a secret in it: a private key, a passphrase.
 * @throws SeaworthyError('unreadable') if it is no file, too large, or if others than its owner may read or write it. A
 * symbolic link is as open as what it leads to.
 */
export async function readSecretFile(file: string): Promise<string> {
  return await reading(file, (text, mode) => {
    // A public key is no secret: whoever gives it where a private one is needed is told that, and nothing of rights.
    if ((mode & OPEN_BITS) !== 0 && !isPublicKey(text)) {
      throw new SeaworthyError(
        'unreadable',
        `${file} is open to others than its owner (mode ${(mode & 0o777).toString(8).padStart(4, '0')}), so it is not used`,
        { hint: `If nobody has read it: chmod 600 ${file}. Else make a new key: seaworthy keys create.` },
      )
    }
  })
}

/** The text of a file that holds no secret. @throws SeaworthyError('unreadable') if it is no file or too large. */
export const readPlainFile = async (file: string): Promise<string> => await reading(file, () => {})

/**
 * The Ed25519 public key in a file.
 * @throws SeaworthyError('unreadable') that says what is in the way.
 */
export const readPublicKey = async (file: string): Promise<KeyObject> => parsePublicKey(await readPlainFile(file), file)

/** `accept` is told what stands in the file, and the rights of the very file that was opened. */
async function reading(file: string, accept: (text: string, mode: number) => void): Promise<string> {
  try {
    // A pipe that nobody writes to would keep an open() waiting for ever.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = await handle.stat()
    if (!found.isFile()) throw new Error('it is no file')
    const buffer = Buffer.alloc(LIMIT_BYTES + 1)
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0)
    if (bytesRead > LIMIT_BYTES) throw new Error(`it has more than ${LIMIT_BYTES} bytes`)
    const text = buffer.toString('utf8', 0, bytesRead)
    accept(text, found.mode)
    return text
  } catch (error) {
    if (error instanceof SeaworthyError) throw error
    throw new SeaworthyError('unreadable', `${file} cannot be read: ${reasonOf(error)}`, {
      hint: 'Name the file of a key: seaworthy keys create --out deploy.key writes one.',
    })
  }
}
