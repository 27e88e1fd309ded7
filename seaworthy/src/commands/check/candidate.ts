import { digestOf } from '../../gate/canonical.ts'
import type { BuildInfo, Candidate, CandidateImage } from '../../gate/certificate/candidate.ts'
import type { Repository } from '../../git/repository.ts'
import type { MigrationTree } from '../../migrations/model.ts'

/** What a user says of the candidate besides what lies in the folder. */
export interface NamedCandidate {
  readonly images: readonly CandidateImage[]
  readonly buildInfo: BuildInfo | null
}

/** What is checked out: asked for while everything else is looked at. */
export async function checkedOut(
  repository: Repository | null,
): Promise<Pick<Candidate, 'commit' | 'tree' | 'isDirty'>> {
  if (repository === null) return { commit: null, tree: null, isDirty: null }
  const [head, isDirty] = await Promise.all([repository.head(), repository.isDirty()])
  return { commit: head?.commit ?? null, tree: head?.tree ?? null, isDirty }
}

/** The identity of what was judged. */
export const candidateOf = (
  out: Pick<Candidate, 'commit' | 'tree' | 'isDirty'>,
  trees: readonly MigrationTree[],
  named: NamedCandidate,
): Candidate => ({
  ...out,
  images: named.images.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  buildInfo: named.buildInfo,
  migrations: trees.map((tree) => ({
    folder: tree.folder,
    format: tree.format,
    digest: digestOf(tree.migrations),
  })),
})
