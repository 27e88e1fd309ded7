import { canonicalJson, digestOf } from '../canonical.ts'
import type { Candidate } from '../certificate/candidate.ts'
import { type Claim, type ClaimSeverity, type JudgedClaim, judgeClaim, type Looked } from '../cold/claim.ts'
import type { Action } from '../check.ts'
import type { ClaimToCheck, LookedAgain } from '../cold/looked-again.ts'
import type { ReviewPolicy } from '../policy.ts'
import type { ReviewAnswer } from './answer.ts'
import type { Verdict } from '../verdict.ts'

/** A claim, what was seen by whoever looked again, and what becomes of it. */
export type ClaimResult = JudgedClaim & { readonly claim: Claim; readonly looked: Looked }

/** Something that stands against the bundle: claims that do not hold, or could not be checked, for one reason. */
export interface ReviewFinding {
  /** `F1`, `F2`, … in the order of the claims. */
  readonly id: string
  readonly severity: ClaimSeverity
  readonly outcome: 'contradicted' | 'cannot-be-checked'
  /** Ids of the claims. */
  readonly claims: readonly string[]
  /** One sentence. */
  readonly why: string
  readonly needs: string
}

/**
 * - `confirmed`: no blocking claim is contradicted or unchecked.
 * - `contradicted`: a blocking claim is.
 * - `unproven`: a blocking claim could not be checked.
 */
export type ReviewVerdict = 'confirmed' | 'contradicted' | 'unproven'

/** Which bundle was looked at again, and by what. */
export interface ReviewAbout {
  readonly toolVersion: string
  /** ISO 8601, UTC. */
  readonly reviewedAt: string
  /** Of the text of `certificate.json`, and the key that signed it. */
  readonly certificate: { readonly digest: string; readonly keyId: string }
  /** Of `manifest.json`. */
  readonly manifest: string
  readonly candidate: Candidate
  readonly action: Action
  readonly evaluatedAt: string
  /** Until when the verdict may be acted on. */
  readonly expiresAt: string
  readonly verdict: Verdict
  /** How the builder's run was asked for; the second one was asked for in the same way. */
  readonly asked: readonly string[]
  /** What the builder's rehearsals had, by the bundle: server and roles of each folder. */
  readonly rehearsed: readonly string[]
  /** Who may answer, by the policy that the verifier brought. */
  readonly policy: ReviewPolicy
  /** In what the policy that judged is another one than the verifier brought; null where it is that one, or nobody brought one. */
  readonly otherPolicy: string | null
}

/** The part that a bundle and its key decide, and who may answer. */
export type AboutBundle = Omit<ReviewAbout, 'toolVersion' | 'reviewedAt' | 'otherPolicy'>

/** What came of looking at everything again; and what people had to say to it. */
export interface Review {
  readonly schemaVersion: 1
  readonly tool: 'seaworthy'
  readonly document: 'review'
  readonly about: ReviewAbout
  readonly claims: readonly ClaimResult[]
  readonly findings: readonly ReviewFinding[]
  readonly verdict: ReviewVerdict
  /** Of everything but the answers and itself. An answer that was signed was signed for it. */
  readonly digest: string
  readonly answers: readonly ReviewAnswer[]
}

/** Judges every claim by what was looked at again. Pure: the same claims and looks make the same review. */
export function reviewOf(about: ReviewAbout, claims: readonly ClaimToCheck[], again: LookedAgain): Review {
  return reviewFrom(
    about,
    claims.map(({ claim, look }) => ({ claim, looked: look(again) })),
  )
}

function reviewFrom(about: ReviewAbout, looks: readonly Pick<ClaimResult, 'claim' | 'looked'>[]): Review {
  const claims = looks.map(({ claim, looked }) => ({ claim, looked, ...judgeClaim(claim, looked) }))
  const findings = findingsOf(claims)
  const unanswered = {
    schemaVersion: 1,
    tool: 'seaworthy',
    document: 'review',
    about,
    claims,
    findings,
    verdict: verdictOfReview(findings),
  } as const
  return { ...unanswered, digest: digestOf(unanswered), answers: [] }
}

