import { type Allow, type Allowed, allowedNote, isAllowedBy, unusedAllow } from './allow.ts'
import type { CheckResult } from './check.ts'
import type { Finding } from './finding.ts'
import { type Accepted, type Policy, applyAcceptances } from './policy.ts'
import { isSettledBy, maySettle, type Overruled, settledNote } from './settle.ts'

/** What a check said, after everybody has answered for what they may answer for. */
export interface Answered {
  readonly result: CheckResult
  readonly findings: readonly Finding[]
  readonly accepted: readonly Accepted[]
  readonly overruled: readonly Overruled[]
  readonly allowed: readonly Allowed[]
}

/** What the results of one subject become, and which findings in them are notes only because somebody answered. */
export interface Answers {
  readonly answered: readonly Answered[]
  readonly lowered: ReadonlySet<Finding>
}

/**
 * Applies to every check of one subject what answers for its findings, in this order: comments in the files, the policy,
 * what another check proves to be no harm. Each finding is answered for once, and only ever made milder by name.
 */
export function answer(results: readonly CheckResult[], policy: Policy, evaluatedAt: string): Answers {
  const families = policy.settings.inlineAcceptance
  const allows = results.flatMap((one) => one.allows)
  const settlers = results.filter((one) => maySettle(one))
  const used = new Set<Allow>()
  const lowered = new Set<Finding>()
  const lower = (finding: Finding): Finding => {
    lowered.add(finding)
    return finding
  }
  const answered = results.map((result) => {
    const overruled: Overruled[] = []
    const allowed: Allowed[] = []
    const afterAllows = result.findings.map((finding) => {
      const allow = allows.find((one) => isAllowedBy(finding, one, families))
      if (allow === undefined) return finding
      used.add(allow)
      allowed.push({ finding, reason: allow.reason, comment: allow.where })
      return lower(allowedNote(finding, allow))
    })
    const { findings, accepted } = applyAcceptances(afterAllows, policy, evaluatedAt)
    for (const [index, finding] of findings.entries()) if (finding !== afterAllows[index]) lower(finding)
    const afterAll = findings.map((finding) => {
      const one = overruling(finding, result.check, settlers)
      if (one === null) return finding
      overruled.push(one)
      return lower(settledNote(finding, one))
    })
    return { result, findings: afterAll, accepted, overruled, allowed }
  })
  return {
    answered: answered.map((one) => ({
      ...one,
      findings: [...one.findings, ...one.result.allows.filter((allow) => !used.has(allow)).map(unusedAllow)],
    })),
    lowered,
  }
}

/** Which check proves that the finding is no harm; null if none does. No check settles what it said itself. */
function overruling(finding: Finding, check: string, settlers: readonly CheckResult[]): Overruled | null {
  for (const settler of settlers) {
    if (settler.check === check) continue
    const settled = settler.settled.find((one) => isSettledBy(finding, one))
    if (settled !== undefined) return { finding, by: settler.check, why: settled.why }
  }
  return null
}
