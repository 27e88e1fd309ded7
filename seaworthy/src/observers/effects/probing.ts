import type { CatalogueDifference } from '../../migrations/catalogue-difference.ts'
import type { ObjectName, Probe, ProbeResult } from '../../migrations/effects.ts'
import type { CatalogueEntry, ProbeOutcome, Seeded, SeededWorld } from '../../migrations/engine.ts'

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
  const tables = tablesToProbe(before, difference)
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

const TABLE = 'table '
const CODE = ['function ', 'procedure ', 'type ', 'domain ', 'sequence ', 'cast ', 'operator ']

const isCode = ({ object }: CatalogueEntry): boolean => CODE.some((sort) => object.startsWith(sort))

/** `table public.users` of a part of it, such as a column or an index of a constraint; null where it is of no table. */
function tableOf({ object, definition }: CatalogueEntry): ObjectName | null {
  if (object.startsWith(TABLE)) return object
  const [first = ''] = definition.split('\n', 1)
  if (first.startsWith(`of ${TABLE}`)) return first.slice(3)
  const on = first.startsWith('of constraint ') ? first.lastIndexOf(' on ') : -1
  return on === -1 ? null : `${TABLE}${first.slice(on + 4)}`
}

/**
 * Tables of before whose own entries changed come first. A trigger may write anywhere, so that after any such change, or
 * one of code, all tables with triggers follow; what is published is told by no table.
 */
export function tablesToProbe(before: readonly CatalogueEntry[], difference: CatalogueDifference): ObjectName[] {
  const known = new Set(before.map((one) => one.object).filter((object) => object.startsWith(TABLE)))
  const { added, removed, changed } = difference
  const touched = [...added, ...removed, ...changed.flatMap((one) => [one.before, one.after])]
  const direct = touched.map(tableOf).filter((table) => table !== null && known.has(table))
  const isIndirect = direct.length > 0 || [...removed, ...changed.map((one) => one.after)].some(isCode)
  const triggered = isIndirect ? before.filter((one) => one.object.startsWith('trigger ')).map(tableOf) : []
  const isPublished = touched.some((one) => one.object.startsWith('publication '))
  const all = [...direct, ...triggered, ...(isPublished ? known : [])]
  return [...new Set(all.filter((table) => table !== null && known.has(table)))].filter((table) => table !== null)
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
