import type { CatalogueDifference } from '../../migrations/catalogue-difference.ts'
import type { ObjectName, Probe, ProbeResult } from '../../migrations/effects.ts'
import type { CatalogueEntry, ProbeOutcome, Seeded, SeededWorld } from '../../migrations/engine.ts'
import { reachedTables } from './probe-reach.ts'

export interface ProbesSeen {
  readonly probes: readonly Probe[]
  readonly unprobed: readonly ObjectName[]
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
    unprobed: [...now.unprobed, ...then.unprobed].toSorted(),
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

/** unique_violation: another row has that value, which only says that rows were made up. */
const UNIQUE_VIOLATION = '23505'

const isTaken = ({ operation, what, result }: ProbeOutcome): boolean =>
  result.error?.sqlstate === UNIQUE_VIOLATION &&
  ((operation === 'update' && what !== 'the same values') || what === 'defaults')

const isSuspicious = (outcome: ProbeOutcome): boolean => {
  const { error, rows, isKept, altered } = outcome.result
  return !isTaken(outcome) && (error !== null || rows === 0 || !isKept || altered.length > 0)
}

/** One for each operation on a table: the first that came out otherwise. */
export function compareProbes(before: readonly ProbeOutcome[], after: readonly ProbeOutcome[]): Probe[] {
  const found = new Map<string, Probe>()
  for (const outcome of after) {
    const { object, role, operation, what, result } = outcome
    const was = before.find((one) => one.object === object && one.operation === operation && one.what === what)
    const key = `${operation} ${object}`
    const now = was === undefined || isTaken(outcome) ? null : worse(was.result, result)
    if (was !== undefined && now !== null && !found.has(key))
      found.set(key, { object, role, operation, before: was.result, after: now })
  }
  return [...found.values()]
}

/** The result after the release, with nothing but what is worse than before; null if nothing is. */
function worse(before: ProbeResult, after: ProbeResult): ProbeResult | null {
  if (before.error !== null) return null
  const known = new Set(before.altered.map((one) => one.column))
  const altered = after.altered.filter((one) => !known.has(one.column))
  const isSwallowed = (before.rows > 0 && after.rows === 0) || (before.isKept && !after.isKept)
  return after.error !== null || isSwallowed || altered.length > 0 ? { ...after, altered } : null
}
