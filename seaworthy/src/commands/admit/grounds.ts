import path from 'node:path'
import type { GivenAnswers } from '../../gate/admission/admission.ts'
import { digestOf } from '../../gate/canonical.ts'
import type { Candidate } from '../../gate/certificate/candidate.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { Observations } from '../../gate/observation.ts'
import { answers as answersKind } from '../../observers/answers/kind.ts'
import { readPublicKey } from '../../signing/key-file.ts'
import { namedImages, readBuildInfo } from '../check/named-candidate.ts'
import type { AdmitRequest } from './admit.ts'
import { type JudgedEvidence, judgedEvidence } from './judged-evidence.ts'
import { type PresentedCertificate, presentedAt } from './presented.ts'

/** What the request brings along, read once. */
export interface Grounds extends Pick<PresentedCertificate, 'presented' | 'digest'> {
  /** Null where only the certificate was named, or the evidence cannot be read by this version. */
  readonly evidence: JudgedEvidence | null
  readonly answers: GivenAnswers | null
  readonly answersDigest: string | null
  readonly named: Pick<Candidate, 'images' | 'buildInfo'>
}

/** Reads everything that the request names. Paths are relative to `cwd`. @throws SeaworthyError for what cannot be read. */
export async function groundsOf(request: AdmitRequest, { cwd }: { readonly cwd: string }): Promise<Grounds> {
  const inCwd = (file: string): string => path.resolve(cwd, file)
  const key = request.key === undefined ? null : await readPublicKey(inCwd(request.key))
  const certificate = request.certificate === undefined ? null : inCwd(request.certificate)
  const { presented, digest, bundle } = await presentedAt(certificate, key)
  const evidence = bundle === null ? null : await judgedEvidence(bundle)
  const named = {
    images: namedImages(request.images ?? []),
    buildInfo: request.buildInfo === undefined ? null : await readBuildInfo(request.buildInfo, cwd),
  }
  const grounds = { presented, digest, evidence, named }
  if (request.answers === undefined) return { ...grounds, answers: null, answersDigest: null }
  const { observeAnswers } = await import('../../observers/answers/observe.ts')
  const given = new Observations([await observeAnswers(inCwd(request.answers))]).need(answersKind)
  const answers = { identity: given.server.identity, answers: given.answers }
  return { ...grounds, answers, answersDigest: digestOf(given) }
}

/**
 * Without a certificate nothing is admitted but an emergency; a certificate is nothing without the key.
 * @throws SeaworthyError('usage')
 */
export function mustHaveGrounds({ certificate, key }: AdmitRequest, isEmergency: boolean): void {
  if (certificate === undefined && !isEmergency) {
    throw new SeaworthyError('usage', 'admit needs a certificate', {
      hint: 'seaworthy admit certificate.json --key K.pub --action deploy --policy FILE; check --sign KEY --evidence DIR writes one.',
    })
  }
  if (certificate !== undefined && key === undefined) {
    throw new SeaworthyError('usage', 'admit needs the public key that must have signed the certificate', {
      hint: 'Give it: --key K.pub. The certificate itself never says which key is to be trusted.',
    })
  }
}
