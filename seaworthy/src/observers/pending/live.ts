import { SeaworthyError } from '../../gate/error.ts'
import type { Format, Ledger, Migration, MigrationTree } from '../../migrations/model.ts'

type Compare = Format['compareVersions']

/**
 * The up files that are live when everything up to and including `version` is. A version may be given as the tool writes
 * it, without leading zeros, or as the name of its file or folder. Throws SeaworthyError('usage') with the nearest ones
 * if no migration has it.
 */
export function upTo(tree: MigrationTree, compareVersions: Compare, version: string): ReadonlySet<string> {
  const last = tree.migrations.findLastIndex(
    (migration) =>
      migration.version === version ||
      migration.ledgerKey === version ||
      (/^\d/.test(version) && compareVersions(migration.version, version) === 0) ||
      inside(tree, migration).some((part) => part === version || part === `${version}.sql`),
  )
  if (last < 0) throw unknownBaseline(tree, compareVersions, version)
  return new Set(tree.migrations.slice(0, last + 1).map((migration) => migration.up.file))
}

/** The parts of a migration's path below the folder: what the folder itself is called is nobody's version. */
const inside = ({ folder }: MigrationTree, { up }: Migration): string[] =>
  (folder === '.' ? up.file : up.file.slice(folder.length + 1)).split('/')

/**
 * Of what is live by its name alone, what cannot be: a file that git has only known since the base, and that stands before
 * one of the baseline that the base has. Production came past its place before it was there. A new file that stands behind
 * all of those may have been applied from a branch.
 */
export function cameTooLate(
  tree: MigrationTree,
  live: ReadonlySet<string>,
  newFiles: ReadonlySet<string>,
): ReadonlySet<string> {
  const files = tree.migrations.map((migration) => migration.up.file)
  const newest = files.findLastIndex((file) => live.has(file) && !newFiles.has(file))
  return new Set(files.filter((file, index) => index < newest && live.has(file) && newFiles.has(file)))
}

function unknownBaseline(tree: MigrationTree, compareVersions: Compare, version: string): SeaworthyError {
  const versions = tree.migrations.map((migration) => migration.version)
  const after = /^\d/.test(version) ? versions.findIndex((one) => compareVersions(one, version) > 0) : 0
  const near =
    after < 0
      ? versions.slice(-3)
      : after === 0
        ? versions.slice(0, 3)
        : versions.slice(Math.max(0, after - 2), after + 2)
  const hint =
    near.length === 0
      ? `There is no migration in ${tree.folder}.`
      : `The nearest ones are ${near.join(', ')}. If nothing is live yet, use --all.`
  return new SeaworthyError('usage', `no migration in ${tree.folder} has the version ${JSON.stringify(version)}`, {
    hint,
  })
}

/**
 * The up files that the ledger says are applied. A row that is begun and not finished does not count: nobody knows what
 * of it is there.
 */
export function applied(tree: MigrationTree, compareVersions: Compare, ledger: Ledger): ReadonlySet<string> {
  if (ledger.style === 'high-water') {
    const newest = ledger.rows[0]
    if (newest === undefined) return new Set()
    const isLive = (version: string): boolean => {
      const order = compareVersions(version, newest.key)
      return newest.isDirty ? order < 0 : order <= 0
    }
    return new Set(tree.migrations.filter((one) => isLive(one.version)).map((one) => one.up.file))
  }
  const keys = new Set(ledger.rows.filter((row) => !row.isDirty).map((row) => row.key))
  return new Set(tree.migrations.filter((one) => keys.has(one.ledgerKey)).map((one) => one.up.file))
}
