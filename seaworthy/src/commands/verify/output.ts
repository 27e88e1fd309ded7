import path from 'node:path'
import { loadPolicy } from '../../config/policy-file.ts'
import type { ExitCode } from '../../gate/error.ts'
import type { Candidate } from '../../gate/certificate/candidate.ts'
import type { Policy } from '../../gate/policy.ts'
import type { Verdict } from '../../gate/verdict.ts'
import type { Step } from '../../gate/verify/verification.ts'
import { readPublicKey } from '../../signing/key-file.ts'
import { verifyText } from './text.ts'
import { type Verification, verifyBundle } from './verify.ts'
import { openHere } from '../open-emergencies.ts'
import type { ReportedEmergencies } from '../../reports/run-report.ts'
import { jsonText } from '../../reports/json.ts'

/** The flags of `verify`. */
export interface VerifyFlags {
  readonly key: string
  /** A file, or `embedded`. */
  readonly policy: string
  readonly at?: Date
  readonly json?: boolean
  /** The ledger of our own whose open emergencies are told. */
  readonly state?: string
}

/** The document of `verify --json`. */
export interface VerifyDocument extends ReportedEmergencies {
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
export interface Claims {
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
export async function runVerify(
  dir: string,
  flags: VerifyFlags,
  { version, env }: { readonly version: string; readonly env: NodeJS.ProcessEnv },
): Promise<ExitCode> {
  const key = await readPublicKey(path.resolve(flags.key))
  const policy = flags.policy === 'embedded' ? 'embedded' : await loadPolicy(path.resolve(flags.policy))
  const now = flags.at ?? new Date()
  const verification = await verifyBundle({ dir: path.resolve(dir), key, policy, now, toolVersion: version })
  const emergencies = await openHere(flags.state, env)
  const document = verifyDocument(verification, { version, now, isEmbedded: policy === 'embedded', emergencies })
  process.stdout.write(flags.json === true ? jsonText(document) : verifyText(document, process.stdout.columns))
  return document.exitCode
}

export const VERDICT_OF: Partial<Record<ExitCode, Verdict>> = { 0: 'pass', 1: 'fail' }

/** A verification as data. Pure. */
export function verifyDocument(
  verification: Verification,
  about: {
    readonly version: string
    readonly now: Date
    readonly isEmbedded: boolean
    readonly emergencies: ReportedEmergencies
  },
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
    ...about.emergencies,
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
