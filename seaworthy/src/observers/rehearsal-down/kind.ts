import type { Kind } from '../../gate/observation.ts'
import type { CatalogueEntry, Failure } from '../../migrations/engine.ts'

/** One migration tried in three steps: up, down, up again. */
export interface DownTrial {
  readonly file: string
  readonly version: string
  readonly downFile: string | null
  readonly outcome: 'reverted' | 'no-down-file' | 'up-failed' | 'down-failed' | 'up-again-failed' | 'not-reached'
  readonly failure: Failure | null
  /** Against the catalogue before the up: what the down left over, what it did not bring back, what came back different. */
  readonly leftOver: readonly CatalogueEntry[]
  readonly missing: readonly CatalogueEntry[]
  readonly changed: readonly { readonly before: CatalogueEntry; readonly after: CatalogueEntry }[]
}

export interface RehearsalDown {
  /** Which migrations were asked for: the pending ones, or all. */
  readonly extent: 'pending' | 'all'
  readonly trials: readonly DownTrial[]
}

export { plainError } from '../../migrations/engine.ts'

/** The way back, tried: each down right after its up, in a world of its own. */
export const rehearsalDown: Kind<RehearsalDown> = {
  name: 'rehearsal-down',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).rehearsalDownSchema.parse(data),
}
