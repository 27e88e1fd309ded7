import { DatabaseSync } from 'node:sqlite'
import { SeaworthyError } from '../gate/error.ts'
import { type AppliedMigration, pendingOf, type StateMigration, stateMigrations } from './migrations.ts'
import { differencesOf, hasExactly, objectsIn, type SchemaObject } from './schema-objects.ts'

/** Marks a file as a ledger of ours in SQLite's header: "SWLG". */
const APPLICATION_ID = 0x53_57_4c_47

/**
 * Who writes past us is refused by the file itself. It is a fence, no proof: the chain is the proof. A ledger is held against
 * these very texts, so another one comes under another name.
 */
const GUARDS = `
CREATE TRIGGER IF NOT EXISTS entries_are_not_changed BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_are_not_removed BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
`

/** Makes a ledger of an empty database, within one transaction. */
export function createSchema(db: DatabaseSync, now: Date): void {
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
  applyPending(db, [], now)
}

/**
 * Looks whether the database is a ledger, with our schema and nothing besides, and brings an older one up to date if it may be
 * written and is not to stay `asIs`.
 * @throws SeaworthyError('unreadable') if it is another program's, 'state' if it is of a newer version or has another schema.
 */
export function checkSchema(
  db: DatabaseSync,
  file: string,
  options: { isReadOnly: boolean; asIs: boolean; isAnySchema: boolean; now: Date },
): void {
  const id = db.prepare('PRAGMA application_id').get()?.['application_id']
  if (id !== APPLICATION_ID) {
    throw new SeaworthyError('unreadable', `${file} is a database of another program, and no ledger`, {
      hint: 'Name another file with --state. Nothing was changed.',
    })
  }
  if (options.isAnySchema) return
  mustBeOurs(db, file)
  const pending = pendingOf(stateMigrations(), applied(db))
  if (pending.length === 0 || options.asIs) return
  if (options.isReadOnly) {
    throw new SeaworthyError('state', `the ledger ${file} is of an older version, and may not be written to`, {
      hint: 'Run any command once as a user who may write to it; that brings it up to date.',
    })
  }
  applyPending(db, null, options.now)
}

/**
 * What the database has besides our schema, or otherwise: each in words. A trigger could swallow entries, a view could show
 * others. Empty: it is what its migrations and guards make.
 * @throws SeaworthyError('state') if it is of a newer version.
 */
export function schemaProblems(db: DatabaseSync): string[] {
  const found = objectsIn(db)
  const [first] = stateMigrations()
  const noted = objectsOf(first === undefined ? [] : [first]).find(({ name }) => name === 'state_migrations')
  // What is applied is only asked of a table of ours: reading a view runs what somebody else has written.
  if (noted === undefined || !hasExactly(found, noted)) return differencesOf(found, objectsOf(stateMigrations()))
  const pending = new Set(pendingOf(stateMigrations(), applied(db)))
  const had = stateMigrations().filter((one) => !pending.has(one))
  // None without the first one was ever made: it came with the file.
  return differencesOf(found, objectsOf(had.length === 0 ? stateMigrations() : had))
}

/** @throws SeaworthyError('state') if it has another schema. */
export function mustBeOurs(db: DatabaseSync, file: string): void {
  const problems = schemaProblems(db)
  if (problems.length === 0) return
  throw new SeaworthyError('state', `the ledger ${file} has another schema than Seaworthy makes: ${told(problems)}`, {
    hint: 'Look who changed it; seaworthy ledger verify names every break, ledger restore FILE brings back a backup.',
  })
}

const told = (problems: readonly string[]): string => problems.slice(0, 5).join('; ')

/** Whether the entries lie in a table of ours, so that reading them runs nothing else. */
export function hasEntries(db: DatabaseSync): boolean {
  const entries = objectsOf(stateMigrations()).find(({ name }) => name === 'entries')
  return entries !== undefined && hasExactly(objectsIn(db), entries)
}

const made = new Map<string, readonly SchemaObject[]>()

/** What these migrations and the guards make, in a database of their own. */
function objectsOf(migrations: readonly StateMigration[]): readonly SchemaObject[] {
  const key = migrations.map(({ name }) => name).join('\n')
  const known = made.get(key)
  if (known !== undefined) return known
  using db = new DatabaseSync(':memory:')
  for (const { sql } of migrations) db.exec(sql)
  db.exec(GUARDS)
  const objects = objectsIn(db)
  made.set(key, objects)
  return objects
}

/** In one transaction, so that two commands do not do it twice. */
function applyPending(db: DatabaseSync, known: readonly AppliedMigration[] | null, now: Date): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const { name, sql, digest } of pendingOf(stateMigrations(), known ?? applied(db))) {
      db.exec(sql)
      const insert = db.prepare('INSERT INTO state_migrations (name, digest, applied_at) VALUES (?, ?, ?)')
      insert.run(name, digest, now.toISOString())
    }
    db.exec(GUARDS)
    db.exec('COMMIT')
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK')
  }
}

const applied = (db: DatabaseSync): AppliedMigration[] =>
  db
    .prepare('SELECT name, digest FROM state_migrations ORDER BY name')
    .all()
    .map(({ name, digest }) => ({ name: String(name), digest: String(digest) }))
