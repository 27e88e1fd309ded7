import { canonicalJson, sha256 } from './canonical.ts'
import type { Candidate } from './certificate/candidate.ts'
import type { Action } from './check.ts'
import type { Evaluation, Question } from './evaluate.ts'
import type { Observation } from './observation.ts'
import type { Verdict } from './verdict.ts'

/** A file of the bundle, by its path inside the folder (forward slashes). */
export type BundleFiles = ReadonlyMap<string, string>

/** What every file of the bundle is, with its digest. Written last, as `manifest.json`. */
export interface Manifest {
  readonly schemaVersion: 2
  readonly tool: 'seaworthy'
  readonly toolVersion: string
  readonly evaluatedAt: string
  readonly action: Action
  readonly isPartial: boolean
  readonly verdict: Verdict
  readonly subjects: readonly { readonly name: string; readonly observations: readonly string[] }[]
  readonly checks: readonly { readonly id: string; readonly version: number }[]
  readonly candidate: Candidate
  /** How the observations were made, so that somebody else can make them again. */
  readonly request: RunRequest
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[]
}

/** What was asked of the run that made the observations. Paths are relative to the repository root; no URL, no credential. */
export interface RunRequest {
  readonly folders: readonly {
    readonly dir: string
    readonly format: string | null
    readonly baseline: string | null
    readonly ledgerTable: string | null
  }[]
  readonly since: string | null
  readonly all: boolean
  readonly branches: boolean
  readonly roles: unknown
  readonly major: number | null
  readonly down: string
  readonly lockTimeoutMs: number
  readonly statementTimeoutMs: number
  /** Files that were given beside the migrations, a ledger with its folder (`ledger db/migrations`); `file` is null for one that lies outside of the repository, `sha256` for one that could not be read. */
  readonly inputs: readonly { readonly as: string; readonly file: string | null; readonly sha256: string | null }[]
  /** Where it was rehearsed: on a server of our own, or on one that was given. */
  readonly server: 'scratch' | 'given'
}

/** What a bundle says besides the judgement. */
export interface BundleAbout {
  readonly toolVersion: string
  readonly candidate: Candidate
  readonly request: RunRequest
}

/**
 * The evidence bundle of one evaluation: one canonical JSON file an observation, the findings, the policy, what came with the release that it helps to judge, and a
 * manifest with the SHA-256 digest of each. Enough to judge everything again without the world.
 */
export function bundle(question: Question, evaluation: Evaluation, about: BundleAbout): BundleFiles {
  const files = new Map<string, string>()
  for (const [index, subject] of question.subjects.entries()) {
    for (const one of subject.observations) files.set(observationPath(index, one), canonicalJson(one))
  }
  for (const [path, text] of judgementFiles(question, evaluation)) files.set(path, text)
  const entries = [...files].map(([path, text]) => ({ path, sha256: sha256(text), bytes: Buffer.byteLength(text) }))
  files.set('manifest.json', canonicalJson(manifestOf(question, evaluation, about, entries)))
  return files
}

/** SHA-256 of each file of a bundle, by its path. */
export const digestsOf = (files: BundleFiles): Map<string, string> =>
  new Map([...files].map(([path, text]) => [path, sha256(text)]))

/** Where an observation of the subject of that index (from 0) lies in a bundle. */
const observationPath = (index: number, { kind }: Pick<Observation, 'kind'>): string =>
  `observations/${index + 1}/${kind}.json`

/** The files of a bundle besides observations and manifest: what was judged by, and what came of it. */
export function judgementFiles(question: Question, evaluation: Evaluation): Map<string, string> {
  const files = new Map([['policy.json', canonicalJson(question.policy)]])
  if ((question.given ?? []).length > 0) files.set('given.json', canonicalJson(question.given))
  return files.set('findings.json', canonicalJson(findingsDocument(evaluation)))
}

/** The manifest of a bundle with these files. */
export const manifestOf = (
  question: Question,
  evaluation: Evaluation,
  about: BundleAbout,
  files: Manifest['files'],
): Manifest => ({
  schemaVersion: 2,
  tool: 'seaworthy',
  toolVersion: about.toolVersion,
  evaluatedAt: question.evaluatedAt,
  action: question.action,
  isPartial: question.isPartial,
  verdict: evaluation.verdict,
  subjects: question.subjects.map(({ name, observations }, index) => ({
    name,
    observations: [...observations].map((one) => observationPath(index, one)),
  })),
  checks: question.checks.map((check) => ({ id: check.id, version: check.version })),
  candidate: about.candidate,
  request: about.request,
  files,
})

/** What `findings.json` holds: every result, and what the policy had to say. */
export const findingsDocument = (evaluation: Evaluation): unknown => ({
  verdict: evaluation.verdict,
  results: evaluation.results,
  accepted: evaluation.accepted,
  allowed: evaluation.allowed,
  overruled: evaluation.overruled,
  obligations: evaluation.obligations,
  policyFindings: evaluation.policyFindings,
})

/** The digest by which an observation is named in reports: that of its file in the bundle. */
export const observationDigest = (observation: Observation): string => `sha256:${sha256(canonicalJson(observation))}`
