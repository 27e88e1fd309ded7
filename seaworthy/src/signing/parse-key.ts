import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { SeaworthyError } from '../gate/error.ts'

/** What a key can be read from, as an error names it: `deploy.key`, `SEAWORTHY_SIGN_KEY`. */
export type KeySource = string

const MAKE = 'Make one: seaworthy keys create --out deploy.key.'
const PASSPHRASE =
  'Give its passphrase with SEAWORTHY_KEY_PASSPHRASE, --passphrase-file FILE, or signing.passphraseCommand in the configuration.'

const BESIDE = 'The private key is the file beside it without .pub at its end; it stays with whoever signs.'
const PUBLIC = 'It is the file that ends in .pub, beside the private key.'

/** What stands in the first line of a PEM text that holds a private key, encrypted or not. */
const PRIVATE = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/

/** Whether a text holds a private key, of whatever sort. */
export const isPrivateKey = (text: string): boolean => PRIVATE.test(text)

/** Whether a text holds a public key and no private one. */
export const isPublicKey = (text: string): boolean => text.includes('-----BEGIN PUBLIC KEY-----') && !isPrivateKey(text)

/** Whether a text holds a private key that a passphrase opens. */
export const isEncryptedKey = (pem: string): boolean => /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem)

/**
 * The Ed25519 private key in a PEM text. No error repeats anything of the text or the passphrase.
 * @throws SeaworthyError('unreadable') for any other key, for none, and for a wrong or missing passphrase.
 */
export function parsePrivateKey(pem: string, passphrase: string | null, source: KeySource): KeyObject {
  if (!isPrivateKey(pem)) {
    if (isPublicKey(pem)) throw refused(source, 'it holds a public key: signing needs the private one', BESIDE)
    throw refused(source, 'it holds no key', MAKE)
  }
  onlyOne(pem, source)
  const isEncrypted = isEncryptedKey(pem)
  if (isEncrypted && passphrase === null)
    throw refused(source, 'it is encrypted, and no passphrase was given', PASSPHRASE)
  return ed25519(privateKey(pem, isEncrypted ? passphrase : null, source), source)
}

function privateKey(pem: string, passphrase: string | null, source: KeySource): KeyObject {
  try {
    return createPrivateKey(passphrase === null ? { key: pem } : { key: pem, passphrase })
  } catch {
    // What node:crypto says of it may hold parts of the text, and is left out.
    throw passphrase === null
      ? refused(source, 'it begins like a private key and is none', MAKE)
      : refused(source, 'the passphrase does not open it, or it is damaged', PASSPHRASE)
  }
}

/**
 * The Ed25519 public key in a PEM text (SubjectPublicKeyInfo).
 * @throws SeaworthyError('unreadable') for any other key and for none.
 */
export function parsePublicKey(pem: string, source: KeySource): KeyObject {
  // createPublicKey would also take a private key: it has no business on a verifier's machine, so it is told apart.
  if (isPrivateKey(pem)) throw refused(source, 'it holds a private key: verifying needs the public one', PUBLIC)
  // Nor is it taken out of a certificate of another kind.
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) throw refused(source, 'it holds no public key', PUBLIC)
  onlyOne(pem, source)
  try {
    return ed25519(createPublicKey({ key: pem, format: 'pem', type: 'spki' }), source)
  } catch (error) {
    if (error instanceof SeaworthyError) throw error
    throw refused(source, 'it holds no public key', PUBLIC)
  }
}

/** Which of two keys would be taken is nothing that anybody should have to know. */
function onlyOne(pem: string, source: KeySource): void {
  if (pem.split('-----BEGIN ').length > 2) throw refused(source, 'it holds more than one', 'Name a file with one key.')
}

function ed25519(key: KeyObject, source: KeySource): KeyObject {
  if (key.asymmetricKeyType === 'ed25519') return key
  throw refused(source, `its key is of type ${key.asymmetricKeyType ?? 'unknown'}, and only Ed25519 is used`, MAKE)
}

const refused = (source: KeySource, why: string, hint: string): SeaworthyError =>
  new SeaworthyError('unreadable', `the key in ${source} cannot be used: ${why}`, { hint })
