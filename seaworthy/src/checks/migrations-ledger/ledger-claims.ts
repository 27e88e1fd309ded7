import type { Json } from '../../gate/chain/chain.ts'
import { identityIn } from '../../gate/certificate/identity.ts'
import { type Claim, couldNotLook, seenBy } from '../../gate/cold/claim.ts'
import { inProduction } from '../../gate/cold/dated.ts'
import type { ClaimContext, ClaimToCheck } from '../../gate/cold/looked-again.ts'
import { type Ledger, ledger, type LedgerRow } from '../../observers/ledger/kind.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Pending, PendingBasis } from '../../observers/pending/kind.ts'

const FLAG = '--ledger-url'

const common = ({ witness }: ClaimContext) =>
  ({
    source: 'migrations-ledger',
    severity: 'blocking',
    unchecked: 'blocking',
    witness,
    needs: 'Look at production yourself: run again with --ledger-url, as a login that may read the ledger.',
  }) as const satisfies Partial<Claim>

/**
 * What production's ledger said: its rows are still there, one by one; they had been applied before; and what came since was
 * applied afterwards. A row that production had, and the bundle has not, is older than the verdict.
 */
export function ledgerClaims(told: Ledger, source: string, context: ClaimContext): ClaimToCheck[] {
  const { subject, evaluatedAt, witness } = context
  const last = 'last of its rows applied'
  const identity = identityIn(source)
  const evaluated = { event: 'evaluated', at: evaluatedAt }
  return [
    {
      claim: {
        ...common(context),
        id: `ledger/rows ${subject}`,
        kind: 'ledger',
        comparison: 'includes',
        says: `production's ledger has every row that ${subject} was judged by (rows: ${told.rows.length})`,
        expected: { ...(identity === null ? {} : { 'the database': identity }), ...rowsOf(told, told) },
      },
      look: (again) => {
        const seen = inProduction(again, ledger, subject, FLAG)
        if ('status' in seen) return seen
        const moved = movedOn(told, seen.data)
        if (moved !== null && 'reason' in moved) return couldNotLook(moved.reason, moved.needs)
        const database = identity === null ? {} : { 'the database': identityIn(seen.witness) }
        return seenBy(seen.witness, { ...database, ...(moved?.rows ?? rowsOf(seen.data, told)) })
      },
    },
    {
      claim: {
        ...common(context),
        unchecked: 'discrepancy',
        id: `order/ledger evaluated ${subject}`,
        kind: 'order',
        comparison: 'order',
        says: 'every row of that ledger was applied before it was judged by',
        expected: { before: { event: last, at: latest(told.rows, evaluatedAt) }, after: evaluated },
      },
      look: (again) => {
        const seen = inProduction(again, ledger, subject, FLAG)
        if (isWithoutTimes(told)) return couldNotLook(NO_TIMES, NOTHING_NEEDED)
        // The bundle's own times may contradict themselves, whoever can look at production.
        if ('status' in seen) return seenBy(witness, told.rows.length === 0 ? { [last]: null } : {})
        const names = new Set(named(told.rows).map(([name]) => name))
        const same = named(seen.data.rows).flatMap(([name, row]) => (names.has(name) ? [row] : []))
        if (same.length === 0) return seenBy(seen.witness, { [last]: null })
        const at = latest(same, evaluatedAt)
        return at === null ? couldNotLook(undated(same), NOTHING_NEEDED) : seenBy(seen.witness, { [last]: at })
      },
    },
    laterClaim(
      {
        id: `order/evaluated ledger ${subject}`,
        says: 'every row that production has besides was applied after the verdict',
        besides: (seen) => rowsBesides(told, seen),
      },
      context,
    ),
  ]
}

/** Rows that a ledger has and the told one has not. */
function rowsBesides(told: Ledger, seen: Ledger): LedgerRow[] {
  const names = new Set(named(told.rows).map(([name]) => name))
  return named(seen.rows).flatMap(([name, row]) => (names.has(name) ? [] : [row]))
}

interface Later extends Pick<Claim, 'id' | 'says'>, Partial<Pick<Claim, 'severity' | 'unchecked'>> {
  /** The rows of production that are expected to be younger than the verdict. */
  readonly besides: (seen: Ledger) => readonly LedgerRow[]
}

