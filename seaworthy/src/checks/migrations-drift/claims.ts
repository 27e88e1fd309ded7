import type { Json } from '../../gate/chain/chain.ts'
import { preconditionsOf } from '../../gate/certificate/precondition.ts'
import { seenBy } from '../../gate/cold/claim.ts'
import { databaseClaim } from '../../gate/cold/database.ts'
import { datedClaim, inProduction } from '../../gate/cold/dated.ts'
import type { ClaimContext, ClaimToCheck } from '../../gate/cold/looked-again.ts'
import { Observations } from '../../gate/observation.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { omissionClaims } from './omissions.ts'
import { preconditions } from './preconditions.ts'

const SOURCE = 'migrations-drift'

/** What the shape says of production: its parts, by their digests, and when it was captured. */
export function claims(observations: Observations, context: ClaimContext): readonly ClaimToCheck[] {
  const found = observations.maybe(shape)
  if (found === undefined) return []
  const { subject, witness } = context
  return [
    {
      claim: {
        id: `shape/parts ${subject}`,
        kind: 'shape',
        says: `production is what its shape says, as it was given for ${subject}: things, roles, settings, the database; not how large tables are, what queries it serves, and what the shape lacks`,
        source: SOURCE,
        severity: 'blocking',
        unchecked: 'discrepancy',
        comparison: 'includes',
        expected: digestsOf(observations, subject),
        witness,
        needs: 'Look at production yourself: run again with --shape-url, as a login that may read what capture reads.',
      },
      look: (again) => {
        const seen = inProduction(again, shape, subject, '--shape-url')
        if ('status' in seen) return seen
        return seenBy(seen.witness, digestsOf(again.production.get(subject) ?? new Observations([]), subject))
      },
    },
    ...omissionClaims(observations, found, context),
    databaseClaim(
      {
        id: `ledger/database shape ${subject}`,
        source: SOURCE,
        what: 'the shape was captured from',
        identity: found.witness,
        unchecked: 'discrepancy',
      },
      ledger,
      context,
    ),
    datedClaim(
      {
        kind: shape,
        source: SOURCE,
        event: 'shape captured',
        says: "production's shape was captured before it was judged by",
        at: (data) => data.capturedAt,
      },
      found,
      context,
    ),
  ]
}

/** Digests by the part's name; several parts of one name count together. */
function digestsOf(observations: Observations, subject: string): Json {
  const parts = preconditionsOf(subject, observations, preconditions).flatMap((one) => one.parts)
  const byName = Map.groupBy(parts, (part) => part.name)
  return Object.fromEntries([...byName].map(([name, same]) => [name, same.map((one) => one.digest).join(' ')]))
}
