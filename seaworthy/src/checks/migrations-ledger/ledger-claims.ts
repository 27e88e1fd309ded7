import type { Json } from '../../gate/chain/chain.ts'
import { identityIn } from '../../gate/certificate/identity.ts'
import { type Claim, couldNotLook, seenBy } from '../../gate/cold/claim.ts'
import { databaseClaim } from '../../gate/cold/database.ts'
import { inProduction } from '../../gate/cold/dated.ts'
import type { ClaimContext, ClaimToCheck } from '../../gate/cold/looked-again.ts'
import { type Ledger, ledger, type LedgerRow } from '../../observers/ledger/kind.ts'

export const FLAG = '--ledger-url'

export const common = ({ witness }: ClaimContext) =>
  ({
    source: 'migrations-ledger',
    severity: 'blocking',
    unchecked: 'blocking',
    witness,
    needs: 'Look at production yourself: run again with --ledger-url, as a login that may read the ledger.',
  }) as const satisfies Partial<Claim>

/**
 * What production's ledger said: its rows are still there, one by one, in the same database; they had been applied before;
 * and what came since was applied afterwards. A row that production had, and the bundle has not, is older than the verdict.
 */
export function ledgerClaims(told: Ledger, source: string, context: ClaimContext): ClaimToCheck[] {
  const { subject } = context
  const identity = identityIn(source)
  return [
    {
      claim: {
        ...common(context),
        id: `ledger/rows ${subject}`,
        kind: 'ledger',
        comparison: 'includes',
        says: `production's ledger has every row that ${subject} was judged by (rows: ${told.rows.length})`,
        expected: rowsOf(told, told),
      },
      look: (again) => {
        const seen = inProduction(again, ledger, subject, FLAG)
        if ('status' in seen) return seen
        const moved = movedOn(told, seen.data)
        if (moved !== null && 'reason' in moved) return couldNotLook(moved.reason, moved.needs)
        return seenBy(seen.witness, moved?.rows ?? rowsOf(seen.data, told))
      },
    },
    databaseClaim(
      {
        id: `ledger/database ${subject}`,
        source: 'migrations-ledger',
        what: 'that ledger was read in',
        identity,
        // A file never says of which database it is; its rows are compared one by one.
        unchecked: identity === null && source.startsWith('file ') ? 'discrepancy' : 'blocking',
      },
      ledger,
      context,
    ),
    earlierClaim(told, context),
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

/** Every row had been applied before it was judged by. */
function earlierClaim(told: Ledger, context: ClaimContext): ClaimToCheck {
  const { subject, evaluatedAt, witness } = context
  const last = 'last of its rows applied'
  return {
    claim: {
      ...common(context),
      unchecked: 'discrepancy',
      id: `order/ledger evaluated ${subject}`,
      kind: 'order',
      comparison: 'order',
      says: 'every row of that ledger was applied before it was judged by',
      expected: {
        before: { event: last, at: latest(told.rows, evaluatedAt) },
        after: { event: 'evaluated', at: evaluatedAt },
      },
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
  }
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
export function laterClaim({ besides, ...about }: Later, context: ClaimContext): ClaimToCheck {
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

/** Whole numbers of any length, as golang-migrate has them. */
export const isUpTo = (key: string, newest: string): boolean =>
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

/**
 * What is said of each row. A name or a checksum that the told row lacks is no less a difference: without it nothing was
 * compared with the files. Of a time that it lacks, production's own word counts.
 */
function rowsOf({ rows, style }: Ledger, told: Ledger): { readonly [name: string]: Json } {
  const ofTold = new Map(named(told.rows))
  return Object.fromEntries(
    named(rows).map(([name, { key, name: called, checksum, appliedAt, isDirty }]): [string, Json] => [
      style === 'high-water' ? 'applied up to' : name,
      {
        key,
        isDirty,
        name: called,
        checksum,
        ...(ofTold.get(name)?.appliedAt === null ? {} : { appliedAt }),
      },
    ]),
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
