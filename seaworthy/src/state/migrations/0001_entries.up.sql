CREATE TABLE IF NOT EXISTS state_migrations (
  name text NOT NULL PRIMARY KEY,
  digest text NOT NULL,
  applied_at text NOT NULL
);

CREATE TABLE IF NOT EXISTS entries (
  seq bigint NOT NULL PRIMARY KEY,
  at text NOT NULL,
  kind text NOT NULL,
  actor text NOT NULL,
  command text NOT NULL,
  candidate text,
  content text NOT NULL,
  previous text NOT NULL,
  digest text NOT NULL
);

CREATE INDEX IF NOT EXISTS entries_candidate ON entries (candidate);
