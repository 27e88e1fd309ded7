import path from 'node:path'
import { loadPolicy } from '../../config/policy-file.ts'
import type { ExitCode } from '../../gate/error.ts'
import type { Candidate } from '../../gate/certificate/candidate.ts'
import type { Policy } from '../../gate/policy.ts'
import type { Verdict } from '../../gate/verdict.ts'
import type { Step } from '../../gate/verification.ts'
import { plainLine, plainLines, withoutCiCommands } from '../../reports/plain-text.ts'
import { readPublicKey } from '../../signing/key-file.ts'
import { type Verification, verifyBundle } from './verify.ts'

/** The flags of `verify`. */
export interface VerifyFlags {
  readonly key: string
  /** A file, or `embedded`. */
  readonly policy: string
  readonly at?: Date
  readonly json?: boolean
}

/** The document of `verify --json`. */
export interface VerifyDocument {
  readonly schemaVersion: 1
  readonly tool: 'seaworthy'
  readonly version: string
  readonly command: 'verify'
  /** What the verification comes to. */
  readonly verdict: Verdict
  readonly exitCode: ExitCode
  readonly isGenuine: boolean
  /** What the judges say now; null where they could not be asked. */
  readonly replayedVerdict: Verdict | null
  /** ISO 8601, UTC: as of when. */
  readonly asOf: string
  readonly steps: readonly Step[]
  readonly claims: Claims | null
  /** Only with `--policy embedded`. */
  readonly policy?: Policy
}

/** What the bundle says of itself. `isSigned`: with the verifier's key; else it is anybody's word. */
interface Claims {
  readonly isSigned: boolean
  readonly candidate: Candidate
  readonly action: string
  readonly verdict: Verdict
  readonly evaluatedAt: string
  /** Null where nothing was signed. */
  readonly expiresAt: string | null
  readonly toolVersion: string
  /** Questions that production had not answered. */
  readonly openObligations: number
}

/**
 * `seaworthy verify`: reads key and policy of the verifier, verifies, and prints. Returns the exit code.
 * @throws SeaworthyError for a key or a policy that cannot be read.
 */
export async function runVerify(dir: string, flags: VerifyFlags, version: string): Promise<ExitCode> {
  const key = await readPublicKey(path.resolve(flags.key))
  const policy = flags.policy === 'embedded' ? 'embedded' : await loadPolicy(path.resolve(flags.policy))
  const now = flags.at ?? new Date()
  const verification = await verifyBundle({ dir: path.resolve(dir), key, policy, now, toolVersion: version })
  const document = verifyDocument(verification, { version, now, isEmbedded: policy === 'embedded' })
  process.stdout.write(flags.json === true ? `${JSON.stringify(document, null, 2)}\n` : verifyText(document))
  return document.exitCode
}

const VERDICT_OF: Partial<Record<ExitCode, Verdict>> = { 0: 'pass', 1: 'fail' }

/** A verification as data. Pure. */
export function verifyDocument(
  verification: Verification,
  about: { readonly version: string; readonly now: Date; readonly isEmbedded: boolean },
): VerifyDocument {
  const { result, replayed } = verification
  const { exitCode, isGenuine, steps } = result
  return {
    schemaVersion: 1,
    tool: 'seaworthy',
    version: about.version,
    command: 'verify',
    verdict: VERDICT_OF[exitCode] ?? 'unproven',
    exitCode,
    isGenuine,
    replayedVerdict: result.verdict,
    asOf: about.now.toISOString(),
    steps,
    claims: claimsOf(verification),
    ...(about.isEmbedded && replayed !== null ? { policy: replayed.question.policy } : {}),
  }
}

function claimsOf({ bundle, statement, replayed }: Verification): Claims | null {
  if (bundle === null) return null
  const { manifest } = bundle
  const release = statement?.predicate.seaworthy_release ?? null
  const { candidate, action, verdict, evaluatedAt, toolVersion } = release ?? manifest
  return {
    isSigned: release !== null,
    candidate,
    action,
    verdict,
    evaluatedAt,
    expiresAt: release?.expiresAt ?? null,
    toolVersion,
    openObligations:
      release?.obligations.filter((one) => one.state !== 'answered').length ??
      replayed?.evaluation.obligations.length ??
      0,
  }
}

const SIGNS: Record<Step['outcome'], string> = { holds: '✓', refused: '✗', unproven: '?' }

/** A verification for a person. Nothing of a bundle can steer a terminal or a CI server's log. */
export function verifyText(document: VerifyDocument): string {
  const { steps, claims, policy, exitCode, verdict } = document
  const lines = [
    ...steps.map(({ step, outcome, message, code }) =>
      row(`${SIGNS[outcome]} ${step}`, `${message}${code === null ? '' : ` [${code}]`}`),
    ),
    ...(claims === null ? [] : ['', ...claimLines(claims)]),
    ...(policy === undefined
      ? []
      : ['', 'the policy that it was judged by:', plainLines(JSON.stringify(policy, null, 2))]),
    '',
    `${verdict.toUpperCase()}  exit ${exitCode}: ${summary(document)}`,
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

function claimLines(claims: Claims): string[] {
  const { candidate, isSigned } = claims
  return [
    isSigned ? 'it says:' : 'it says, and nobody vouches for it:',
    row('candidate', candidateText(candidate)),
    row('action', claims.action),
    row('verdict', claims.verdict),
    row('made', `${claims.evaluatedAt}, by Seaworthy ${claims.toolVersion}`),
    ...(claims.expiresAt === null ? [] : [row('expires', claims.expiresAt)]),
    ...(claims.openObligations === 0 ? [] : [row('open', `${claims.openObligations} questions to production`)]),
  ]
}

function candidateText({ commit, isDirty, images, migrations }: Candidate): string {
  return [
    commit === null ? 'no commit' : `commit ${commit}${isDirty === true ? ', with uncommitted changes' : ''}`,
    ...images.map((one) => `image ${one.name}@${one.digest}`),
    ...migrations.map((one) => `migrations ${one.folder} (${one.digest})`),
  ].join('; ')
}

function summary({ isGenuine, steps, replayedVerdict, exitCode }: VerifyDocument): string {
  if (exitCode === 0) return 'genuine, and every judge says pass again'
  const has = (code: Step['code']): boolean => steps.some((one) => one.code === code)
  if (isGenuine && has('verify/expired'))
    return 'genuine, and expired: it says what was true then, and nobody may act on it now'
  if (isGenuine && has('verify/other-policy')) return 'genuine, and judged by another policy than yours'
  if (isGenuine && steps.every((one) => one.outcome === 'holds'))
    return `genuine, and its verdict is ${replayedVerdict}`
  if (steps.some((one) => one.outcome === 'refused'))
    return 'not to be believed or not to be acted on: see what is marked with ✗'
  if (has('verify/unsigned'))
    return `unsigned: the judges say ${replayedVerdict ?? 'nothing'}, and nothing says who made it`
  return 'what is marked with ? could not be proved here'
}

const row = (word: string, text: string): string => `  ${word.padEnd(13)}  ${plainLine(text)}`
