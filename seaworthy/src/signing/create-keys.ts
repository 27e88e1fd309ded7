import { generateKeyPairSync } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { keyId } from '../gate/certificate/dsse.ts'
import { notWritten, SeaworthyError } from '../gate/error.ts'
import { encryptedPem } from './encrypted-key.ts'

export interface CreatedKeys {
  readonly privateFile: string
  readonly publicFile: string
  readonly keyId: string
}

/** A shorter passphrase is guessed. */
const SHORTEST_PASSPHRASE = 12

/**
 * Makes a pair of Ed25519 keys: `file` (PKCS#8 PEM, readable by its owner alone, under the passphrase if there is one) and
 * `file`.pub (SubjectPublicKeyInfo PEM). Both are written, or none.
 * @throws SeaworthyError('usage') if one of them is there already, cannot be written, or the passphrase is too short.
 */
export async function createKeys(file: string, passphrase: string | null): Promise<CreatedKeys> {
  if (passphrase !== null && passphrase.length < SHORTEST_PASSPHRASE) {
    throw new SeaworthyError('usage', `the passphrase is shorter than ${SHORTEST_PASSPHRASE} characters`, {
      hint: 'A passphrase for a file that may be copied has to withstand guessing: take a longer one.',
    })
  }
  const publicFile = `${file}.pub`
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const pem =
    passphrase === null
      ? privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      : encryptedPem(privateKey, passphrase)
  await writeNew(file, pem, 0o600)
  try {
    await writeNew(publicFile, publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644)
  } catch (error) {
    await rm(file, { force: true })
    throw error
  }
  return { privateFile: file, publicFile, keyId: keyId(publicKey) }
}

/** Never over anything that is there, a symbolic link included; whole, or not at all. */
async function writeNew(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode).catch((error: unknown) => {
    throw codeOf(error) === 'EEXIST' ? alreadyThere(file) : unwritable(file, error)
  })
  try {
    await handle.writeFile(text)
    await handle.sync()
  } catch (error) {
    await rm(file, { force: true })
    throw unwritable(file, error)
  } finally {
    await handle.close()
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const alreadyThere = (file: string): SeaworthyError =>
  new SeaworthyError('usage', `${file} is there already, and a key is never written over`, {
    hint: 'Name a new file with --out.',
  })

const unwritable = (file: string, error: unknown): SeaworthyError =>
  notWritten(`${file} cannot be written`, error, {
    code: 'usage',
    hint: 'Name a file with --out in a folder that is there and that you may write to.',
  })
