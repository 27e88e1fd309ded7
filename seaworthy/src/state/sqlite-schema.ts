import type { DatabaseSync } from 'node:sqlite'
import { SeaworthyError } from '../gate/error.ts'
import { type AppliedMigration, pendingOf, stateMigrations } from './migrations.ts'

/** Marks a file as a ledger of ours in SQLite's header: "SWLG". */
const APPLICATION_ID = 0x53_57_4c_47

/** Who writes past us is refused by the file itself. It is a fence, no proof: the chain is the proof. */
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
 * Looks whether the database is a ledger, and brings an older one up to date if it may be written and is not to stay `asIs`.
 * @throws SeaworthyError('unreadable') if it is another program's, 'state' if it is of a newer version.
 */
export function checkSchema(
  db: DatabaseSync,
  file: string,
  options: { isReadOnly: boolean; asIs: boolean; now: Date },
): void {
  const id = db.prepare('PRAGMA application_id').get()?.['application_id']
  if (id !== APPLICATION_ID) {
    throw new SeaworthyError('unreadable', `${file} is a database of another program, and no ledger`, {
      hint: 'Name another file with --state. Nothing was changed.',
    })
  }
  const pending = pendingOf(stateMigrations(), applied(db))
  if (pending.length === 0 || options.asIs) return
  if (options.isReadOnly) {
    throw new SeaworthyError('state', `the ledger ${file} is of an older version, and may not be written to`, {
      hint: 'Run any command once as a user who may write to it; that brings it up to date.',
    })
  }
  applyPending(db, null, options.now)
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
