import { knownTo } from '../../observers/migration-tree/observe.ts'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { CandidateMigrations, Running } from '../../gate/certificate/candidate.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { findMigrationFolders, readTree } from '../../migrations/detect.ts'
import { isFormatName } from '../../migrations/formats.ts'
import type { MigrationTree } from '../../migrations/model.ts'
import { candidateOf, checkedOut, type NamedCandidate, withMigrations } from '../check/candidate.ts'
import type { Repository } from '../../git/repository.ts'
import type { Surroundings } from '../surroundings.ts'

/** A folder as a certificate names it. */
type Recorded = Pick<CandidateMigrations, 'folder' | 'format'>

/**
 * What lies in the checkout and is about to run: what git has checked out, the migration folders that were judged, read
 * anew as they were read then, and every other one below `start` (relative to the root), which nobody judged.
 */
export async function runningIn(
  around: Surroundings,
  start: string,
  recorded: readonly Recorded[],
  named: NamedCandidate,
): Promise<Running> {
  const [out, trees] = await Promise.all([checkedOut(around.repository), treesIn(around, start, recorded)])
  const { commit, tree, isDirty } = await withMigrations(out, around.repository, trees ?? [])
  const migrations = trees === undefined ? undefined : candidateOf(NOBODY, trees, named).migrations
  return { commit, tree, isDirty, migrations, images: named.images, buildInfo: named.buildInfo }
}

/** Undefined where a part of the tree could not be looked at: then nobody knows what else is there. */
async function treesIn(
  { root, repository }: Surroundings,
  start: string,
  recorded: readonly Recorded[],
): Promise<MigrationTree[] | undefined> {
  try {
    const unreadable: string[] = []
    const found = await findMigrationFolders(root, undefined, start, (folder) => unreadable.push(folder))
    const head = unreadable.length === 0 ? null : ((await repository?.head()) ?? null)
    for (const folder of unreadable) {
      // What git has no files of is no part of the candidate, such as the data folder of a database.
      if (repository === null || head === null || (await repository.list(head.commit, folder)).length > 0)
        return undefined
    }
    const others = found
      .filter(({ engineHint }) => engineHint === null || engineHint === 'postgres')
      .filter(({ folder }) => !recorded.some((one) => one.folder === folder))
    const read = [...recorded, ...others].map(async (one) => await treeAt(root, one, repository))
    return (await Promise.all(read)).filter((one) => one !== null)
  } catch (error) {
    if (error instanceof SeaworthyError) return undefined
    throw error
  }
}

const NOBODY = { commit: null, tree: null, isDirty: null }

/** Null for a folder that is not there. */
async function treeAt(
  root: string,
  { folder, format }: Recorded,
  repository: Repository | null,
): Promise<MigrationTree | null> {
  if (!existsSync(path.join(root, folder))) return null
  if (!isFormatName(format)) throw new SeaworthyError('config', `no tool is called ${format}`)
  return await readTree(root, { folder, format, detectedBy: 'the certificate' }, knownTo(repository))
}
