import type { KeyObject } from 'node:crypto'
import { contradictionOf, type FolderSeen } from './asked.ts'
import { canonicalJson, sha256 } from '../canonical.ts'
import type { CandidateMigrations } from '../certificate/candidate.ts'
import { IN_TOTO, openEnvelope } from '../certificate/dsse.ts'
import { expiryOf } from '../certificate/expiry.ts'
import type { Statement } from '../certificate/statement.ts'
import { type Difference, differencesBetween } from './differences.ts'
import { type Evaluation, evaluate, type Question } from '../evaluate.ts'
import { type BundleFiles, findingsDocument, judgementFiles, type Manifest, manifestOf } from '../evidence.ts'
import type { Policy } from '../policy.ts'
import { holds, refused, type Shown, type Step, unproven } from './verification.ts'

/** The clocks of two machines may differ by so much. */
const SKEW_MS = 60_000

/** What was signed, and by which key. Without a certificate there is nothing that says who made the bundle. */
export function showSignature(certificate: string | null, key: KeyObject): Shown<string> {
  if (certificate === null) {
    const message = 'the bundle is not signed: nothing says who made it, so only its judgement can be looked at'
    return { step: unproven('signature', 'verify/unsigned', message), evidence: null }
  }
  const opened = openEnvelope(certificate, IN_TOTO, key)
  if ('problem' in opened) {
    const step = refused('signature', `verify/${opened.problem}`, `the certificate does not count: ${opened.message}`)
    return { step, evidence: null }
  }
  return { step: holds('signature', `signed with the key ${opened.keyId}`), evidence: opened.payload }
}

/** What a payload holds, for whoever has its schema; or why it is no statement. */
export type ParsedStatement = { readonly statement: Statement } | { readonly problem: string }

/** The statement, which has to be about this manifest: it has the digest of every other file. */
export function showStatement(parsed: ParsedStatement, manifestText: string): Shown<Statement> {
  if ('problem' in parsed) {
    const message = `what was signed is no certificate of this version: ${parsed.problem}`
    return { step: refused('statement', 'verify/not-a-statement', message), evidence: null }
  }
  const { statement } = parsed
  const { manifest, verdict } = statement.predicate.seaworthy_release
  if (manifest !== `sha256:${sha256(manifestText)}`) {
    const message = 'the certificate is about another bundle: it has another digest of manifest.json'
    return { step: refused('statement', 'verify/other-manifest', message), evidence: null }
  }
  return { step: holds('statement', `it certifies this bundle, with the verdict ${verdict}`), evidence: statement }
}

/**
 * Whether the candidate's migrations are those that were observed, and the observations those of the run that the manifest
 * tells of. Commit and images cannot be told from a bundle.
 */
export function candidateStep(
  manifest: Manifest,
  observed: readonly CandidateMigrations[],
  seen: readonly FolderSeen[],
): Step {
  const named = canonicalJson(manifest.candidate.migrations)
  const folders = canonicalJson(observed.map(({ folder }) => folder))
  const isSame =
    named === canonicalJson(observed) &&
    folders === canonicalJson(manifest.subjects.map(({ name }) => name)) &&
    folders === canonicalJson(manifest.request.folders.map(({ dir }) => dir))
  if (!isSame)
    return refused('candidate', 'verify/other-candidate', 'it names other migrations than those that were observed')
  const contradiction = contradictionOf(manifest, seen)
  return contradiction === null
    ? holds('candidate', 'the migrations that it names are those that were observed')
    : refused('candidate', 'verify/other-request', contradiction)
}

/**
 * Asks every judge again. The findings, the policy and the manifest, made again, have to be the bundle's own, byte for byte.
 * Where another version of the program judged, a difference may be one of its rules or words: then nothing is claimed.
 */
