import type { Action } from '../check.ts'
import { canonicalJson, digestOf, sha256 } from '../canonical.ts'
import type { Evaluation, Question } from '../evaluate.ts'
import type { AskedObligation, ObligationState } from '../obligation.ts'
import type { Verdict } from '../verdict.ts'
import { type Candidate, type Resource, resourceUri, subjectsOf } from './candidate.ts'
import { expiryOf } from './expiry.ts'
import type { Precondition } from './precondition.ts'

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
export const PREDICATE_TYPE = 'https://slsa.dev/verification_summary/v1'

/** A question that goes with a certificate: whoever acts on it has to have the answer of that time. */
export interface CertifiedObligation {
  readonly id: string
  readonly question: string
  readonly subject: string
  readonly sql: string
  readonly failsFrom: number
  readonly consequence: string
  readonly code: string
  /** At `evaluatedAt`. */
  readonly state: ObligationState
  readonly answeredAt: string | null
  /** Of the database that answered; null where none did. */
  readonly witness: string | null
}

/** The place of the own ledger's newest row when the certificate was made: a ledger that lacks it was cut off. */
export interface LedgerHead {
  readonly seq: number
  readonly digest: string
}

/** What we say besides the verification summary. SLSA wants such a member to be named `vendor_name`. */
export interface Release {
  readonly schemaVersion: 1
  readonly verdict: Verdict
  readonly action: Action
  /** ISO 8601, UTC. */
  readonly evaluatedAt: string
  /** ISO 8601, UTC: nobody may act on it afterwards. */
  readonly expiresAt: string
  readonly toolVersion: string
  readonly judges: readonly { readonly check: string; readonly version: number }[]
  readonly candidate: Candidate
  /** Of `manifest.json`, which has the digest of every other file of the bundle. */
  readonly manifest: string
  /** Of the canonical JSON of the policy. */
  readonly policy: string
  readonly preconditions: readonly Precondition[]
  readonly obligations: readonly CertifiedObligation[]
  readonly ledgerHead: LedgerHead | null
}

/** An in-toto statement v1 with a SLSA verification summary v1. */
export interface Statement {
  readonly _type: typeof STATEMENT_TYPE
  readonly subject: readonly Resource[]
  readonly predicateType: typeof PREDICATE_TYPE
  readonly predicate: {
    readonly verifier: { readonly id: string; readonly version: Readonly<Record<string, string>> }
    readonly timeVerified: string
    readonly resourceUri: string
    readonly policy: Resource
    readonly inputAttestations: readonly Resource[]
    readonly verificationResult: 'PASSED' | 'FAILED'
    readonly verifiedLevels: readonly string[]
    readonly seaworthy_release: Release
  }
}

/** Who verifies, for the summary: the package, not a place that anybody fetches. */
const VERIFIER_ID = 'pkg:npm/seaworthy'

export interface CertificateInput {
  readonly question: Question
  readonly evaluation: Evaluation
  readonly candidate: Candidate
  readonly obligations: readonly (AskedObligation & { readonly witness: string | null })[]
  readonly preconditions: readonly Precondition[]
  /** SHA-256 of each file of the bundle, `manifest.json` among them (`digestsOf`). */
  readonly digests: ReadonlyMap<string, string>
  readonly toolVersion: string
  readonly ledgerHead: LedgerHead | null
}

/**
 * The statement about one evaluation. Pure: whoever has the bundle can make it again and must get the same bytes. A verdict
 * that is no pass is FAILED for a reader who knows verification summaries alone.
 * @throws Error for a partial run, about which nothing can be certified, and where the manifest's digest is missing.
 */
export function statementOf(input: CertificateInput): Statement {
  const { question, evaluation, candidate } = input
  if (question.isPartial) throw new Error('a partial run cannot be certified')
  const isPass = evaluation.verdict === 'pass'
  return {
    _type: STATEMENT_TYPE,
    subject: subjectsOf(candidate),
    predicateType: PREDICATE_TYPE,
    predicate: {
      verifier: { id: VERIFIER_ID, version: { seaworthy: input.toolVersion } },
      timeVerified: question.evaluatedAt,
      resourceUri: resourceUri(candidate),
      policy: { uri: 'policy.json', digest: { sha256: sha256(canonicalJson(question.policy)) } },
      inputAttestations: attestations(input.digests),
      verificationResult: isPass ? 'PASSED' : 'FAILED',
      verifiedLevels: [isPass ? `SEAWORTHY_${question.action.toUpperCase().replaceAll('-', '_')}` : 'FAILED'],
      seaworthy_release: releaseOf(input),
    },
  }
}

function releaseOf(input: CertificateInput): Release {
  const { question, evaluation, candidate, digests } = input
  const manifest = digests.get('manifest.json')
  if (manifest === undefined) throw new Error('nothing without a manifest can be certified')
  return {
    schemaVersion: 1,
    verdict: evaluation.verdict,
    action: question.action,
    evaluatedAt: question.evaluatedAt,
    expiresAt: expiryOf(evaluation, question.policy, question.evaluatedAt),
    toolVersion: input.toolVersion,
    judges: question.checks.map(({ id, version }) => ({ check: id, version })),
    candidate,
    manifest: `sha256:${manifest}`,
    policy: digestOf(question.policy),
    preconditions: input.preconditions,
    obligations: input.obligations.map((one) => ({
      id: one.id,
      question: one.question,
      subject: one.subject,
      sql: one.sql,
      failsFrom: one.failsFrom,
      consequence: one.consequence,
      code: one.code,
      state: one.state,
      answeredAt: one.answer?.answeredAt ?? null,
      witness: one.witness,
    })),
    ledgerHead: input.ledgerHead,
  }
}

/** Every file of the bundle that was judged, by its own digest. */
const attestations = (digests: ReadonlyMap<string, string>): Resource[] =>
  [...digests]
    .filter(([path]) => path.startsWith('observations/') || path === 'given.json')
    .map(([path, digest]) => ({ uri: path, digest: { sha256: digest } }))
