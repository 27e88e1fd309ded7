import type { CandidateMigrations } from '../gate/certificate/candidate.ts'
import type { FolderPast, JudgedFolder } from '../gate/chain/emergency.ts'
import type { Subject } from '../gate/evaluate.ts'
import { type MigrationTree, migrationTree } from '../observers/migration-tree/kind.ts'
import { isDecidedByGit, type Pending, pending } from '../observers/pending/kind.ts'

/** How many pending migrations were judged, in all folders together. */
export const pendingIn = ({ subjects }: { readonly subjects: readonly Subject[] }): number =>
  subjects.reduce((sum, { observations }) => sum + (observations.maybe(pending)?.files.length ?? 0), 0)

/** Folders as entries of our ledger name them. */
export const foldersPast = (migrations: readonly CandidateMigrations[]): FolderPast[] =>
  migrations.map(({ folder, digest }) => ({ folder, digest }))

/** The folders of a candidate that were judged, each with what was judged of it; without those of which that is not known. */
export const judgedFolders = (
  migrations: readonly CandidateMigrations[],
  subjects: readonly Subject[],
): JudgedFolder[] =>
  foldersPast(migrations).flatMap((past) => {
    const judged = subjects.find(({ name }) => name === past.folder)?.observations
    const [found, tree] = [judged?.maybe(pending), judged?.maybe(migrationTree)]
    if (found === undefined || tree === undefined) return []
    return [{ ...past, pending: found.files.length, isLeftOut: isNewestLeftOut(found, tree) }]
  })

/** Git compares with another commit; everything else may call live what an emergency has brought there. */
function isNewestLeftOut({ basis, files, isBaseCandidate = false }: Pending, { migrations }: MigrationTree): boolean {
  const newest = migrations.at(-1)
  if (newest === undefined || files.includes(newest.up.file)) return false
  return !isDecidedByGit(basis) || isBaseCandidate
}
