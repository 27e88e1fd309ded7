import type { Verdict } from '../verdict.ts'
import { timeOf } from '../verify/replay.ts'
import { exitCodeOf, refused, type Step, type VerifyResult } from '../verify/verification.ts'
import type { Review } from './review.ts'

/** How the release stands that a review is about. No answer changes it: a review is of what a bundle says, whatever that is. */
export type ReleaseStanding = Pick<VerifyResult, 'verdict' | 'steps' | 'exitCode'>

/**
 * How the release stands by what its review says of the bundle: only for whoever believes that. Whoever has the bundle asks
 * `verifyBundle`.
 */
export function releaseOf({ about }: Pick<Review, 'about'>, now: Date): ReleaseStanding {
  const { verdict, otherPolicy } = about
  const steps = [
    timeOf(about, now),
    ...(otherPolicy === null ? [] : [refused('policy', 'verify/other-policy', otherPolicy)]),
  ]
  return { verdict, steps, exitCode: exitCodeOf(steps, verdict) }
}

/** What stands in the way of the release, each as a sentence without a full stop. Empty: nothing. */
export const inTheWay = ({ verdict, steps }: ReleaseStanding): string[] => [
  ...(verdict === 'pass' ? [] : [verdictWords(verdict)]),
  ...steps.filter((one) => one.outcome !== 'holds').map((one) => one.message),
]

const verdictWords = (verdict: Verdict | null): string =>
  verdict === null ? 'no verdict could be made again' : `the verdict is ${verdict}`

/** Why the bundle was not judged by the policy that its verifier brought; null where it was. */
export const otherPolicyIn = (steps: readonly Step[]): string | null =>
  steps.find((one) => one.step === 'policy' && one.outcome !== 'holds')?.message ?? null
