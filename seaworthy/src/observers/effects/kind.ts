import type { Kind } from '../../gate/observation.ts'
import type { Effects } from '../../migrations/effects.ts'

export type * from '../../migrations/effects.ts'
export { ROWS_WATCHED } from '../../migrations/effects.ts'
export type { CatalogueDifference } from '../../migrations/catalogue-difference.ts'
export type { CatalogueEntry } from '../../migrations/engine.ts'

/** What the pending migrations did: traced, to the catalogue, and to rows. */
export const effects: Kind<Effects> = {
  name: 'effects',
  version: 2,
  parse: async (data) => (await import('./schema.ts')).effectsSchema.parse(data),
}
