import { z } from 'zod'
import { PREDICATE_TYPE, type Statement, STATEMENT_TYPE } from '../gate/certificate/statement.ts'
import { candidateSchema, digest, hexDigest, instant, words } from './candidate-schema.ts'
import { valueOf } from './json.ts'

const MOST = 100_000
const verdict = z.enum(['pass', 'fail', 'unproven'])

const digests = z.record(z.string().max(100), z.string().regex(/^[0-9a-f]{40,64}$/))

const precondition = z.strictObject({
  kind: words,
  subject: words,
  witness: words,
  digest,
  parts: z.array(z.strictObject({ name: words, digest: z.string().regex(/^[0-9a-f]{32}$/) })).max(1_000_000),
})

const obligation = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  question: words,
  subject: words,
  sql: z.string().max(1_000_000),
  failsFrom: z.int().min(1),
  consequence: words,
  code: words,
  state: z.enum(['open', 'answered', 'violated', 'stale']),
  answeredAt: z.iso.datetime().nullable(),
  witness: digest.nullable(),
})

const release = z.strictObject({
  schemaVersion: z.literal(1),
  verdict,
  action: z.enum(['pull-request', 'deploy']),
  evaluatedAt: instant,
  expiresAt: instant,
  toolVersion: words,
  judges: z.array(z.strictObject({ check: words, version: z.int() })).max(1_000),
  candidate: candidateSchema,
  manifest: digest,
  policy: digest,
  preconditions: z.array(precondition).max(2_000),
  obligations: z.array(obligation).max(MOST),
  ledgerHead: z.strictObject({ seq: z.int().min(1), digest }).nullable(),
})

const statementSchema: z.ZodType<Statement> = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.strictObject({ name: words, digest: digests })).max(MOST),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.strictObject({
    verifier: z.strictObject({ id: words, version: z.record(z.string().max(100), words) }),
    timeVerified: instant,
    resourceUri: z.string().max(1_000_000),
    policy: z.strictObject({ uri: words, digest: z.strictObject({ sha256: hexDigest }) }),
    inputAttestations: z.array(z.strictObject({ uri: words, digest: digests })).max(MOST),
    verificationResult: z.enum(['PASSED', 'FAILED']),
    verifiedLevels: z.array(words).max(100),
    seaworthy_release: release,
  }),
})

/** What the payload of an envelope says of a release; or why this version cannot read it. */
export type ReadStatement = { readonly statement: Statement } | { readonly problem: string }

/**
 * Reads the payload of an envelope whose signature was verified. Only the canonical writing of exactly the members that
 * this version knows is taken: what is not understood is not acted on.
 */
export function readStatement(payload: string): ReadStatement {
  let value: unknown
  try {
    value = valueOf(payload, 'the certificate')
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
  const parsed = statementSchema.safeParse(value)
  if (parsed.success) return { statement: parsed.data }
  const [issue] = parsed.error.issues
  return { problem: `${issue?.path.join('.') || 'the statement'}: ${issue?.message ?? 'it is none'}` }
}
