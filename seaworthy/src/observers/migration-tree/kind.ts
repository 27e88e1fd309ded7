import type { Kind } from '../../gate/observation.ts'
import type { MigrationTree } from '../../migrations/model.ts'

export type {
  Migration,
  MigrationTree,
  Piece,
  Script,
  SendMode,
  TreeProblem,
  TreeProblemKind,
} from '../../migrations/model.ts'

/** A migration folder as it stands in the candidate's tree. */
export const migrationTree: Kind<MigrationTree> = {
  name: 'migration-tree',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).migrationTreeSchema.parse(data),
}
