import { identityIn } from '../certificate/identity.ts'
import type { Kind } from '../observation.ts'
import { type Claim, couldNotLook, seenBy } from './claim.ts'
import { inProduction } from './dated.ts'
import type { ClaimContext, ClaimToCheck } from './looked-again.ts'

export interface OfDatabase extends Pick<Claim, 'id' | 'source' | 'unchecked'> {
  /** What is of a database: `that ledger was read in`. */
  readonly what: string
  /** Which one that is, as a digest; null where it does not say. */
  readonly identity: string | null
}

const FLAG = '--ledger-url'
const WHO_ASKS = 'Let it be read by a login that may execute pg_control_system(): then it says which database it is of.'

/**
 * The claim that something is of the very database whose `ledger` the verifier reads. Where one of the two does not say which
 * it is, that cannot be checked: two that say nothing are not the same.
 */
export function databaseClaim(
  { what, identity, ...about }: OfDatabase,
  ledger: Kind<unknown>,
  { subject, witness }: ClaimContext,
): ClaimToCheck {
  return {
    claim: {
      ...about,
      kind: 'ledger',
      says: `${what} ${identity === null ? 'a database that does not say which one it is' : `the database ${identity}`}`,
      severity: 'blocking',
      comparison: 'equal',
      expected: identity,
      witness,
      needs: `Look at production yourself: run again with ${FLAG}, as a login that may read the ledger.`,
    },
    look: (again) => {
      const seen = inProduction(again, ledger, subject, FLAG)
      if ('status' in seen) return seen
      const now = identityIn(seen.witness)
      if (identity === null) return couldNotLook('the bundle does not say of which database', WHO_ASKS)
      if (now === null) return couldNotLook('this login may not ask production which database it is', WHO_ASKS)
      return seenBy(seen.witness, now)
    },
  }
}