/** What does not hold or could not be checked, numbered; claims with one reason are one finding. */
function findingsOf(results: readonly ClaimResult[]): ReviewFinding[] {
  const open = results.flatMap((one) => {
    if (one.outcome === 'confirmed') return []
    const { claim, outcome, why, needs } = one
    const severity = outcome === 'contradicted' ? claim.severity : claim.unchecked
    return [{ severity, outcome, claim: claim.id, why, needs }]
  })
  const grouped = Map.groupBy(open, ({ severity, outcome, why, needs }) =>
    canonicalJson([severity, outcome, why, needs]),
  )
  return [...grouped.values()].flatMap((same, index) =>
    same.slice(0, 1).map(({ severity, outcome, why, needs }) => ({
      id: `F${index + 1}`,
      severity,
      outcome,
      claims: same.map((one) => one.claim),
      why,
      needs,
    })),
  )
}

function verdictOfReview(findings: readonly ReviewFinding[]): ReviewVerdict {
  const blocking = findings.filter((one) => one.severity === 'blocking')
  if (blocking.some((one) => one.outcome === 'contradicted')) return 'contradicted'
  return blocking.length > 0 ? 'unproven' : 'confirmed'
}

/**
 * Ways in which a review is not what it was when it was made: outcomes, findings and verdict follow from the claims and what
 * was seen, and its digest from all of it. Empty: it holds together. What was seen is only as good as who looked.
 */
export function problemsOfReview(review: Review): string[] {
  const again = reviewFrom(review.about, review.claims)
  const parts = [
    ['the outcome of a claim', review.claims, again.claims],
    ['the list of findings', review.findings, again.findings],
    ['the verdict', review.verdict, again.verdict],
  ] as const
  const changed = parts.filter(([, ours, theirs]) => canonicalJson(ours) !== canonicalJson(theirs))
  const ids = review.claims.map((one) => one.claim.id)
  return [
    ...changed.map(([what]) => `${what} does not follow from what was seen`),
    ...(new Set(ids).size === ids.length ? [] : ['a claim is in it twice']),
    ...(ids.length === 0 ? ['there is no claim in it'] : []),
    ...(review.digest === again.digest ? [] : ['its digest is of another content']),
  ]
}

/**
 * Ways in which a review is not one of that bundle: about another one, judged otherwise, under another key or policy, or with
 * other claims than the bundle makes. Anybody can give a review a digest that fits it, so nothing that it says of itself counts.
 */
export function problemsAgainst(
  review: Review,
  bundle: { readonly about: AboutBundle; readonly claims: readonly Claim[] },
): string[] {
  const ours = new Map(review.claims.map(({ claim }) => [claim.id, canonicalJson(claim)]))
  const missing = bundle.claims.filter((claim) => ours.get(claim.id) !== canonicalJson(claim))
  const ids = new Set(bundle.claims.map((claim) => claim.id))
  return [
    ...differentParts(review.about, bundle.about),
    ...missing.map(({ id }) => `the bundle claims ${id}, and the review does not have it so`),
    ...[...ours.keys()].filter((id) => !ids.has(id)).map((id) => `the bundle does not claim ${id}`),
  ]
}

/** What a review says of the bundle, part by part. */
const PARTS: readonly (readonly [what: string, part: (about: AboutBundle) => unknown])[] = [
  ['it is about another bundle', ({ manifest }) => manifest],
  ['it is about another certificate', ({ certificate }) => certificate.digest],
  ['it names another key for the certificate than the one that signed it', ({ certificate }) => certificate.keyId],
  ['it has another policy of who may answer', ({ policy }) => policy],
  ['it is about another candidate', ({ candidate }) => candidate],
  ['it is about another action', ({ action }) => action],
  ['it was judged at another time', ({ evaluatedAt }) => evaluatedAt],
  ['it expires at another time', ({ expiresAt }) => expiresAt],
  ['the judges say another verdict', ({ verdict }) => verdict],
  ['the run was asked for in another way', ({ asked }) => asked],
  ['the rehearsals had something else', ({ rehearsed }) => rehearsed],
]

const differentParts = (ours: AboutBundle, theirs: AboutBundle): string[] =>
  PARTS.filter(([, part]) => canonicalJson(part(ours)) !== canonicalJson(part(theirs))).map(([what]) => what)
