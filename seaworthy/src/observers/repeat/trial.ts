import type { Rehearsing } from '../../migrations/engine.ts'
import type { Migration, Script } from '../../migrations/model.ts'
import type { Repeating } from '../../migrations/repeating.ts'
import { type State, changedObjects, newlyInvalid, stateOf, tablesWithOtherRows } from './difference.ts'
import type { StopTrial } from './kind.ts'
import type { Stop } from './stops.ts'
import type { Straight } from './straight.ts'

type Tried = Pick<StopTrial, 'outcome' | 'failure' | 'changed' | 'invalid' | 'why'>

const untried = (why: string): Tried => ({ outcome: 'untried', failure: null, changed: [], invalid: [], why })

/** A stop point that nobody tried. */
export const notTried = (stop: Stop, why: string): StopTrial => ({ ...stop.point, ...untried(why) })

/** Stops a migration at one point, in a world of its own, and starts it again as the tool would. */
export async function tryStop(
  rehearsing: Rehearsing,
  straight: Straight,
  migration: Migration,
  stop: Stop,
): Promise<StopTrial> {
  return { ...stop.point, ...(await outcomeOf(rehearsing, straight, migration, stop)) }
}

async function outcomeOf(rehearsing: Rehearsing, straight: Straight, migration: Migration, stop: Stop): Promise<Tried> {
  if (stop.point.kind === 'within') return untried('it may commit within the statement, and nobody can stop it there')
  const expected = await straight.after(migration)
  if (expected === null) return untried('the migrations do not apply')
  await using world = await rehearsing.fork()
  const { repeating } = world
  if (repeating === undefined) return untried('this engine cannot be stopped half-way')
  if ((await world.apply(straight.before(migration))).failure !== null) return untried('the migrations do not apply')
  const why = await leaveHalfWay(repeating, migration, stop)
  if (why !== null) return untried(why)
  const { failure } = await world.apply([migration])
  if (failure !== null) {
    return failure.isInfrastructure
      ? untried(failure.error.message)
      : { outcome: 'failed', failure, changed: [], invalid: [], why: null }
  }
  return await compare(straight, migration, expected, await stateOf(world, repeating))
}

async function compare(straight: Straight, migration: Migration, expected: State, now: State): Promise<Tried> {
  const tables = tablesWithOtherRows(expected, now)
  const isMoreOrLess = (object: string): boolean => rowsIn(expected, object) !== rowsIn(now, object)
  // Where two runs without a stop hold other rows as well (a time, a random key), only their number counts.
  const unsteady = tables.some((object) => !isMoreOrLess(object)) ? await straight.unsteadyTables(migration) : new Set()
  const rows = tables.filter((object) => isMoreOrLess(object) || !unsteady.has(object))
  const changed = [...changedObjects(expected, now), ...rows.map((object) => `rows of ${object}`)]
  return {
    outcome: changed.length === 0 ? 'same' : 'differs',
    failure: null,
    changed,
    invalid: newlyInvalid(expected, now),
    why: null,
  }
}

const rowsIn = ({ contents }: State, object: string): number | undefined =>
  contents.find((table) => table.object === object)?.rows

/** Sends the first part, without a ledger row. Null if that worked; else why the point could not be reached. */
async function leaveHalfWay(repeating: Repeating, migration: Migration, stop: Stop): Promise<string | null> {
  const send = async (script: Script): Promise<string | null> => {
    const failure = await repeating.applyUnrecorded({ ...migration, up: script })
    return failure === null ? null : `its first part does not apply: ${failure.error.message}`
  }
  if (stop.point.kind === 'after') return await send(stop.sent)
  const why = stop.before === null ? null : await send(stop.before)
  if (why !== null) return why
  const known = new Set(await repeating.indexes())
  const failed = await send(stop.alone)
  if (failed !== null) return failed
  const built = (await repeating.indexes()).filter((mark) => !known.has(mark))
  try {
    await repeating.spoilIndexes(built)
    return null
  } catch (error) {
    return `the server does not let us leave an index invalid: ${error instanceof Error ? error.message : String(error)}`
  }
}
