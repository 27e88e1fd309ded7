import { SeaworthyError } from '../gate/error.ts'
import { checksumsOf } from './checksums.ts'
import { notALedger, quotedName, requireColumns, textOf, timeOf } from './ledger-values.ts'
import type { FileReader, FolderListing, Format, LedgerTable, Migration, ReadFolder, TreeProblem } from './model.ts'
import { compareText, nearestMarker, slugOf, subfolders, topFiles } from './naming.ts'
import { countingOf, nextVersion } from './slots.ts'
import { otherLanguage, strayProblem } from './stray.ts'

const TABLE = 'public._prisma_migrations'

/** The name after the time stamp; Prisma itself knows a migration by the whole folder name only. */
const nameOf = (folder: string): string => folder.replace(/^\d+_/, '')

/** The digits in front of a folder name; empty if there are none. */
const numberOf = (folder: string): string => /^\d+/.exec(folder)?.[0] ?? ''

/** As Prisma's command sorts the folders: by locale. Code units decide where that sees no difference. */
const compareFolders = (a: string, b: string): number => a.localeCompare(b, 'en') || compareText(a, b)

async function read(listing: FolderListing, files: FileReader): Promise<ReadFolder> {
  const problems: TreeProblem[] = []
  const migrations: Migration[] = []
  for (const path of topFiles(listing)) {
    const problem = strayProblem(path, files, misnamedFile)
    if (problem !== null) problems.push(problem)
  }
  const folders = [...subfolders(listing)].toSorted(([a], [b]) => compareFolders(a, b))
  for (const [folder, inside] of folders) {
    if (!inside.includes('migration.sql')) {
      problems.push(withoutScript(folder, inside, files))
      continue
    }
    const up = await files.text(`${folder}/migration.sql`)
    if ('problem' in up) {
      problems.push(up.problem)
      continue
    }
    const down = inside.includes('down.sql') ? await files.text(`${folder}/down.sql`) : null
    if (down !== null && 'problem' in down) problems.push(down.problem)
    migrations.push({
      version: folder,
      name: nameOf(folder),
      ledgerKey: folder,
      up: { file: files.place(`${folder}/migration.sql`), text: up.text, send: 'batch', pieces: null },
      down:
        down === null || 'problem' in down
          ? null
          : { file: files.place(`${folder}/down.sql`), text: down.text, send: 'batch', pieces: null },
      ...checksumsOf(up.text, 'sha256'),
    })
  }
  return { transaction: 'per-file', migrations, problems }
}

/** Some projects put a migration in code between Prisma's own, and run both by a runner of their own. */
function withoutScript(folder: string, inside: readonly string[], files: FileReader): TreeProblem {
  const code = inside.find((path) => /^migration\.[cm]?[jt]s$/.test(path))
  if (code !== undefined) {
    return otherLanguage(`${folder}/${code}`, code.endsWith('ts') ? 'TypeScript' : 'JavaScript', files)
  }
  return {
    kind: 'misnamed-file',
    file: files.place(folder),
    message: 'this folder has no migration.sql: Prisma stops when it comes to it (P3015)',
    hint: 'Restore migration.sql, or remove the folder.',
    isOpaque: false,
  }
}

const misnamedFile = (): { message: string; hint: string } => ({
  message: 'Prisma passes over this file: a migration is a folder TIMESTAMP_name with migration.sql in it',
  hint: 'Move it to a folder of its own as migration.sql, or out of the migrations.',
})

const ledger: LedgerTable = {
  name: TABLE,
  style: 'rows',
  keyColumn: 'migration_name',
  createSql: [
    `CREATE TABLE IF NOT EXISTS ${quotedName(TABLE)} (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)`,
  ],
  recordSql: (migration) => [
    {
      text: `INSERT INTO ${quotedName(TABLE)} (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES (gen_random_uuid()::text, $1, $2, now(), now(), 1)`,
      values: [migration.checksum, migration.ledgerKey],
    },
  ],
  forgetSql: (migration) => [
    { text: `DELETE FROM ${quotedName(TABLE)} WHERE migration_name = $1`, values: [migration.ledgerKey] },
  ],
  readSql: `SELECT migration_name, checksum, started_at, finished_at, rolled_back_at FROM ${quotedName(TABLE)} ORDER BY started_at`,
  parseRow: (row) => {
    requireColumns(row, ['migration_name', 'checksum', 'finished_at', 'rolled_back_at'], '_prisma_migrations')
    const key = textOf(row, 'migration_name')
    if (key === null) throw notALedger('its migration_name is NULL')
    if (isTime(row['rolled_back_at'])) return null
    const checksum = textOf(row, 'checksum')?.toLowerCase() ?? null
    return {
      key,
      name: nameOf(key),
      // An old engine wrote the bytes without leading zeros, from which the checksum cannot be told.
      checksum: checksum !== null && /^[0-9a-f]{1,63}$/.test(checksum) ? null : checksum,
      appliedAt: timeOf(row, 'finished_at'),
      isDirty: !isTime(row['finished_at']),
    }
  },
}

const isTime = (value: unknown): boolean => value instanceof Date || (typeof value === 'string' && value !== '')

/** https://github.com/prisma/prisma and prisma-engines. Facts and their sources: docs/reference/formats.md. */
export const prisma: Format = {
  name: 'prisma',
  title: 'Prisma Migrate',
  ledger,
  detect: (listing) => {
    const example = listing.files.find((path) => /^[^/]+\/migration\.sql$/.test(path))
    if (example === undefined) return null
    const marker = nearestMarker(listing, [
      'migration_lock.toml',
      'schema.prisma',
      'prisma.config.ts',
      'prisma.config.js',
    ])
    if (marker !== null) return `${example} with ${marker}`
    // Folders of the coming drizzle-kit hold migration.sql as well, each with its snapshot.
    return listing.files.some((path) => /^[^/]+\/snapshot\.json$/.test(path)) || !/^\d{14}_/.test(example)
      ? null
      : example
  },
  read,
  compareVersions: compareFolders,
  nextSlot: (tree, taken, name, now) => {
    const known = [...tree.migrations.map((migration) => migration.version), ...taken]
    // `0_init` is how Prisma's guide calls a baseline, and says nothing about the others.
    const counted = tree.migrations
      .map((migration) => numberOf(migration.version))
      .filter((digits) => !/^0*$/.test(digits))
    const counting = countingOf(counted, { by: 'time', digits: 14 })
    const version = `${nextVersion(counting, known.map(numberOf), now)}_${slugOf(name)}`
    const later = known.find((one) => compareFolders(one, version) >= 0)
    if (later !== undefined) throw notLast(version, later)
    const up = { path: `${version}/migration.sql`, text: '' }
    const hasDowns = tree.migrations.at(-1)?.down !== null && tree.migrations.length > 0
    return { version, files: hasDowns ? [up, { path: `${version}/down.sql`, text: '' }] : [up] }
  },
}

const notLast = (version: string, later: string): SeaworthyError =>
  new SeaworthyError('usage', `the next folder would be ${version}, and Prisma would sort it before ${later}`, {
    hint: 'Prisma compares the names as text: name the folder by hand, so that it comes last.',
  })
