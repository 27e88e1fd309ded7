import { stat } from 'node:fs/promises'
import path from 'node:path'
import { shown } from '../../evidence/problem.ts'
import { readStatement } from '../../evidence/statement.ts'
import { IN_TOTO, unverified } from '../../gate/certificate/dsse.ts'
import type { Statement } from '../../gate/certificate/statement.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { readInput } from '../input-file.ts'

/** The largest certificate that is read, in bytes. One of a ledger of ten thousand rows has about a million. */
export const CERTIFICATE_LIMIT_BYTES = 64 * 1024 * 1024

/** What a certificate says, and the key that it names. Nothing of it was verified. */
export interface ShownCertificate {
  readonly file: string
  readonly keyId: string
  readonly statement: Statement
}

/**
 * Reads a certificate to show it: an envelope, or the one in an evidence bundle. Verifies nothing.
 * @throws SeaworthyError('config') for a place at which nothing can be read, ('unreadable') for what is no certificate.
 */
export async function readCertificate(place: string): Promise<ShownCertificate> {
  const file = await certificateFile(place)
  const opened = unverified(await readInput(file, CERTIFICATE_LIMIT_BYTES, 'the argument'), IN_TOTO)
  if ('problem' in opened) throw none(file, opened.message)
  const read = readStatement(opened.payload)
  if ('problem' in read) throw none(file, shown(read.problem))
  return { file, keyId: opened.keyId, statement: read.statement }
}

/**
 * The file of a certificate: what was named, or the one in the folder of a bundle.
 * @throws SeaworthyError('unreadable') for a folder without one.
 */
export async function certificateFile(place: string): Promise<string> {
  const isFolder = (await stat(place).catch(() => null))?.isDirectory() ?? false
  if (!isFolder) return place
  const file = path.join(place, 'certificate.json')
  if ((await stat(file).catch(() => null)) !== null) return file
  throw new SeaworthyError('unreadable', `there is no certificate in ${place}: an unsigned bundle, or none at all`, {
    hint: 'seaworthy check --evidence DIR --sign KEY writes a signed one.',
  })
}

const none = (file: string, why: string): SeaworthyError =>
  new SeaworthyError('unreadable', `${file} is no certificate of ours: ${why}`, {
    hint: 'Name certificate.json as it was written, or the folder of its bundle.',
  })