/** What production has besides came after the verdict: else the bundle left it out. */
function laterClaim({ besides, ...about }: Later, context: ClaimContext): ClaimToCheck {
  const { subject, evaluatedAt } = context
  const first = 'first row since then applied'
  const evaluated = { event: 'evaluated', at: evaluatedAt }
  return {
    claim: {
      ...common(context),
      kind: 'order',
      comparison: 'order',
      ...about,
      expected: { before: evaluated, after: { event: first, at: null } },
    },
    look: (again) => {
      const seen = inProduction(again, ledger, subject, FLAG)
      if ('status' in seen) return seen
      const added = besides(seen.data)
      if (added.length === 0) return seenBy(seen.witness, { [first]: null })
      const at = earliest(added, evaluatedAt)
      if (at !== null) return seenBy(seen.witness, { [first]: at })
      return couldNotLook(
        `${undated(added)}: when ${added.map(({ key }) => key).join(', ')} came cannot be told`.slice(
          0,
          MOST_CHARACTERS,
        ),
        'Look into the log of the deploy that brought it, and answer with it: seaworthy review answer.',
      )
    },
  }
}

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

/** Whole numbers of any length, as golang-migrate has them. */
const isUpTo = (key: string, newest: string): boolean =>
  /^\d+$/.test(key) && /^\d+$/.test(newest) && BigInt(key) <= BigInt(newest)

/** Rows by what they are called in a review. A version that is there twice has two names. */
function named(rows: readonly LedgerRow[]): (readonly [name: string, row: LedgerRow])[] {
  const seen = new Map<string, number>()
  return rows.map((row) => {
    const count = (seen.get(row.key) ?? 0) + 1
    seen.set(row.key, count)
    return [count === 1 ? `row ${row.key}` : `row ${row.key} (${count})`, row] as const
  })
}

/** What is said of each row. A snapshot may lack columns: what the told row does not say is not asked of the seen one. */
function rowsOf({ rows, style }: Ledger, told: Ledger): { readonly [name: string]: Json } {
  const ofTold = new Map(named(told.rows))
  return Object.fromEntries(
    named(rows).map(([name, { key, name: called, checksum, appliedAt, isDirty }]): [string, Json] => {
      const asked = ofTold.get(name)
      return [
        style === 'high-water' ? 'applied up to' : name,
        {
          key,
          isDirty,
          ...(asked?.name === null ? {} : { name: called }),
          ...(asked?.checksum === null ? {} : { checksum }),
          ...(asked?.appliedAt === null ? {} : { appliedAt }),
        },
      ]
    }),
  )
}

/**
 * What a ledger of one row says once it holds a newer version: all up to there is applied, and so is what was newest then.
 * Null where it has not moved on.
 */
function movedOn(
  told: Ledger,
  seen: Ledger,
): { readonly rows: { readonly [name: string]: Json } } | { readonly reason: string; readonly needs: string } | null {
  const [then, now] = [told.rows[0], seen.rows[0]]
  if (told.style !== 'high-water' || seen.style !== 'high-water' || now === undefined) return null
  if (then !== undefined && !(then.key !== now.key && isUpTo(then.key, now.key))) return null
  if (now.isDirty || then?.isDirty === true) {
    const [what, which] = now.isDirty ? ['is at', `${now.key} now`] : ['was at', then?.key]
    return {
      reason: `production's ledger ${what} version ${which}, marked dirty: what of it is applied cannot be told`,
      needs: 'Look at production, put the ledger right, and run again with --ledger-url.',
    }
  }
  const name = `version ${now.key}${then === undefined ? '' : ` in the place of ${then.key}`}`
  return { rows: { ...rowsOf(told, told), [name]: now.key } }
}

const NO_TIMES = "this tool's ledger keeps no times"
const NOTHING_NEEDED = 'Nothing: no time can be had from this ledger.'
/** More of the versions that came is not told. */
const MOST_CHARACTERS = 400

const isWithoutTimes = ({ style, rows }: Ledger): boolean =>
  style === 'high-water' && rows.length > 0 && rows.every((row) => row.appliedAt === null)

/** Why rows have no first or last time. */
function undated(rows: readonly LedgerRow[]): string {
  const bare = rows.filter((row) => row.appliedAt === null).length
  return bare === rows.length ? NO_TIMES : `the ledger has rows without a time: ${bare}`
}

const timesOf = (rows: readonly LedgerRow[]): string[] =>
  rows.flatMap((row) => (row.appliedAt === null ? [] : [row.appliedAt])).toSorted()

/** The latest time of the rows; null where one that has none could be later. */
function latest(rows: readonly LedgerRow[], evaluatedAt: string): string | null {
  const times = timesOf(rows)
  const last = times.at(-1) ?? null
  return times.length === rows.length || (last !== null && last > evaluatedAt) ? last : null
}

/** The earliest time of the rows; null where one that has none could be earlier. */
function earliest(rows: readonly LedgerRow[], evaluatedAt: string): string | null {
  const times = timesOf(rows)
  const first = times[0] ?? null
  return times.length === rows.length || (first !== null && first < evaluatedAt) ? first : null
}
