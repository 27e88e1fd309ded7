import { SeaworthyError } from '../../gate/error.ts'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import { type Detected, readTree } from '../../migrations/detect.ts'
import { migrationTree } from './kind.ts'

/**
 * Reads a migration folder that was found. `root` is the repository root, as an absolute path. A folder that cannot be
 * read becomes an observation that failed, with the reason; a bug is thrown on.
 */
export async function observeMigrationTree(
  root: string,
  detected: Pick<Detected, 'folder' | 'format' | 'detectedBy'>,
): Promise<Observation> {
  const witness = `folder ${detected.folder}`
  try {
    return observed(migrationTree, witness, await readTree(root, detected))
  } catch (error) {
    if (!(error instanceof SeaworthyError)) throw error
    return notObserved(migrationTree, witness, error.message, error.hint)
  }
}
