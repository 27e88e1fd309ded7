import { existsSync } from 'node:fs'
import path from 'node:path'
import type { CandidateMigrations, Running } from '../../gate/certificate/candidate.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { findMigrationFolders, readTree } from '../../migrations/detect.ts'
import { isFormatName } from '../../migrations/formats.ts'
import { checkedOut, candidateOf, type NamedCandidate } from '../check/candidate.ts'
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
  const [out, migrations] = await Promise.all([checkedOut(around.repository), migrationsIn(around, start, recorded)])
  return { ...out, migrations, images: named.images, buildInfo: named.buildInfo }
}

/** Undefined where a part of the tree could not be looked at: then nobody knows what else is there. */
async function migrationsIn(
  { root, repository }: Surroundings,
  start: string,
  recorded: readonly Recorded[],
): Promise<CandidateMigrations[] | undefined> {
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
    const read = [...recorded, ...others].map(async (one) => await migrationsAt(root, one))
    return (await Promise.all(read)).filter((one) => one !== null)
  } catch (error) {
    if (error instanceof SeaworthyError) return undefined
    throw error
  }
}

const NOBODY = { commit: null, tree: null, isDirty: null }

/** Null for a folder that is not there. */
async function migrationsAt(root: string, { folder, format }: Recorded): Promise<CandidateMigrations | null> {
  if (!existsSync(path.join(root, folder))) return null
  if (!isFormatName(format)) throw new SeaworthyError('config', `no tool is called ${format}`)
  const tree = await readTree(root, { folder, format, detectedBy: 'the certificate' })
  return candidateOf(NOBODY, [tree], { images: [], buildInfo: null }).migrations[0] ?? null
}
