import { type AdmissionInput, type Part, silent } from './input.ts'
import { judgeCandidate } from './candidate.ts'
import { judgeCertificate } from './certificate.ts'
import { judgeDatabases } from './databases.ts'
import { judgeObligations } from './obligations.ts'
import { judgePreconditions } from './preconditions.ts'
import { type Finding, refuse, warn } from '../finding.ts'
import type { Action } from '../check.ts'
import { type Verdict, verdictOf } from '../verdict.ts'

export type { AdmissionInput, GivenAnswers, LookedAt, Presented, Seen } from './input.ts'

/** Whether somebody may act on a certificate now. */
export interface Admission {
  /** What the looks say. An emergency does not change it. */
  readonly verdict: Verdict
  /** Whether the action may go on: a pass, or an emergency that the policy allows. */
  readonly isAdmitted: boolean
  /** In an emergency what stands in the way is told as warnings, by the same codes. */
  readonly findings: readonly Finding[]
  /** What was compared and found to be as certified, in plain words. */
  readonly proved: readonly string[]
}

/**
 * Decides whether a certificate is good for what is about to happen: whose it is, what it says, for what and until when,
 * whether it is this candidate that is about to run, and whether the world is still the one that it rests on. Pure. What
 * nobody could look at is unproven, never a pass.
 */
export function judgeAdmission(input: AdmissionInput): Admission {
  const parts = partsOf(input)
  const findings = parts.flatMap((part) => part.findings)
  const proved = parts.flatMap((part) => part.proved)
  const verdict = verdictOf({ findings, proved })
  const { action, emergency, policy } = input
  if (emergency === null) return { verdict, isAdmitted: verdict === 'pass', findings, proved }
  if (policy.admission.emergency === 'forbid') {
    return { verdict: 'fail', isAdmitted: false, findings: [forbidden(emergency.reason), ...findings], proved }
  }
  return {
    verdict,
    isAdmitted: true,
    findings: [overridden(emergency.reason, verdict, action), ...findings.map(lowered)],
    proved,
  }
}

/** Without a certificate that can be believed nothing of what it says is compared with anything. */
function partsOf(input: AdmissionInput): readonly Part[] {
  const { presented } = input
  const certificate = judgeCertificate(input)
  if (!('statement' in presented)) return [certificate]
  const release = presented.statement.predicate.seaworthy_release
  return [
    certificate,
    judgeCandidate(release, input),
    judgePreconditions(release, input),
    release.obligations.length === 0 ? silent : judgeObligations(release, input),
    judgeDatabases(release, input),
  ]
}

const forbidden = (reason: string): Finding =>
  refuse({
    code: 'admission/emergency-forbidden',
    message: `the policy forbids --emergency, which was asked for with the reason ${JSON.stringify(reason)}`,
    subject: 'emergency',
    hint: 'Let the release pass the gate. The attempt stands in the ledger.',
  })

const overridden = (reason: string, verdict: Verdict, action: Action): Finding =>
  warn({
    code: 'admission/emergency',
    message: `admitted by --emergency (the verdict is ${verdict}): ${reason}`,
    subject: 'emergency',
    hint: `It is told in every report until a passing certificate for the same candidate and action is there, or somebody says why it is over. In this checkout: seaworthy check --action ${action} --baseline VERSION-BEFORE --evidence DIR --sign KEY; or seaworthy ledger close N --reason "…".`,
  })

/** What would have stopped the release is a warning in an emergency: lowered, never left out. */
const lowered = (finding: Finding): Finding =>
  finding.outcome === 'none'
    ? finding
    : warn({ ...finding, message: `${finding.message} (${finding.outcome}, overridden by --emergency)` })
