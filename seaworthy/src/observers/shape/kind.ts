import type { Kind } from '../../gate/observation.ts'
import type { Shape } from '../../migrations/shape.ts'

export type * from '../../migrations/shape.ts'

/** What production is like, without its data, as `seaworthy capture` wrote it. */
export const shape: Kind<Shape> = {
  name: 'shape',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).observedShapeSchema.parse(data),
}
