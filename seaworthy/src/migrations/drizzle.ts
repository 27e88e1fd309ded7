import { SeaworthyError } from '../gate/error.ts'
import { checksumsOf } from './checksums.ts'
import { type Journal, JOURNAL, type JournalEntry, parseJournal, withEntry } from './drizzle-journal.ts'
import { integerOf, notALedger, quotedName, requireColumns, textOf } from './ledger-values.ts'
import type {
  FileReader,
  FolderListing,
  Format,
  LedgerTable,
  Migration,
  NewFiles,
  Piece,
  ReadFolder,
  TreeProblem,
} from './model.ts'
import { compareNumbers, slugOf, topFiles } from './naming.ts'
import { countingOf, nextVersion } from './slots.ts'
import { strayProblem } from './stray.ts'

const TABLE = 'drizzle.__drizzle_migrations'

const BREAKPOINT = '--> statement-breakpoint'

/** The number in front of a tag; the whole tag where drizzle-kit was told to write none. */
const versionOf = (tag: string): string => /^(\d+)_/.exec(tag)?.[1] ?? tag

const nameOf = (tag: string): string => tag.replace(/^\d*_/, '')

async function read(listing: FolderListing, files: FileReader): Promise<ReadFolder> {
  const raw = await files.text(JOURNAL)
  const journal = 'problem' in raw ? null : parseJournal(raw.text)
  if (journal === null || typeof journal === 'string') {
    const why = journal ?? ('problem' in raw ? raw.problem.message : '')
    return { transaction: 'all-pending', migrations: [], problems: [badJournal(files, why)] }
  }
  const entries = journal.entries.filter((one, at) => at === journal.entries.findIndex(({ tag }) => tag === one.tag))
  const problems: TreeProblem[] = [
    ...journal.entries.filter((one) => !entries.includes(one)).map((one) => listedTwice(one, files)),
    ...journalOrder({ entries }, files),
    ...strays(listing, journal, files),
  ]
  const migrations: Migration[] = []
  for (const entry of entries) {
    const path = `${entry.tag}.sql`
    if (!listing.files.includes(path)) {
      problems.push(orphanEntry(entry, files))
      continue
    }
    const read = await files.text(path)
    if ('problem' in read) problems.push(read.problem)
    else migrations.push(migrationOf(entry, read.text, files.place(path)))
  }
  return { transaction: 'all-pending', migrations, problems, journal: 'text' in raw ? raw.text : undefined }
}

const migrationOf = (entry: JournalEntry, text: string, file: string): Migration => ({
  version: versionOf(entry.tag),
  name: nameOf(entry.tag),
  ledgerKey: String(entry.when),
  up: { file, text, send: 'pieces', pieces: piecesOf(text) },
  down: null,
  ...checksumsOf(text, 'sha256'),
})

/** The parts between the breakpoints as they are, each with its line; drizzle sends them untrimmed. */
function piecesOf(text: string): readonly Piece[] {
  let line = 1
  return text.split(BREAKPOINT).map((part) => {
    const piece = { text: part, line }
    line += part.split('\n').length - 1
    return piece
  })
}

/** drizzle applies what is newer than the newest row of its ledger, so an entry that is not newer than one before it may never run. */
function journalOrder(journal: Journal, files: FileReader): TreeProblem[] {
  const problems: TreeProblem[] = []
  let newest: JournalEntry | null = null
  for (const entry of journal.entries) {
    if (newest !== null && entry.when <= newest.when) {
      problems.push({
        kind: 'journal-order',
        file: files.place(`${entry.tag}.sql`),
        message: `the journal dates ${entry.tag} (${entry.when}) no later than ${newest.tag} (${newest.when}) before it: a database that has ${newest.tag} passes over ${entry.tag} for good`,
        hint: `Set "when" of ${entry.tag} in ${JOURNAL} to a number above ${newest.when}, as long as no database has applied it.`,
        isOpaque: false,
      })
    } else newest = entry
  }
  return problems
}

function strays(listing: FolderListing, journal: Journal, files: FileReader): TreeProblem[] {
  const tags = new Set(journal.entries.map((entry) => `${entry.tag}.sql`))
  return topFiles(listing).flatMap((path) => {
    if (tags.has(path)) return []
    const problem = strayProblem(path, files, () => ({
      message: `${JOURNAL} does not list this file, so drizzle never applies it`,
      hint: 'Let drizzle-kit generate the migration (drizzle-kit generate --custom for one of your own), or remove the file.',
    }))
    if (problem === null) return []
    return [problem.kind === 'misnamed-file' ? { ...problem, kind: 'missing-from-journal' as const } : problem]
  })
}