export function showReplay(
  question: Question,
  manifest: Manifest,
  files: BundleFiles,
  toolVersion: string,
): Shown<Evaluation> & { readonly evaluation: Evaluation } {
  const evaluation = evaluate(question)
  const shown = (step: Step): Shown<Evaluation> & { readonly evaluation: Evaluation } => ({
    step,
    evidence: step.outcome === 'holds' ? evaluation : null,
    evaluation,
  })
  if (question.isPartial)
    return shown(refused('replay', 'verify/partial', 'only a part of the checks was asked for (--only)'))
  const again = judgementFiles(question, evaluation)
  again.set('manifest.json', canonicalJson(manifestOf(question, evaluation, manifest, manifest.files)))
  const other = [...again].find(([path, text]) => files.get(path) !== text)?.[0]
  const judges = `${manifest.checks.length} ${manifest.checks.length === 1 ? 'judge says' : 'judges say'}`
  if (other === undefined) return shown(holds('replay', `${judges} the same again: ${evaluation.verdict}`))
  const [first] = differencesBetween(findingsDocument(evaluation), parsedFindings(files))
  const isPlaced = first !== undefined && first.path !== ''
  const where = isPlaced ? `findings.json differs at ${first.path}` : `${other} is another one`
  const message = `${judges} ${evaluation.verdict}, and the bundle says ${manifest.verdict}: ${where}`
  return shown(
    manifest.toolVersion === toolVersion
      ? refused('replay', 'verify/other-findings', message)
      : unproven(
          'replay',
          'verify/other-tool-version',
          `${message}; Seaworthy ${manifest.toolVersion} wrote it, and this is ${toolVersion}`,
        ),
  )
}

function parsedFindings(files: BundleFiles): unknown {
  try {
    return JSON.parse(files.get('findings.json') ?? 'null')
  } catch {
    return null
  }
}

/** The statement that was signed against the one that the bundle gives. */
export function certificateStep(payload: string, rebuilt: Statement): Step {
  const text = canonicalJson(rebuilt)
  if (text === payload) return holds('certificate', 'made again from the bundle, it has the bytes that were signed')
  const signed: unknown = JSON.parse(payload)
  const [first] = differencesBetween(rebuilt, signed)
  return refused(
    'certificate',
    'verify/other-statement',
    `the bundle gives another statement than the one that was signed${first === undefined ? '' : `: it differs at ${first.path}`}`,
  )
}

/** Whether the verdict may be acted on at that time. */
export const timeStep = ({ policy, evaluatedAt }: Question, evaluation: Evaluation, now: Date): Step =>
  timeOf({ evaluatedAt, expiresAt: expiryOf(evaluation, policy, evaluatedAt) }, now)

/** The same for times that are known: ISO 8601, UTC. */
export function timeOf(
  { evaluatedAt, expiresAt }: { readonly evaluatedAt: string; readonly expiresAt: string },
  now: Date,
): Step {
  const asOf = `as of ${now.toISOString()}`
  if (Date.parse(evaluatedAt) > now.getTime() + SKEW_MS)
    return refused('time', 'verify/from-the-future', `it was made at ${evaluatedAt}, which is in the future ${asOf}`)
  // The moment of the expiry itself is one too late, as it is for whoever acts.
  if (now.getTime() >= Date.parse(expiresAt))
    return refused('time', 'verify/expired', `it expired at ${expiresAt}; nobody may act on it any more, ${asOf}`)
  return holds('time', `made at ${evaluatedAt}, good until ${expiresAt}; ${asOf}`)
}

/** Whether the bundle was judged by the verifier's policy; `embedded` where the verifier reads the bundle's own. */
export function policyStep(judgedBy: Policy, wanted: Policy | 'embedded'): Step {
  if (wanted === 'embedded') return holds('policy', 'the bundle’s own, which is to be read below')
  if (canonicalJson(judgedBy) === canonicalJson(wanted))
    return holds('policy', 'it is exactly the policy that was given')
  const differences = differencesBetween(wanted, judgedBy).map(told)
  return refused('policy', 'verify/other-policy', `it was judged by another policy: ${differences.join('; ')}`)
}

const told = ({ path, ours, theirs }: Difference): string =>
  `${path}: yours ${short(ours)}, the bundle’s ${short(theirs)}`

/** More of a value is not told. */
const MOST_CHARACTERS = 120

const short = (json: string | null): string =>
  json === null ? 'nothing' : json.length > MOST_CHARACTERS ? `${json.slice(0, MOST_CHARACTERS)}…` : json
