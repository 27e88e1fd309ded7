import { SeaworthyError } from '../../gate/error.ts'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import type { Repository } from '../../git/repository.ts'
import { type Detected, readTree } from '../../migrations/detect.ts'
import type { Known } from '../../migrations/listing.ts'
import { migrationTree } from './kind.ts'

/**
 * Reads a migration folder that was found. `root` is the repository root, as an absolute path. A folder that cannot be
 * read becomes an observation that failed, with the reason; a bug is thrown on. In a repository a symbolic link is followed only
 * to what git tracks.
 */
export async function observeMigrationTree(
  root: string,
  detected: Pick<Detected, 'folder' | 'format' | 'detectedBy'>,
  repository: Pick<Repository, 'tracked'> | null = null,
): Promise<Observation> {
  const witness = `folder ${detected.folder}`
  try {
    return observed(migrationTree, witness, await readTree(root, detected, knownTo(repository)))
  } catch (error) {
    if (!(error instanceof SeaworthyError)) throw error
    return notObserved(migrationTree, witness, error.message, error.hint)
  }
}

/** What a symbolic link may lead to: in a repository what git tracks, elsewhere everything. */
export const knownTo = (repository: Pick<Repository, 'tracked'> | null): Known | undefined =>
  repository === null ? undefined : async (files) => await repository.tracked(files)
