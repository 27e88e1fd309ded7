import { z } from 'zod'
import type { Json } from '../gate/chain/chain.ts'
import type { Claim, Looked } from '../gate/cold/claim.ts'
import type { Review } from '../gate/review/review.ts'
import { candidateSchema, digest, instant, words } from './candidate-schema.ts'

const text = z.string().max(1_000_000)
const json: z.ZodType<Json> = z.json()
const severity = z.enum(['blocking', 'discrepancy'])
const keyId = z.string().regex(/^[0-9a-f]{64}$/)

const claim: z.ZodType<Claim> = z.strictObject({
  id: text,
  kind: z.enum(['repository', 'input', 'reading', 'rehearsal', 'ledger', 'shape', 'order']),
  says: text,
  source: words,
  severity,
  unchecked: severity,
  comparison: z.enum(['equal', 'includes', 'order']),
  expected: json,
  witness: text,
  needs: text,
})

const looked: z.ZodType<Looked> = z.union([
  z.strictObject({ status: z.literal('seen'), seen: json, witness: text }),
  z.strictObject({ status: z.literal('could-not-look'), reason: text, needs: text.optional() }),
])

const result = z.discriminatedUnion('outcome', [
  z.strictObject({ claim, looked, outcome: z.literal('confirmed'), why: text, needs: z.null() }),
  z.strictObject({ claim, looked, outcome: z.enum(['contradicted', 'cannot-be-checked']), why: text, needs: text }),
])

const finding = z.strictObject({
  id: z.string().regex(/^F[1-9]\d{0,5}$/),
  severity,
  outcome: z.enum(['contradicted', 'cannot-be-checked']),
  claims: z.array(text).min(1).max(100_000),
  why: text,
  needs: text,
})

const answer = z.strictObject({
  finding: z.string().regex(/^F[1-9]\d{0,5}$/),
  by: words,
  at: instant,
  evidence: z.strictObject({
    text: text.nullable(),
    file: z.strictObject({ name: words, sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(0) }).nullable(),
  }),
  signature: z.strictObject({ publicKey: z.string().max(1_000), envelope: text }).nullable(),
})

/** A review as `verify --cold` writes it and `review answer` adds to it. Whether it holds together, the gate says. */
export const reviewDocumentSchema: z.ZodType<Review> = z.strictObject({
  schemaVersion: z.literal(1),
  tool: z.literal('seaworthy'),
  document: z.literal('review'),
  about: z.strictObject({
    toolVersion: words,
    reviewedAt: instant,
    certificate: z.strictObject({ digest, keyId }),
    manifest: digest,
    candidate: candidateSchema,
    action: z.enum(['pull-request', 'deploy']),
    evaluatedAt: instant,
    expiresAt: instant,
    verdict: z.enum(['pass', 'fail', 'unproven']),
    asked: z.array(text).max(10_000),
    rehearsed: z.array(text).max(10_000),
    policy: z.strictObject({ isIndependent: z.boolean(), reviewers: z.array(words).max(1_000) }),
    otherPolicy: text.nullable(),
  }),
  claims: z.array(result).max(100_000),
  findings: z.array(finding).max(100_000),
  verdict: z.enum(['confirmed', 'contradicted', 'unproven']),
  digest,
  answers: z.array(answer).max(10_000),
})
