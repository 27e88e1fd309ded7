import type { Seeding } from '../../migrations/effects.ts'
import type { Place } from '../host.ts'
import type { Context } from '../world.ts'

/** Gives the tables synthetic rows. */
export async function makeRows(_context: Context, _place: Place, seed: number): Promise<Seeding> {
  return await Promise.resolve({ source: 'synthetic', seed, tables: [], unseeded: [] })
}
