import { databaseClaim } from '../../gate/cold/database.ts'
import { datedClaim } from '../../gate/cold/dated.ts'
import type { ClaimContext, ClaimToCheck } from '../../gate/cold/looked-again.ts'
import type { Observations } from '../../gate/observation.ts'
import { answers } from '../../observers/answers/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'

const SOURCE = 'migrations-obligations'

/** Who answered, and when. What was answered is asked again by `seaworthy prove`. */
export function claims(observations: Observations, context: ClaimContext): readonly ClaimToCheck[] {
  const found = observations.maybe(answers)
  if (found === undefined) return []
  return [
    databaseClaim(
      {
        id: `ledger/database answers ${context.subject}`,
        source: SOURCE,
        what: 'answers were given by',
        identity: found.server.identity,
        // Only a deploy rests on them.
        unchecked: context.action === 'deploy' ? 'blocking' : 'discrepancy',
      },
      ledger,
      context,
    ),
    datedClaim(
      {
        kind: answers,
        source: SOURCE,
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
