import type { KeyObject } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { sha256 } from '../../gate/canonical.ts'
import type { Presented } from '../../gate/admission/admission.ts'
import { type EnvelopeProblem, IN_TOTO, LARGEST_ENVELOPE_BYTES, openEnvelope } from '../../gate/certificate/dsse.ts'
import { reasonOf, SeaworthyError } from '../../gate/error.ts'
import { problemOf } from '../../evidence/problem.ts'
import { type ReadBundle, readBundle } from '../../evidence/read.ts'
import { readStatement } from '../../evidence/statement.ts'

const MANIFEST = 'manifest.json'
const CERTIFICATE = 'certificate.json'
/** What somebody wants to act on, and the digest of the envelope that was read; null where there is none. */
export interface PresentedCertificate {
  readonly presented: Presented
  readonly digest: string | null
  /** The evidence that a certificate to be believed was made for; null where only the certificate was named. */
  readonly bundle: ReadBundle | null
}

const NONE: PresentedCertificate = {
  presented: { problem: 'not-signed', message: 'no certificate was given' },
  digest: null,
  bundle: null,
}

/**
 * Opens a certificate with the key that is trusted: the file of one, or an evidence bundle, which then has to be the one
 * that it was made for. `file` is absolute; null where somebody acts without any.
 * @throws SeaworthyError('unreadable') for a place at which nothing can be read, 'usage' for a folder that is no evidence.
 */
export async function presentedAt(file: string | null, key: KeyObject | null): Promise<PresentedCertificate> {
  if (file === null || key === null) return NONE
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error)
  })
  if (!found.isDirectory()) return opened(await bytesOf(file), key, null)
  if (![CERTIFICATE, MANIFEST].some((name) => existsSync(path.join(file, name)))) {
    throw new SeaworthyError('usage', `there is no certificate in ${file}`, {
      hint: 'The certificate comes first, then the checkout: seaworthy admit EVIDENCE CHECKOUT --key K.pub …',
    })
  }
  try {
    const bundle = await readBundle(file)
    const { certificate } = bundle
    if (certificate !== null) return opened(certificate, key, bundle)
    return { ...NONE, presented: { problem: 'not-signed', message: 'the evidence bundle is not signed' } }
  } catch (error) {
    const problem = problemOf(error)
    if (problem === null) throw error
    return {
      ...NONE,
      presented: { problem: 'bad-signature', message: `the evidence is not whole: ${problem.message}` },
    }
  }
}

const PROBLEMS: Readonly<Record<EnvelopeProblem, 'other-key' | 'bad-signature'>> = {
  'not-an-envelope': 'bad-signature',
  'not-canonical': 'bad-signature',
  'other-type': 'bad-signature',
  'other-key': 'other-key',
  'bad-signature': 'bad-signature',
}

function opened(text: string, key: KeyObject, bundle: ReadBundle | null): PresentedCertificate {
  const digest = `sha256:${sha256(text)}`
  const envelope = openEnvelope(text, IN_TOTO, key)
  if ('problem' in envelope) {
    const message = `the certificate is not to be believed: ${envelope.message}`
    return { presented: { problem: PROBLEMS[envelope.problem], message }, digest, bundle: null }
  }
  const read = readStatement(envelope.payload)
  if ('problem' in read) {
    const message = `this key signed something that is no certificate as this version knows them: ${read.problem}`
    return { presented: { problem: 'not-readable', message }, digest, bundle: null }
  }
  const { statement } = read
  const manifest = bundle?.files.get(MANIFEST) ?? ''
  if (bundle !== null && statement.predicate.seaworthy_release.manifest !== `sha256:${sha256(manifest)}`) {
    const message = 'the certificate in the bundle was made for other evidence'
    return { presented: { problem: 'bad-signature', message }, digest, bundle: null }
  }
  return { presented: { statement, keyId: envelope.keyId }, digest, bundle }
}

/** What is no text is no envelope either, and is said to be none. */
async function bytesOf(file: string): Promise<string> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = await handle.stat()
    if (!found.isFile()) throw new Error('it is no file')
    if (found.size > LARGEST_ENVELOPE_BYTES)
      throw new Error(`it has ${found.size} bytes, and a certificate at most ${LARGEST_ENVELOPE_BYTES}`)
    return await handle.readFile('utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
}

const unreadable = (file: string, error: unknown): SeaworthyError =>
  new SeaworthyError('unreadable', `the certificate ${file} cannot be read: ${reasonOf(error)}`, {
    hint: 'Name certificate.json, or the folder that seaworthy check --evidence DIR --sign KEY wrote.',
    cause: error,
  })
