import { datedClaim } from '../../gate/cold/dated.ts'
import type { ClaimContext, ClaimToCheck } from '../../gate/cold/looked-again.ts'
import type { Observations } from '../../gate/observation.ts'
import { answers } from '../../observers/answers/kind.ts'

/** When production answered. What it answered is asked again by `seaworthy prove`. */
export function claims(observations: Observations, context: ClaimContext): readonly ClaimToCheck[] {
  const found = observations.maybe(answers)
  if (found === undefined) return []
  return [
    datedClaim(
      {
        kind: answers,
        source: 'migrations-obligations',
        event: 'last answer given',
        says: 'production had given its answers before they were judged by',
        at: ({ answers: given }) =>
          given
            .map((one) => one.answeredAt)
            .toSorted((a, b) => Date.parse(a) - Date.parse(b))
            .at(-1) ?? null,
      },
      found,
      context,
    ),
  ]
}
