import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toldIn } from '../../src/observers/effects/traced-run.ts'
import { migrationsOf } from './rehearse.ts'
import { type TraceStage, stageTrace } from './traced.ts'

const SCHEMA = `
  CREATE TYPE mood AS ENUM ('low', 'high');
  CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, mood mood);
  CREATE TABLE posts (id bigserial PRIMARY KEY, author bigint REFERENCES users (id), body text CHECK (body <> ''));
  CREATE TABLE parts (id int, kind text) PARTITION BY LIST (kind);
  CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a');
  CREATE INDEX posts_body_idx ON posts (body);
  CREATE STATISTICS posts_stats ON author, body FROM posts;
  CREATE VIEW writers AS SELECT u.email, count(p.id) AS posts FROM users u JOIN posts p ON p.author = u.id GROUP BY u.email;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER touch BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE POLICY own ON posts USING (author = 1);
  COMMENT ON TABLE posts IS 'texts';
  COMMENT ON COLUMN posts.body IS 'what it says';
  GRANT SELECT ON users TO PUBLIC;
`

/** One unit after the other, in one world. */
const UNITS = [
  'ALTER TABLE users ADD COLUMN name text',
  "ALTER TABLE posts ALTER COLUMN body SET DEFAULT '-'",
  'ALTER TABLE posts DROP CONSTRAINT posts_body_check',
  'DROP INDEX posts_body_idx',
  'CREATE INDEX posts_author_idx ON posts (author)',
  'DROP STATISTICS posts_stats',
  'DROP TRIGGER touch ON posts',
  'DROP POLICY own ON posts; ALTER TABLE posts ENABLE ROW LEVEL SECURITY',
  "COMMENT ON COLUMN posts.body IS NULL; COMMENT ON TABLE users IS 'people'",
  'REVOKE SELECT ON users FROM PUBLIC; GRANT INSERT ON posts TO PUBLIC; GRANT SELECT (email) ON users TO PUBLIC',
  "ALTER TYPE mood ADD VALUE 'middle'",
  'ALTER TABLE users RENAME COLUMN email TO address',
  'ALTER TABLE users RENAME TO people',
  'CREATE SCHEMA other; ALTER TABLE people SET SCHEMA other',
  'ALTER SCHEMA other RENAME TO another',
  'CREATE TABLE notes (id serial PRIMARY KEY, post bigint REFERENCES posts (id) ON DELETE CASCADE)',
  'ALTER TABLE parts DETACH PARTITION parts_a',
  'ALTER SEQUENCE posts_id_seq OWNED BY NONE',
  "DO $$ BEGIN EXECUTE 'DROP TABLE posts CASCADE'; END $$",
  'CREATE MATERIALIZED VIEW sums AS SELECT 1 AS one; DROP TABLE parts',
]

describe.each([18, 15])('the catalogue between units on PostgreSQL %i', (major) => {
  let staged: TraceStage
  beforeAll(async () => {
    staged = await stageTrace({ texts: [SCHEMA], major })
  })
  afterAll(async () => await staged[Symbol.asyncDispose]())

  it('is the whole one', async () => {
    await using world = await staged.world()
    let before = await world.catalogueBefore()
    expect(before).toEqual(await world.catalogue())
    const told = new Set<string>()
    const units = migrationsOf(UNITS)
    for (const unit of units) {
      const traced = await world.applyTraced([unit])
      const { text } = unit.up
      expect({ text, failure: traced.failure }).toEqual({ text, failure: null })
      for (const object of toldIn(traced)) told.add(object)
      before = await world.catalogueBetween(before, told)
      expect({ text, catalogue: before }).toEqual({ text, catalogue: await world.catalogue() })
    }
  })
})
