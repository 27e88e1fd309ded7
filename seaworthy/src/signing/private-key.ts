import type { KeyObject } from 'node:crypto'
import { SeaworthyError } from '../gate/error.ts'
import { readSecretFile } from './key-file.ts'
import { isEncryptedKey, parsePrivateKey } from './parse-key.ts'
import { secretFrom } from './secret-command.ts'
import { KEY_VARIABLE, type SigningSecrets } from './secrets.ts'

/** Where the private key and its passphrase may come from. Paths are absolute; null and empty where nothing was said. */
export interface KeyPlaces {
  /** Named by a flag: nothing else is looked at then. */
  readonly file: string | null
  /** From the configuration. */
  readonly configured: {
    readonly file: string | null
    readonly command: readonly string[]
    readonly passphraseCommand: readonly string[]
    /** Folder that the commands are run in. */
    readonly cwd: string
  }
  readonly passphraseFile: string | null
}

/** What reading a key needs from the process that it is in. */
export interface KeyContext {
  readonly secrets: SigningSecrets
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

/**
 * The Ed25519 private key to sign with: from the file that was named, from SEAWORTHY_SIGN_KEY, or as the configuration
 * says. A passphrase is only asked for where the key is encrypted.
 * @throws SeaworthyError('usage') where nothing names a key; ('unreadable') for one that cannot be used. No message holds
 * anything of a key or a passphrase.
 */
export async function readPrivateKey(places: KeyPlaces, context: KeyContext): Promise<KeyObject> {
  const { source, pem } = await pemOf(places, context)
  return parsePrivateKey(pem, isEncryptedKey(pem) ? await passphraseOf(places, context) : null, source)
}

async function pemOf(places: KeyPlaces, context: KeyContext): Promise<{ source: string; pem: string }> {
  const { file, configured } = places
  const { key } = context.secrets
  if (file === null && key !== null) return { source: KEY_VARIABLE, pem: key }
  const named = file ?? configured.file
  if (named !== null) return { source: named, pem: await readSecretFile(named) }
  const argv = configured.command
  if (argv.length > 0) {
    const pem = await secretFrom({ argv, cwd: configured.cwd, env: context.env, signal: context.signal })
    return { source: `what ${argv[0]} prints`, pem }
  }
  throw new SeaworthyError('usage', 'there is no key to sign with', {
    hint: `Name one (--sign FILE), put it into ${KEY_VARIABLE}, or say in the configuration where it comes from (signing). seaworthy keys create makes one.`,
  })
}

/** The passphrase that was given; null if none was. The line break at the end of a file or an output is not part of it. */
export async function passphraseOf(
  { passphraseFile, configured }: Pick<KeyPlaces, 'passphraseFile' | 'configured'>,
  { secrets, env, signal }: KeyContext,
): Promise<string | null> {
  if (passphraseFile !== null) return withoutLineEnd(await readSecretFile(passphraseFile))
  if (secrets.passphrase !== null) return secrets.passphrase
  if (configured.passphraseCommand.length === 0) return null
  return withoutLineEnd(await secretFrom({ argv: configured.passphraseCommand, cwd: configured.cwd, env, signal }))
}

const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, '')