const listedTwice = ({ tag }: JournalEntry, files: FileReader): TreeProblem => ({
  kind: 'journal-order',
  file: files.place(JOURNAL),
  message: `the journal lists ${tag} more than once: drizzle runs ${tag}.sql once for each entry`,
  hint: `Take the entries of ${tag} out of ${JOURNAL} but for one. A merge of two branches often leaves it twice.`,
  isOpaque: false,
})

const orphanEntry = (entry: JournalEntry, files: FileReader): TreeProblem => ({
  kind: 'orphan-journal-entry',
  file: files.place(JOURNAL),
  message: `the journal lists ${entry.tag}, and there is no ${entry.tag}.sql: drizzle stops before it applies anything`,
  hint: `Restore ${entry.tag}.sql, or take the entry out if no database has applied it.`,
  isOpaque: false,
})

const badJournal = (files: FileReader, why: string): TreeProblem => ({
  kind: 'bad-metadata',
  file: files.place(JOURNAL),
  message: `the journal cannot be used: ${why}; drizzle would apply nothing, and nothing was tried`,
  hint: 'Restore meta/_journal.json from git; after a merge it must hold the entries of both sides, in order of "when".',
  isOpaque: true,
})

const ledger: LedgerTable = {
  name: TABLE,
  style: 'rows',
  keyColumn: 'created_at',
  createSql: [
    'CREATE SCHEMA IF NOT EXISTS "drizzle"',
    `CREATE TABLE IF NOT EXISTS ${quotedName(TABLE)} (
	id SERIAL PRIMARY KEY,
	hash text NOT NULL,
	created_at bigint
)`,
  ],
  recordSql: (migration) => [
    {
      text: `insert into ${quotedName(TABLE)} ("hash", "created_at") values($1, $2)`,
      values: [migration.checksum, migration.ledgerKey],
    },
  ],
  forgetSql: (migration) => [
    { text: `delete from ${quotedName(TABLE)} where "created_at" = $1`, values: [migration.ledgerKey] },
  ],
  readSql: `select id, hash, created_at from ${quotedName(TABLE)} order by created_at`,
  parseRow: (row) => {
    requireColumns(row, ['hash', 'created_at'], '__drizzle_migrations')
    const key = integerOf(row, 'created_at')
    if (key === null) throw notALedger('its created_at is NULL')
    // created_at is when the migration was generated; when it was applied is not kept.
    return { key, name: null, checksum: textOf(row, 'hash'), appliedAt: null, isDirty: false }
  },
}

function nextSlot(...[tree, taken, name, now]: Parameters<Format['nextSlot']>): NewFiles {
  const parsed = tree.journal === undefined ? null : parseJournal(tree.journal)
  if (typeof parsed === 'string') {
    throw new SeaworthyError('unreadable', `${JOURNAL} cannot be used: ${parsed}`, {
      hint: 'Restore it from git before a new migration is added to it.',
    })
  }
  const journal = parsed ?? { entries: [] }
  const tags = journal.entries.map((entry) => entry.tag)
  const known = [...tags.map(versionOf), ...taken]
  // drizzle-kit counts from 0000.
  const version = known.length === 0 ? '0000' : nextVersion(drizzleCounting(tags), known, now)
  const tag = `${version}_${slugOf(name)}`
  const when = Math.max(now.getTime(), ...journal.entries.map((entry) => entry.when + 1))
  return {
    version,
    files: [
      { path: `${tag}.sql`, text: '-- Custom SQL migration file, put your code below! --\n' },
      { path: JOURNAL, text: withEntry(tree.journal ?? null, { tag, when }) },
    ],
  }
}

const drizzleCounting = (tags: readonly string[]): ReturnType<typeof countingOf> =>
  countingOf(tags.map(versionOf), { by: 'sequence', width: 4 })

/** https://github.com/drizzle-team/drizzle-orm. Facts and their sources: docs/reference/formats.md. */
export const drizzle: Format = {
  name: 'drizzle',
  title: 'drizzle-kit',
  ledger,
  detect: (listing) => (listing.files.includes(JOURNAL) ? JOURNAL : null),
  read,
  compareVersions: compareNumbers,
  nextSlot,
}
