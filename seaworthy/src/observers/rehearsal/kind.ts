import type { Kind } from '../../gate/observation.ts'
import type { Rehearsal } from './rehearsal.ts'

export type { Failure, Provided, Rehearsal, Step } from './rehearsal.ts'

export { plainError } from '../../migrations/engine.ts'

/** The whole history and what is pending, applied to a real server as production would apply it. */
export const rehearsal: Kind<Rehearsal> = {
  name: 'rehearsal',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).rehearsalSchema.parse(data),
}
