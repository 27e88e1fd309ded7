import type { SeededWorld } from '../../migrations/engine.ts'
import type { Place } from '../host.ts'
import { watchRows } from '../rows/watch.ts'
import type { Run } from '../runner.ts'
import { type Context, worldAt } from '../world.ts'

/** A world on a place that was thawed from a seeded state, with the session of `run` or one of its own. */
export async function seededWorldAt(context: Context, place: Place, run: Run | null = null): Promise<SeededWorld> {
  const world = await worldAt(context, place, run)
  return { ...world, watchRows: async () => await watchRows(context, place) }
}
