import type { SeededWorld } from '../../migrations/engine.ts'
import type { Place } from '../host.ts'
import { watchRows } from '../rows/watch.ts'
import { type Context, worldAt } from '../world.ts'

/** A world on a place that was thawed from a seeded state. */
export async function seededWorldAt(context: Context, place: Place): Promise<SeededWorld> {
  const world = await worldAt(context, place)
  return { ...world, watchRows: async () => await watchRows(place.admin, context.ledger) }
}
