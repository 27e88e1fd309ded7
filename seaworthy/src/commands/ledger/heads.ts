import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Head } from '../../gate/chain/chain.ts'
import { IN_TOTO, openEnvelope } from '../../gate/certificate/dsse.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { CERTIFICATE_LIMIT_BYTES, certificateFile } from '../certificate/show.ts'
import { readInput } from '../input-file.ts'

/** Of a statement, what countersigns the ledger. */
const statement = z.object({
  predicate: z.object({
    seaworthy_release: z.object({
      ledgerHead: z.object({ seq: z.int().min(1), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }).nullable(),
    }),
  }),
})

/**
 * The head of the ledger that a certificate, or that of a bundle, countersigns; null if it was made without a ledger.
 * @throws SeaworthyError('state') for a certificate that this key did not sign: it proves nothing.
 */
export async function countersignedHead(place: string, key: KeyObject): Promise<Head | null> {
  const file = await certificateFile(place)
  const opened = openEnvelope(await readInput(file, CERTIFICATE_LIMIT_BYTES, '--certificate'), IN_TOTO, key)
  if ('problem' in opened) throw notUsable(file, opened.message)
  const parsed = statement.safeParse(json(opened.payload))
  if (!parsed.success) throw notUsable(file, 'it holds no release of ours')
  return parsed.data.predicate.seaworthy_release.ledgerHead
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const notUsable = (file: string, why: string): SeaworthyError =>
  new SeaworthyError('state', `the certificate ${file} cannot be used: ${why}`, {
    hint: 'Give the certificate as it was written, and with --key the public key that belongs to it.',
  })
