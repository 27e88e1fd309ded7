import { type Claim, seenBy } from '../../gate/cold/claim.ts'
import { inProduction } from '../../gate/cold/dated.ts'
import type { ClaimContext, ClaimToCheck } from '../../gate/cold/looked-again.ts'
import { type Ledger, ledger } from '../../observers/ledger/kind.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Pending, PendingBasis } from '../../observers/pending/kind.ts'
import { common, FLAG, isUpTo, laterClaim } from './ledger-claims.ts'

/** Somebody said so, or nobody did: git, which may be ahead of production, had no part in it. */
const NAMED: ReadonlySet<PendingBasis> = new Set(['baseline', 'ledger', 'all', 'outside-git'])
/** With these nothing is live. */
const NOTHING_LIVE: ReadonlySet<PendingBasis> = new Set(['all', 'outside-git'])

/**
 * What was taken as live is applied in production, and what was taken as pending was not. Where git alone says which is
 * which, main may be ahead of production; not where a deploy goes by it: what is in neither was judged by nobody.
 */
export function appliedClaims(
  tree: MigrationTree,
  found: Pending,
  hasLedger: boolean,
  context: ClaimContext,
): ClaimToCheck[] {
  const { basis, files } = found
  const isStrict = NAMED.has(basis) || context.action === 'deploy'
  const keys = (isPending: boolean): string[] =>
    tree.migrations.filter((one) => files.includes(one.up.file) === isPending).map((one) => one.ledgerKey)
  const [live, pending] = [keys(false), keys(true)]
  const severities = {
    severity: isStrict ? 'blocking' : 'discrepancy',
    // With a ledger in the bundle, its rows are claimed one by one, and nobody may leave those unchecked.
    unchecked: isStrict && !hasLedger ? 'blocking' : 'discrepancy',
  } as const
  // What is pending by the ledger is what production had no row of.
  const isByRows = basis === 'ledger' && hasLedger
  return [
    ...(live.length === 0 ? [] : [liveClaim(live, severities, context)]),
    ...(pending.length === 0 || isByRows
      ? []
      : [pendingClaim({ live, pending, isStrict, basis }, severities, context)]),
  ]
}

type Severities = Pick<Claim, 'severity' | 'unchecked'>

function liveClaim(live: readonly string[], severities: Severities, context: ClaimContext): ClaimToCheck {
  const { subject } = context
  return {
    claim: {
      ...common(context),
      ...severities,
      id: `ledger/live ${subject}`,
      kind: 'ledger',
      comparison: 'equal',
      says: `what was taken as live in ${subject} is applied in production (migrations: ${live.length})`,
      expected: live,
    },
    look: (again) => {
      const seen = inProduction(again, ledger, subject, FLAG)
      if ('status' in seen) return seen
      const { style, rows } = seen.data
      const applied = rows.filter((row) => !row.isDirty).map((row) => row.key)
      return seenBy(
        seen.witness,
        live.filter((key) => applied.some((one) => covers(style, one, key))),
      )
    },
  }
}

/** Whether a row of that version says that a migration is applied. */
const covers = (style: Ledger['style'], row: string, key: string): boolean =>
  style === 'high-water' ? isUpTo(key, row) : row === key

/** What git took as pending for a pull request may stand beside what others deployed; else only what is live was there. */
function pendingClaim(
  of: {
    readonly live: readonly string[]
    readonly pending: readonly string[]
    readonly isStrict: boolean
    readonly basis: PendingBasis
  },
  severities: Severities,
  context: ClaimContext,
): ClaimToCheck {
  const { live, pending, isStrict, basis } = of
  const { subject } = context
  const about = `${pending.length} taken as pending`
  return laterClaim(
    {
      ...severities,
      id: `order/evaluated pending ${subject}`,
      says: NOTHING_LIVE.has(basis)
        ? `nothing was applied in production when ${subject} was judged with nothing as live (${about})`
        : `when ${subject} was judged, production had ${isStrict ? 'nothing but what was taken as live' : 'none of what was taken as pending'} (${about})`,
      besides: ({ style, rows }) =>
        rows.filter(({ key }) =>
          isStrict ? !live.some((one) => covers(style, one, key)) : pending.some((one) => covers(style, key, one)),
        ),
    },
    context,
  )
}
