import { Observations, observed } from '../../gate/observation.ts'
import { migrationTree, type Migration, type MigrationTree } from '../../observers/migration-tree/kind.ts'
import { pending, type Pending } from '../../observers/pending/kind.ts'

const FOLDER = 'db/migrations'

const migration = (version: string, name: string, text: string): Migration => ({
  version,
  name,
  ledgerKey: String(Number(version)),
  up: { file: `${FOLDER}/${version}_${name}.up.sql`, text, send: 'batch', pieces: null },
  down: null,
  checksum: null,
  checksumOtherEndings: null,
})

const LIVE = `CREATE TABLE users (
  id bigint PRIMARY KEY,
  email text NOT NULL,
  nickname text,
  balance numeric(10,2) NOT NULL DEFAULT 0
);
CREATE TABLE sessions (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id), msg text);
CREATE INDEX sessions_user_idx ON sessions (user_id);
CREATE VIEW members AS SELECT id, email FROM users;
CREATE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'TRUNCATE ' || quote_ident('sessions');
END
$$;
`

const NEXT = `-- Teams, and a flag for those who lead one.
CREATE TABLE teams (id bigint PRIMARY KEY, name text NOT NULL);
CREATE INDEX teams_name_idx ON teams (name);
ALTER TABLE users ADD COLUMN leads boolean NOT NULL DEFAULT false;
INSERT INTO teams (id, name) VALUES (1, 'first -- not a comment');
`

const LAST = `CREATE INDEX CONCURRENTLY users_nickname_idx ON users (nickname);
`

/** The pending file that mutants damage. */
export const NEXT_FILE = `${FOLDER}/0002_teams.up.sql`

const tree: MigrationTree = {
  format: 'golang-migrate',
  detectedBy: 'up.sql files',
  folder: FOLDER,
  transaction: 'per-file',
  migrations: [
    migration('0001', 'first', LIVE),
    migration('0002', 'teams', NEXT),
    migration('0003', 'nicknames', LAST),
  ],
  problems: [],
}

const whatIsPending: Pending = {
  basis: 'since',
  explanation: 'new since main',
  baseCommit: null,
  files: [NEXT_FILE, `${FOLDER}/0003_nicknames.up.sql`],
  changedBaseline: [],
}

/** Observations that the check passes: the ground that its mutants damage. */
export const sample = new Observations([
  observed(migrationTree, FOLDER, tree),
  observed(pending, FOLDER, whatIsPending),
])
