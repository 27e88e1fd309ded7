import { Observations } from '../../gate/observation.ts'
import type { Migration } from '../../observers/migration-tree/kind.ts'
import { filesOf, sampleFolder, sampleMigration, samplePending } from '../sample-folder.ts'

const FOLDER = 'db/migrations'

const migration = (version: string, name: string, text: string): Migration => ({
  ...sampleMigration(version, name, text),
  up: { file: `${FOLDER}/${version}_${name}.up.sql`, text, send: 'batch', pieces: null },
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

const MIGRATIONS = [
  migration('0001', 'first', LIVE),
  migration('0002', 'teams', NEXT),
  migration('0003', 'nicknames', LAST),
]

/** Observations that the check passes: the ground that its mutants damage. */
export const sample = new Observations([
  sampleFolder(MIGRATIONS, { folder: FOLDER }),
  samplePending(filesOf(MIGRATIONS.slice(1)), { basis: 'since', explanation: 'new since main' }),
])
