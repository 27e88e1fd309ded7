import { SeaworthyError } from '../gate/error.ts'
import { notALedger, quotedName, requireColumns, textOf, timeOf } from './ledger-values.ts'
import type {
  FileReader,
  FolderListing,
  Format,
  LedgerTable,
  Migration,
  ReadFolder,
  SendMode,
  TreeProblem,
} from './model.ts'
import { compareText, nearestMarker, slugOf, subfolders, topFiles } from './naming.ts'
import { nextVersion } from './slots.ts'
import { otherLanguage, strayProblem } from './stray.ts'
import { topLevelKeys } from './toml-lines.ts'

const TABLE = 'public.__diesel_schema_migrations'

/** What stands before the first `_`, without dashes; diesel compares it as text. */
const versionOf = (folder: string): string => (folder.split('_', 1)[0] ?? '').replaceAll('-', '')

const nameOf = (folder: string): string => (folder.includes('_') ? folder.slice(folder.indexOf('_') + 1) : '')

async function read(listing: FolderListing, files: FileReader): Promise<ReadFolder> {
  const problems: TreeProblem[] = []
  const migrations: Migration[] = []
  for (const path of topFiles(listing)) {
    const problem = strayProblem(path, files, misnamedFile)
    if (problem !== null) problems.push(problem)
  }
  for (const [folder, inside] of subfolders(listing)) {
    if (folder.startsWith('.')) continue
    if (!inside.includes('up.sql')) {
      problems.push(withoutUp(folder, inside, files))
      continue
    }
    const one = await readMigration(folder, inside, files)
    problems.push(...one.problems)
    if (one.migration !== null) migrations.push(one.migration)
  }
  migrations.sort((a, b) => compareText(a.ledgerKey, b.ledgerKey) || compareText(a.up.file, b.up.file))
  return { transaction: 'per-file', migrations, problems }
}

async function readMigration(
  folder: string,
  inside: readonly string[],
  files: FileReader,
): Promise<{ readonly migration: Migration | null; readonly problems: readonly TreeProblem[] }> {
  const problems: TreeProblem[] = []
  const textAt = async (path: string): Promise<string | null> => {
    const read = await files.text(path)
    if ('text' in read) return read.text
    problems.push(read.problem)
    return null
  }
  const metadata = inside.includes('metadata.toml') ? await textAt(`${folder}/metadata.toml`) : undefined
  const { send, problem } = sendMode(metadata, files.place(`${folder}/metadata.toml`))
  if (problem !== null) problems.push(problem)
  const up = await textAt(`${folder}/up.sql`)
  const down = inside.includes('down.sql') ? await textAt(`${folder}/down.sql`) : null
  if (up === null) return { migration: null, problems }
  const script = (name: string, text: string): Migration['up'] => ({
    file: files.place(`${folder}/${name}`),
    text,
    send,
    pieces: null,
  })
  const migration: Migration = {
    version: versionOf(folder),
    name: nameOf(folder),
    ledgerKey: versionOf(folder),
    up: script('up.sql', up),
    down: down === null ? null : script('down.sql', down),
    checksum: null,
    checksumOtherEndings: null,
  }
  return { migration, problems }
}

/** `undefined`: there is no metadata.toml; `null`: it could not be read. */
function sendMode(
  metadata: string | null | undefined,
  file: string,
): { readonly send: SendMode; readonly problem: TreeProblem | null } {
  if (metadata === undefined || metadata === null) return { send: 'transaction', problem: null }
  const problem = (message: string): TreeProblem => ({
    kind: 'bad-metadata',
    file,
    message,
    hint: 'Write run_in_transaction = true or run_in_transaction = false.',
    isOpaque: false,
  })
  const keys = topLevelKeys(metadata)
  const value = keys?.get('run_in_transaction')
  if (value === 'true') return { send: 'transaction', problem: null }
  if (value === 'false') return { send: 'batch', problem: null }
  if (keys === null || value !== undefined) {
    return {
      send: 'transaction',
      problem: problem(
        'this metadata.toml cannot be understood; diesel passes over a broken one and runs the migration in a transaction',
      ),
    }
  }
  return {
    send: 'batch',
    problem: problem(
      'this metadata.toml does not set run_in_transaction, and diesel then runs the migration without a transaction',
    ),
  }
}

