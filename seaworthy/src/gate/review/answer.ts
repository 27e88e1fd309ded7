import { createPublicKey, type KeyObject } from 'node:crypto'
import { canonicalJson } from '../canonical.ts'
import { keyId, openEnvelope, sealEnvelope } from '../certificate/dsse.ts'
import type { Review, ReviewFinding } from './review.ts'

/** What shows that a finding was dealt with: words, or a file by its digest. */
export interface Evidence {
  readonly text: string | null
  readonly file: { readonly name: string; readonly sha256: string; readonly bytes: number } | null
}

/** What somebody says to one finding. */
export interface ReviewAnswer {
  readonly finding: string
  readonly by: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly evidence: Evidence
  /** Null where nobody signed it: then it is only what the file says. */
  readonly signature: AnswerSignature | null
}

export interface AnswerSignature {
  /** SubjectPublicKeyInfo, DER, in base64. Whose it is says its key id alone. */
  readonly publicKey: string
  /** A DSSE envelope over the answer and the digest of the review. */
  readonly envelope: string
}

const ANSWER_TYPE = 'application/vnd.seaworthy.review-answer+json'

const payloadOf = (digest: string, { finding, by, at, evidence }: ReviewAnswer): string =>
  canonicalJson({ review: digest, finding, by, at, evidence })

/** The answer, signed for this review. */
export function signedAnswer(review: Review, answer: Omit<ReviewAnswer, 'signature'>, key: KeyObject): ReviewAnswer {
  const unsigned: ReviewAnswer = { ...answer, signature: null }
  const envelope = sealEnvelope(ANSWER_TYPE, payloadOf(review.digest, unsigned), key)
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return { ...unsigned, signature: { publicKey: der.toString('base64'), envelope } }
}

/** The review with one more answer; earlier ones stay. */
export const withAnswer = (review: Review, answer: ReviewAnswer): Review => ({
  ...review,
  answers: [...review.answers, answer],
})

/** The id of the key that signed this very answer to this very review; null where none did. */
export function signerOf(review: Review, answer: ReviewAnswer): string | null {
  if (answer.signature === null) return null
  const key = publicKeyOf(answer.signature.publicKey)
  if (key === null) return null
  const opened = openEnvelope(answer.signature.envelope, ANSWER_TYPE, key)
  return 'payload' in opened && opened.payload === payloadOf(review.digest, answer) ? keyId(key) : null
}

function publicKeyOf(base64: string): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' })
  } catch {
    return null
  }
}

/** Why an answer does not count under the review's policy; null where it does. */
export function objectionTo(review: Review, answer: ReviewAnswer): string | null {
  const { policy, certificate } = review.about
  const signer = signerOf(review, answer)
  if (answer.signature !== null && signer === null) return 'its signature is not of this answer to this review'
  if (policy.isIndependent && signer === null) return 'the policy wants it signed, by another key than the certificate'
  if (policy.isIndependent && signer === certificate.keyId)
    return 'the key that signed the certificate signed it as well'
  if (policy.reviewers.length === 0) return null
  if (signer === null) return 'the policy wants it signed by one of its reviewers'
  return policy.reviewers.includes(signer) ? null : `the policy does not name the key ${signer} among its reviewers`
}

/** A finding, and how it stands. */
export interface AnsweredFinding {
  readonly finding: ReviewFinding
  readonly isAnswered: boolean
  /** Each answer to it, with the reason for which it does not count; null where it counts. */
  readonly answers: readonly { readonly answer: ReviewAnswer; readonly objection: string | null }[]
}

/** How far a review is: complete once every blocking finding has an answer that counts. */
export interface ReviewState {
  readonly findings: readonly AnsweredFinding[]
  /** `open`: something could not be checked, and nobody has answered for it. `contradicted`: the same for what is not true. */
  readonly state: 'complete' | 'open' | 'contradicted'
}

/** How a review stands, by its answers and its policy. Pure. */
export function stateOf(review: Review): ReviewState {
  const findings = review.findings.map((finding): AnsweredFinding => {
    const answers = review.answers
      .filter((answer) => answer.finding === finding.id)
      .map((answer) => ({ answer, objection: objectionTo(review, answer) }))
    return { finding, answers, isAnswered: answers.some((one) => one.objection === null) }
  })
  const open = findings.filter(({ finding, isAnswered }) => finding.severity === 'blocking' && !isAnswered)
  if (open.some(({ finding }) => finding.outcome === 'contradicted')) return { findings, state: 'contradicted' }
  return { findings, state: open.length > 0 ? 'open' : 'complete' }
}
