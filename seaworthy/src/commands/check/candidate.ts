import { realpath } from 'node:fs/promises'
import path from 'node:path'
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

/**
 * The same, and dirty too if a migration is not in the commit, such as a file that git was told to ignore: it is judged and
 * applied all the same.
 */
export async function withMigrations(
  out: Pick<Candidate, 'commit' | 'tree' | 'isDirty'>,
  repository: Repository | null,
  trees: readonly MigrationTree[],
): Promise<Pick<Candidate, 'commit' | 'tree' | 'isDirty'>> {
  if (repository === null || out.commit === null || out.isDirty === true) return out
  const known = new Set((await repository.list(out.commit, '.')).map((one) => one.path))
  const files = trees.flatMap(({ migrations }) =>
    migrations.flatMap(({ up, down }) => [up.file, ...(down === null ? [] : [down.file])]),
  )
  const real = await Promise.all(files.map(async (file) => await placeIn(repository.root, file)))
  return { ...out, isDirty: real.some((file) => !known.has(file)) }
}

/** What a folder holds, also what its tool does with files that are none of its migrations. */
export const migrationsDigest = ({ migrations, problems }: MigrationTree): string =>
  digestOf({ migrations, problems: problems.map(({ kind, file, others }) => ({ kind, file, others })) })

/** Where a file really lies, relative to the root: a folder above it may be a symbolic link. */
async function placeIn(root: string, file: string): Promise<string> {
  const real = await realpath(path.join(root, file)).catch(() => path.join(root, file))
  return path.relative(root, real).split(path.sep).join('/')
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
    digest: migrationsDigest(tree),
  })),
})
