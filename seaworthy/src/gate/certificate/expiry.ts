import type { Evaluation } from '../evaluate.ts'
import type { Policy } from '../policy.ts'

/**
 * Until when a verdict may be acted on: so many hours after it was made, and never longer than anything that the policy
 * accepted in it. ISO 8601, UTC.
 */
export function expiryOf(evaluation: Evaluation, policy: Policy, evaluatedAt: string): string {
  const byAge = Date.parse(evaluatedAt) + policy.certificate.validHours * 3_600_000
  // An acceptance counts up to the end of its last day, UTC.
  const byAcceptance = evaluation.accepted.map(({ acceptance }) => Date.parse(`${acceptance.expires}T23:59:59.999Z`))
  return new Date(Math.min(byAge, ...byAcceptance)).toISOString()
}
