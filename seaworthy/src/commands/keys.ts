import { createPublicKey } from 'node:crypto'
import path from 'node:path'
import { keyId } from '../gate/certificate/dsse.ts'
import { EXIT, SeaworthyError } from '../gate/error.ts'
import { createKeys } from '../signing/create-keys.ts'
import { isPrivateKey } from '../signing/parse-key.ts'
import { readPlainFile, readPublicKey } from '../signing/key-file.ts'
import { type KeyContext, passphraseOf, readPrivateKey } from '../signing/private-key.ts'
import { documentText } from './ledger/document.ts'

export interface KeysFlags {
  readonly passphraseFile?: string | undefined
}

const NOT_CONFIGURED = { file: null, command: [], passphraseCommand: [], cwd: '.' } as const

const placesOf = (file: string | null, { passphraseFile }: KeysFlags) => ({
  file,
  configured: NOT_CONFIGURED,
  passphraseFile: passphraseFile === undefined ? null : path.resolve(passphraseFile),
})

/** `seaworthy keys create`: writes a new pair of keys. Returns what to print. */
export async function keysCreate(
  flags: KeysFlags & { readonly out: string; readonly encrypt?: boolean },
  context: KeyContext,
): Promise<string> {
  const isEncrypted = flags.encrypt ?? false
  if (!isEncrypted && flags.passphraseFile !== undefined) {
    throw new SeaworthyError('usage', 'a passphrase was given without --encrypt', {
      hint: 'Add --encrypt, or leave the passphrase out.',
    })
  }
  const passphrase = isEncrypted ? await passphraseOf(placesOf(null, flags), context) : null
  if (isEncrypted && passphrase === null) {
    throw new SeaworthyError('usage', '--encrypt needs a passphrase', {
      hint: 'Put it into SEAWORTHY_KEY_PASSPHRASE, or into a file that only you can read: --passphrase-file FILE.',
    })
  }
  const made = await createKeys(path.resolve(flags.out), passphrase)
  const how = isEncrypted ? 'private, under your passphrase: keep both' : 'private: keep it where only the signer reads'
  return [
    `${made.privateFile}  ${how}`,
    `${made.publicFile}  public: give it to whoever verifies`,
    `key id ${made.keyId}`,
    '',
  ].join('\n')
}

/** `seaworthy keys show`: the id of a key, public or private, on a line of its own or as a JSON document. */
export async function keysShow(
  file: string,
  { json = false, ...flags }: KeysFlags & { readonly json?: boolean },
  { version, ...context }: KeyContext & { readonly version: string },
): Promise<string> {
  const absolute = path.resolve(file)
  const isPrivate = isPrivateKey(await readPlainFile(absolute))
  const key = isPrivate
    ? createPublicKey(await readPrivateKey(placesOf(absolute, flags), context))
    : await readPublicKey(absolute)
  if (!json) return `${keyId(key)}\n`
  const about = { version, command: 'keys show', exitCode: EXIT.pass }
  return documentText(about, { file: absolute, keyId: keyId(key), isPrivate })
}
