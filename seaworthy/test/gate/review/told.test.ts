import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/gate/canonical.ts'
import { keyId, openEnvelope } from '../../../src/gate/certificate/dsse.ts'
import { seenBy } from '../../../src/gate/cold/claim.ts'
import { problemsOfReview, type Review, type ReviewAbout, reviewOf } from '../../../src/gate/review/review.ts'
import { signedAnswer } from '../../../src/gate/review/answer.ts'
import { CANDIDATE, signer } from '../certificate/made.ts'

const ABOUT: ReviewAbout = {
  toolVersion: '1.0.0',
  reviewedAt: '2026-11-21T13:00:00.000Z',
  certificate: { digest: 'sha256:c', keyId: 'k' },
  manifest: 'sha256:m',
  candidate: CANDIDATE,
  action: 'deploy',
  evaluatedAt: '2025-11-21T12:00:00.000Z',
  expiresAt: '9999-12-31T23:59:59.999Z',
  verdict: 'pass',
  asked: [],
  rehearsed: [],
  otherPolicy: null,
  policy: { isIndependent: false, reviewers: [] },
}

/** A review of one claim, which is contradicted. */
const review: Review = reviewOf(
  ABOUT,
  [
    {
      claim: {
        id: 'a',
        kind: 'repository',
        says: 'one is one',
        source: 'certificate',
        severity: 'blocking',
        unchecked: 'blocking',
        comparison: 'equal',
        expected: 1,
        witness: 'bundle',
        needs: 'a look',
      },
      look: () => seenBy('clone', 2),
    },
  ],
  {
    commit: { failed: 'nobody looked' },
    inputs: [],
    run: { failed: 'nobody looked' },
    besides: [],
    brought: new Map(),
    production: new Map(),
  },
)

describe('what keeps a review from holding together', () => {
  const DIGEST = 'its digest is of another content'

  it.each<[string, Partial<Review>, readonly string[]]>([
    ['nothing', {}, []],
    ['a digest', { digest: 'sha256:0' }, [DIGEST]],
    ['a verdict', { verdict: 'confirmed' }, ['the verdict does not follow from what was seen']],
    ['findings', { findings: [] }, ['the list of findings does not follow from what was seen']],
    [
      'an outcome',
      { claims: review.claims.map((one) => ({ ...one, outcome: 'confirmed' as const, needs: null })) },
      ['the outcome of a claim does not follow from what was seen'],
    ],
    ['what it is about', { about: { ...ABOUT, manifest: 'sha256:x' } }, [DIGEST]],
  ])('%s', (_, change, problems) => expect(problemsOfReview({ ...review, ...change })).toEqual(problems))
})

it('an answer is signed as it is, for this review', () => {
  const answer = {
    finding: 'F1',
    by: 'Ada',
    at: '2026-11-21T14:00:00.000Z',
    evidence: { text: 'deploy 417 brought it', file: null },
  }
  const { signature, ...said } = signedAnswer(review, answer, signer.privateKey)
  expect(said).toEqual(answer)
  const key = createPublicKey({ key: Buffer.from(signature!.publicKey, 'base64'), format: 'der', type: 'spki' })
  expect(keyId(key)).toBe(keyId(signer.publicKey))
  const type = 'application/vnd.seaworthy.review-answer+json'
  expect(openEnvelope(signature!.envelope, type, signer.publicKey)).toEqual({
    payload: canonicalJson({ review: review.digest, ...answer }),
    keyId: keyId(signer.publicKey),
  })
})
