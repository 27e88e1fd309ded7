import type { CatalogueDifference } from '../../migrations/catalogue-difference.ts'
import type { ObjectName, Probe, ProbeResult } from '../../migrations/effects.ts'
import type { CatalogueEntry, Probed, ProbeOutcome, Seeded, SeededWorld } from '../../migrations/engine.ts'
import { reachedTables } from './probe-reach.ts'

export interface ProbesSeen {
  readonly probes: readonly Probe[]
  readonly unprobed: Probed['unprobed']
}

const NOTHING: ProbesSeen = { probes: [], unprobed: [] }

/**
 * What the migrating role can no longer do to a row after the release. First looked at after it; what is suspicious
 * there is looked at in the state before it as well, and only what came out otherwise is told.
 */
export async function probeRelease(
  seeded: Seeded,
  world: SeededWorld,
  before: readonly CatalogueEntry[],
  difference: CatalogueDifference,
): Promise<ProbesSeen> {
  const tables = await tablesToProbe(world, before, difference)
  if (tables.length === 0) return NOTHING
  const now = await world.probe(tables)
  const suspects = new Set(now.outcomes.filter(isSuspicious).map((one) => one.object))
  if (suspects.size === 0) return { probes: [], unprobed: now.unprobed }
  await using fresh = await seeded.fork()
  const then = await fresh.probe([...suspects])
  return {
    probes: compareProbes(then.outcomes, now.outcomes),
    unprobed: [...now.unprobed, ...then.unprobed].toSorted((a, b) => (a.object < b.object ? -1 : 1)),
  }
}

/** Tables that the release may have touched; after what changed publications, all: no entry of a table tells of them. */
async function tablesToProbe(
  world: SeededWorld,
  before: readonly CatalogueEntry[],
  difference: CatalogueDifference,
): Promise<ObjectName[]> {
  const { added, removed, changed } = difference
  if (added.length + removed.length + changed.length === 0) return []
  const reached = reachedTables(before, difference, await world.routineBodies())
  const isPublished = [...added, ...removed, ...changed.map((one) => one.after)].some((one) =>
    one.object.startsWith('publication '),
  )
  const all = before.map((one) => one.object).filter((object) => object.startsWith('table '))
  return [...new Set([...reached, ...(isPublished ? all : [])])]
}

/** unique_violation, exclusion_violation: another row has that value, which only says that rows were made up. */
const TAKEN: ReadonlySet<string | null | undefined> = new Set(['23505', '23P01'])
const FOREIGN_KEY_VIOLATION = '23503'

/** Whether a value stood in the way of another row, or one that was thought of for its type refers to nothing. */
function isOfMadeUpRows({ operation, what, result }: ProbeOutcome): boolean {
  const sqlstate = result.error?.sqlstate
  const isNew = what.startsWith('defaults') || what === 'a new row'
  if (TAKEN.has(sqlstate)) return isNew || (operation === 'update' && what !== 'the same values')
  // What an INSERT of defaults names stood in a row; what refers to nothing is then a default.
  return sqlstate === FOREIGN_KEY_VIOLATION && (what === 'a new row' || what.includes(': '))
}

const isSuspicious = (outcome: ProbeOutcome): boolean => {
  const { error, rows, isKept, altered } = outcome.result
  return !isOfMadeUpRows(outcome) && (error !== null || rows === 0 || !isKept || altered.length > 0)
}

/** For each operation on a table what came out otherwise, each way of it once. */
export function compareProbes(before: readonly ProbeOutcome[], after: readonly ProbeOutcome[]): Probe[] {
  const known = new Map(before.map((one) => [keyOf(one), one.result]))
  const found = new Map<string, Probe>()
  for (const outcome of after) {
    const was = known.get(keyOf(outcome))
    const now = was === undefined || isOfMadeUpRows(outcome) ? null : worse(was, outcome.result)
    if (was === undefined || now === null) continue
    const { object, role, operation, what } = outcome
    const key = JSON.stringify([operation, object, wayOf(was, now)])
    const first = found.get(key)
    found.set(
      key,
      first === undefined
        ? { object, role, operation, what, before: was, after: now }
        : { ...first, after: withColumns(first.after, now) },
    )
  }
  return [...found.values()].map((probe) => ({ ...probe, isEverything: isEverything(probe, known, after) }))
}

const keyOf = ({ object, operation, what }: ProbeOutcome): string => JSON.stringify([object, operation, what])

/** An error is another one by what raised it; rows that are not there and columns that hold something else are one way each. */
const wayOf = (before: ProbeResult, { error, rows, isKept }: ProbeResult): unknown =>
  error === null ? isSwallowed(before, { rows, isKept }) : [error.sqlstate, error.constraint]

const isSwallowed = (before: ProbeResult, after: Pick<ProbeResult, 'rows' | 'isKept'>): boolean =>
  (before.rows > 0 && after.rows === 0) || (before.isKept && !after.isKept)

/** With the columns of another try that are not told of yet. */
function withColumns(first: ProbeResult, { altered }: ProbeResult): ProbeResult {
  const known = new Set(first.altered.map((one) => one.column))
  return { ...first, altered: [...first.altered, ...altered.filter((one) => !known.has(one.column))] }
}

/** Whether the same stands in the way of all that could be written in this manner before. */
function isEverything(
  { object, operation, after: { error } }: Probe,
  known: ReadonlyMap<string, ProbeResult>,
  after: readonly ProbeOutcome[],
): boolean {
  const alike = after.filter(
    (one) => one.object === object && one.operation === operation && known.get(keyOf(one))?.error === null,
  )
  return error !== null && alike.every(({ result }) => result.error?.constraint === error.constraint)
}

/** The result after the release, with nothing but what is worse than before; null if nothing is. */
function worse(before: ProbeResult, after: ProbeResult): ProbeResult | null {
  if (before.error !== null) return null
  const known = new Set(before.altered.map((one) => one.column))
  const altered = after.altered.filter((one) => !known.has(one.column))
  return after.error !== null || isSwallowed(before, after) || altered.length > 0 ? { ...after, altered } : null
}
