import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { canonicalJson } from '../canonical.ts'

/** A DSSE envelope (github.com/secure-systems-lab/dsse, v1) with the one signature that we write. */
export interface Envelope {
  /** Standard base64 with padding. */
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly [{ readonly keyid: string; readonly sig: string }]
}

/** What an in-toto statement is called inside of an envelope. */
export const IN_TOTO = 'application/vnd.in-toto+json'

/** What is signed: the pre-authentication encoding of DSSE v1. Lengths are in bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}

/** The name of a key: SHA-256 of its public half (SubjectPublicKeyInfo, DER), lower-case hexadecimal. */
export function keyId(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

/** Signs a payload with an Ed25519 private key. The text of the envelope, in the one form that `openEnvelope` takes. */
export function sealEnvelope(payloadType: string, payload: string, privateKey: KeyObject): string {
  const bytes = Buffer.from(payload)
  const signature = sign(null, preAuthEncoding(payloadType, bytes), privateKey)
  const envelope: Envelope = {
    payload: bytes.toString('base64'),
    payloadType,
    signatures: [{ keyid: keyId(privateKey), sig: signature.toString('base64') }],
  }
  return canonicalJson(envelope)
}

/** Why an envelope is not to be believed. */
export type EnvelopeProblem = 'not-an-envelope' | 'not-canonical' | 'other-type' | 'other-key' | 'bad-signature'

/** What an envelope held, or why it does not count. */
export type Opened =
  | { readonly payload: string; readonly keyId: string }
  | { readonly problem: EnvelopeProblem; readonly message: string }

/**
 * Opens an envelope that must have been signed with this key. The payload is only read once its signature was verified, and
 * only the one canonical writing is taken: another order, space or encoding of the same content is refused, so that no byte
 * of an accepted envelope could have been another one. The envelope's own key id is never what the key is chosen by.
 */
export function openEnvelope(text: string, payloadType: string, publicKey: KeyObject): Opened {
  const sealed = sealedIn(text, payloadType)
  if ('problem' in sealed) return sealed
  const { payload, keyid, signature } = sealed
  if (publicKey.asymmetricKeyType !== 'ed25519' || keyid !== keyId(publicKey))
    return refused('other-key', `it says that another key signed it: ${printable(keyid)}`)
  if (!verify(null, preAuthEncoding(payloadType, payload), publicKey, signature))
    return refused('bad-signature', 'its signature is not of this key over this content')
  return opened(payload, keyid)
}

/**
 * What an envelope of the one canonical writing says, and the key that it names. Nobody has verified anything of it: it is
 * for showing to a person, and never to act on.
 */
export function unverified(text: string, payloadType: string): Opened {
  const sealed = sealedIn(text, payloadType)
  return 'problem' in sealed ? sealed : opened(sealed.payload, sealed.keyid)
}

function opened(payload: Uint8Array, keyid: string): Opened {
  const decoded = utf8(payload)
  return decoded === null
    ? refused('not-an-envelope', 'what it holds is not UTF-8 text')
    : { payload: decoded, keyId: keyid }
}

type Refused = Extract<Opened, { readonly problem: EnvelopeProblem }>

/** The bytes in an envelope of this type, if it is one and written canonically. */
function sealedIn(
  text: string,
  payloadType: string,
): { readonly payload: Buffer; readonly keyid: string; readonly signature: Buffer } | Refused {
  const envelope = envelopeOf(text)
  if (envelope === null) return refused('not-an-envelope', 'it is no DSSE envelope with one signature')
  const payload = Buffer.from(envelope.payload, 'base64')
  const [{ keyid, sig }] = envelope.signatures
  const signature = Buffer.from(sig, 'base64')
  const isCanonical =
    canonicalJson(envelope) === text &&
    payload.toString('base64') === envelope.payload &&
    signature.toString('base64') === sig
  if (!isCanonical) return refused('not-canonical', 'it is not written in the one form that Seaworthy writes')
  if (envelope.payloadType !== payloadType)
    return refused('other-type', `its payload is of type ${printable(envelope.payloadType)}, not ${payloadType}`)
  return { payload, keyid, signature }
}

const refused = (problem: EnvelopeProblem, message: string): Refused => ({ problem, message })

/** A stranger's text in a message: bounded, and nothing in it steers a terminal. */
const printable = (text: string): string => text.slice(0, 100).replaceAll(/[^ -~]/g, '?')

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasOnly = (value: Record<string, unknown>, ...names: string[]): boolean =>
  Object.keys(value).length === names.length && names.every((name) => typeof value[name] === 'string')

/** No certificate is larger, in bytes of its envelope. */
export const LARGEST_ENVELOPE_BYTES = 16 * 1024 * 1024

/** Up to so many characters anything can be parsed. */
const LIGHT = 64 * 1024
/** An envelope has seven members; base64 has none of these characters. */
const MOST_MEMBERS = 100

/**
 * Whether a text may be an envelope, by its size and the number of its members: nobody has vouched for it, and parsing what a
 * stranger wrote can take fifty times its size in memory.
 */
function isEnvelopeLike(text: string): boolean {
  if (text.length <= LIGHT) return true
  if (text.length > LARGEST_ENVELOPE_BYTES) return false
  let members = 0
  for (let at = 0; at < text.length && members <= MOST_MEMBERS; at += 1) {
    const character = text.charCodeAt(at)
    // A comma, or an opening bracket: each value has one of them, or a name, before it.
    if (character === 0x2c || character === 0x5b || character === 0x7b) members += 1
  }
  return members <= MOST_MEMBERS
}

/** The envelope in a text, if it is one with exactly these members; null otherwise. */
function envelopeOf(text: string): Envelope | null {
  if (!isEnvelopeLike(text)) return null
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return null
  }
  if (!isObject(parsed) || Object.keys(parsed).length !== 3 || !Array.isArray(parsed['signatures'])) return null
  const { payload, payloadType } = parsed
  const signatures: readonly unknown[] = parsed['signatures']
  const [one] = signatures
  if (typeof payload !== 'string' || typeof payloadType !== 'string' || signatures.length !== 1) return null
  if (!isObject(one) || !hasOnly(one, 'keyid', 'sig')) return null
  return { payload, payloadType, signatures: [{ keyid: String(one['keyid']), sig: String(one['sig']) }] }
}
