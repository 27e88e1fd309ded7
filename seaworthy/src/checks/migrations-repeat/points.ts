import type { Observations } from '../../gate/observation.ts'
import { type Migration, type MigrationTree, migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { sendingOf } from '../../observers/repeat/kind.ts'
import { type HalfWay, halfWayPoints } from '../../sql/half-way.ts'

/** The migrations that are pending; null if one is pending that the tree does not have, or if that is not known. */
export function pendingOf(observations: Observations): readonly Migration[] | null {
  const files = new Set(observations.maybe(pending)?.files)
  const found = observations.maybe(migrationTree)?.migrations.filter((one) => files.has(one.up.file)) ?? []
  return files.size > 0 && found.length === files.size ? found : null
}

/** Where a migration can stop half-way, by its text: what was tried must be all of these. */
export const pointsOf = ({ up }: Migration, { transaction }: MigrationTree): readonly HalfWay[] =>
  halfWayPoints(sendingOf(up, transaction))
