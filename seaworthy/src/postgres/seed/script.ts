import type { Seeding } from '../../migrations/effects.ts'
import type { Place } from '../host.ts'
import type { Context } from '../world.ts'

/** The user's own rows. */
export async function runScript(
  _context: Context,
  _place: Place,
  _script: { readonly file: string; readonly text: string },
  seed: number,
): Promise<Seeding> {
  return await Promise.resolve({ source: 'file', seed, tables: [], unseeded: [] })
}