function withoutUp(folder: string, inside: readonly string[], files: FileReader): TreeProblem {
  const code = inside.find((path) => /(?:^|\/)(?:up|mod|migration)\.rs$/.test(path))
  if (code !== undefined) return otherLanguage(`${folder}/${code}`, 'Rust', files)
  const isDownOnly = inside.includes('down.sql')
  return {
    kind: isDownOnly ? 'orphan-down' : 'misnamed-file',
    file: files.place(isDownOnly ? `${folder}/down.sql` : folder),
    message: 'this folder has no up.sql: diesel stops at it and runs nothing at all',
    hint: 'Add up.sql, or remove the folder.',
    isOpaque: false,
  }
}

const misnamedFile = (): { message: string; hint: string } => ({
  message: 'diesel passes over this file: a migration is a folder VERSION_name with up.sql in it',
  hint: 'Move it to a folder of its own as up.sql, or out of the migrations.',
})

const ledger: LedgerTable = {
  name: TABLE,
  style: 'rows',
  keyColumn: 'version',
  createSql: [
    `CREATE TABLE IF NOT EXISTS ${quotedName(TABLE)} (
       version VARCHAR(50) PRIMARY KEY NOT NULL,
       run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)`,
  ],
  recordSql: (migration) => [
    { text: `INSERT INTO ${quotedName(TABLE)} (version) VALUES ($1)`, values: [migration.ledgerKey] },
  ],
  forgetSql: (migration) => [
    { text: `DELETE FROM ${quotedName(TABLE)} WHERE version = $1`, values: [migration.ledgerKey] },
  ],
  readSql: `SELECT version, run_on FROM ${quotedName(TABLE)} ORDER BY version`,
  parseRow: (row) => {
    requireColumns(row, ['version'], '__diesel_schema_migrations')
    const key = textOf(row, 'version')
    if (key === null) throw notALedger('its version is NULL')
    return { key, name: null, checksum: null, appliedAt: timeOf(row, 'run_on'), isDirty: false }
  },
}

/** https://github.com/diesel-rs/diesel. Facts and their sources: docs/reference/formats.md. */
export const diesel: Format = {
  name: 'diesel',
  title: 'diesel',
  ledger,
  detect: (listing) => {
    const example = listing.files.find((path) => /^\d[\d-]*_[^/]*\/up\.sql$/.test(path))
    if (example === undefined) return null
    const marker = nearestMarker(listing, ['diesel.toml', 'Cargo.toml'])
    return marker === null ? example : `${example} below ${marker}`
  },
  read,
  compareVersions: compareText,
  nextSlot: (tree, taken, name, now) => {
    const { version, written } = nextFolderVersion(tree.migrations, taken, now)
    const folder = `${written}_${slugOf(name)}`
    const hasDowns = tree.migrations.length === 0 || tree.migrations.some((migration) => migration.down !== null)
    const up = { path: `${folder}/up.sql`, text: '-- Your SQL goes here\n' }
    const down = { path: `${folder}/down.sql`, text: '-- This file should undo anything in `up.sql`\n' }
    return { version, files: hasDowns ? [up, down] : [up] }
  },
}

/**
 * The version in the writing of the newest folder: `2026-01-31-235959-0000` as diesel's command writes it today,
 * without the last part as it used to, without dashes, or a sequence of a fixed width.
 */
function nextFolderVersion(
  migrations: readonly Migration[],
  taken: readonly string[],
  now: Date,
): { readonly version: string; readonly written: string } {
  const newest = migrations.findLast((migration) => !/^0+$/.test(migration.version))
  const known = [
    ...migrations.map((migration) => migration.version),
    ...taken.map((version) => version.replaceAll('-', '')),
  ]
  const folder = newest?.up.file.split('/').at(-2) ?? ''
  const isSequence = newest !== undefined && newest.version.length < 14
  if (isSequence) {
    const version = nextVersion({ by: 'sequence', width: newest.version.length }, known, now)
    if (version.length > newest.version.length) throw outOfDigits(newest.version)
    return { version, written: version }
  }
  const stamps = known.map((version) => version.slice(0, 14))
  const stamped = nextVersion({ by: 'time', digits: 14 }, stamps, now)
  const suffix = newest === undefined || newest.version.length > 14 ? '0000' : ''
  const parts = [stamped.slice(0, 4), stamped.slice(4, 6), stamped.slice(6, 8), stamped.slice(8), suffix]
  const joint = newest === undefined || folder.includes('-') ? '-' : ''
  return { version: stamped + suffix, written: parts.filter((part) => part !== '').join(joint) }
}

const outOfDigits = (version: string): SeaworthyError =>
  new SeaworthyError('usage', `the folder counts with ${version.length} digits and has none left after ${version}`, {
    hint: 'diesel compares versions as text: name the next folder by hand, so that it sorts behind the others.',
  })
