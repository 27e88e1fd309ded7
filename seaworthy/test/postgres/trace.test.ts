import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { type TraceStage, eventsOf, lines, locks, stageTrace } from './traced.ts'

const SCHEMA = `
  CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE, name text DEFAULT 'x', age int CHECK (age > 0));
  CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE, body text);
  CREATE TABLE audit (id int, line text);
  CREATE INDEX posts_body ON posts (body);
  CREATE VIEW authors AS SELECT id, email FROM users;
  CREATE VIEW writers AS SELECT id FROM authors;
  CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM posts;
  CREATE TABLE log (at int, line text) PARTITION BY RANGE (at);
  CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (1) TO (100);
  CREATE TYPE mood AS ENUM ('low');
  INSERT INTO users VALUES (1, 'a', 'a', 1), (2, 'b', 'b', 2);
  INSERT INTO posts VALUES (1, 1, 'x'), (2, 2, 'y');
  INSERT INTO log VALUES (5, 'five');
  CREATE FUNCTION wipe() RETURNS void LANGUAGE plpgsql AS $$ BEGIN TRUNCATE posts; END $$;
  CREATE FUNCTION sql_wipe() RETURNS void LANGUAGE sql AS $$ DELETE FROM posts $$;
  CREATE FUNCTION sql_upsert() RETURNS void LANGUAGE sql AS
    $$ INSERT INTO users VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = 'z' $$;
  CREATE FUNCTION sweep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM posts WHERE false; RETURN NULL; END $$;
  CREATE TRIGGER sweeping AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION sweep();
  CREATE RULE forget AS ON INSERT TO audit DO ALSO DELETE FROM posts WHERE id = 1;
  CREATE PROCEDURE in_steps() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM posts; COMMIT; UPDATE users SET name = 'n'; END $$;`

type Case = readonly [what: string, sql: string, told: readonly string[]]

/** Spellings of one harm; what must be told of each, whatever else is. */
const WRITES: readonly Case[] = [
  ['TRUNCATE in a function', 'SELECT wipe()', ['truncate table public.posts ?']],
  ['TRUNCATE … CASCADE', 'TRUNCATE users CASCADE', ['truncate table public.users ?', 'truncate table public.posts ?']],
  ['DELETE in a function of language SQL', 'SELECT sql_wipe()', ['delete table public.posts 2']],
  [
    'DELETE in a CTE',
    'WITH d AS (DELETE FROM posts WHERE id = 1 RETURNING id) SELECT FROM d',
    ['delete table public.posts 1'],
  ],
  [
    'DELETE by MERGE',
    'MERGE INTO posts USING users ON posts.user_id = users.id WHEN MATCHED THEN DELETE',
    ['delete table public.posts 2'],
  ],
  ['DELETE by EXECUTE', 'PREPARE gone AS DELETE FROM posts; EXECUTE gone', ['delete table public.posts 2']],
  [
    'DELETE by a rule',
    "INSERT INTO audit VALUES (1, 'x')",
    ['delete table public.posts 1', 'insert table public.audit 1'],
  ],
  ["DELETE by a trigger's function", "UPDATE users SET name = 'q' WHERE id = 1", ['delete table public.posts 0']],
  ['DELETE that takes others along', 'DELETE FROM users WHERE id = 1', ['delete table public.posts 1']],
  ['DELETE of no row', 'DELETE FROM posts WHERE id = 99', ['delete table public.posts 0']],
  ['DELETE through a view', 'DELETE FROM writers', ['delete table public.users 2', 'delete table public.posts 2']],
  ['DELETE of a partition', 'DELETE FROM log_1', ['delete table public.log_1 1']],
  ['DELETE of a partitioned table', 'DELETE FROM log', ['delete table public.log ?']],
  ['DELETE in a DO block', 'DO $$ BEGIN DELETE FROM posts; END $$', ['delete table public.posts 2']],
  [
    'a loop',
    'DO $$ BEGIN FOR i IN 1..3 LOOP DELETE FROM posts WHERE id = i; END LOOP; END $$',
    ['delete table public.posts 2'],
  ],
  [
    'UPDATE in a block that is taken back',
    `DO $$ BEGIN UPDATE users SET name = 'x'; RAISE SQLSTATE 'U0001'; EXCEPTION WHEN SQLSTATE 'U0001' THEN NULL; END $$`,
    ['update table public.users 2'],
  ],
]

const UPSERTS: readonly Case[] = [
  [
    'without a conflict',
    "INSERT INTO users VALUES (7, 'c') ON CONFLICT (id) DO UPDATE SET name = 'z'",
    ['upsert table public.users 0'],
  ],
  [
    'with one',
    "INSERT INTO users VALUES (1, 'c') ON CONFLICT (id) DO UPDATE SET name = 'z'",
    ['upsert table public.users 1'],
  ],
  [
    'in a DO block',
    "DO $$ BEGIN INSERT INTO users VALUES (1, 'c') ON CONFLICT (id) DO UPDATE SET name = 'z'; END $$",
    ['upsert table public.users 1'],
  ],
  ['in a function of language SQL', 'SELECT sql_upsert()', ['upsert table public.users 1']],
  [
    'a MERGE that inserts and updates',
    `MERGE INTO users USING (VALUES (1)) v (id) ON users.id = v.id WHEN MATCHED THEN UPDATE SET name = 'm'
       WHEN NOT MATCHED THEN INSERT VALUES (v.id, 'm')`,
    ['update table public.users 1'],
  ],
  [
    'an upsert with an UPDATE beside it',
    `WITH u AS (UPDATE users SET name = 'w' WHERE id = 2)
       INSERT INTO users VALUES (1, 'c') ON CONFLICT (id) DO UPDATE SET name = 'z'`,
    ['update table public.users 2'],
  ],
]

const CHANGES: readonly Case[] = [
  [
    'DROP in DO EXECUTE, with what went along',
    `DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'users CASCADE'; END $$`,
    [
      'dropped table public.users',
      'dropped view public.authors with table public.users',
      'dropped view public.writers with table public.users',
      'dropped constraint posts_user_id_fkey on public.posts with table public.users',
    ],
  ],
  ['DROP OWNED', 'DROP OWNED BY CURRENT_USER CASCADE', ['dropped table public.users', 'dropped type public.mood']],
  [
    'a DROP that is taken back',
    `DO $$ BEGIN DROP TABLE audit; RAISE SQLSTATE 'U0001'; EXCEPTION WHEN SQLSTATE 'U0001' THEN NULL; END $$`,
    ['dropped table public.audit'],
  ],
  [
    'a rewrite inside DO',
    'DO $$ BEGIN ALTER TABLE users ALTER age TYPE bigint; END $$',
    ['rewritten table public.users: column type'],
  ],
  ['SET UNLOGGED', 'ALTER TABLE audit SET UNLOGGED', ['rewritten table public.audit: persistence']],
  [
    'a volatile default',
    'ALTER TABLE users ADD COLUMN at text DEFAULT clock_timestamp()::text',
    ['rewritten table public.users: default value'],
  ],
  ['CLUSTER', 'CLUSTER users USING users_pkey', ['rewritten table public.users: cluster']],
  ['TRUNCATE', 'TRUNCATE posts', ['rewritten table public.posts: truncate']],
  ['REINDEX', 'REINDEX INDEX posts_body', ['rewritten index public.posts_body: reindex']],
  ['REFRESH', 'REFRESH MATERIALIZED VIEW totals', ['rewritten materialized view public.totals: refresh']],
  ['ALTER TYPE ADD VALUE', "ALTER TYPE mood ADD VALUE 'high'", ['altered type public.mood']],
  ['DROP DEFAULT', 'ALTER TABLE users ALTER name DROP DEFAULT', ['altered column public.users.name']],
  ['DROP NOT NULL', 'ALTER TABLE users ALTER email DROP NOT NULL', ['altered table public.users']],
  [
    'OR REPLACE of what is there',
    'CREATE OR REPLACE VIEW writers AS SELECT id FROM authors WHERE id > 1',
    ['altered view public.writers'],
  ],
  ['something new', 'CREATE TABLE fresh (id int)', ['created table public.fresh']],
  ['REVOKE', 'REVOKE SELECT ON users FROM PUBLIC', ['altered privileges on table']],
]

const isInstalled = async (major: number): Promise<boolean> =>
  await findBinaries(major, process.cwd()).then(
    () => true,
    () => false,
  )
const majors = await Promise.all([18, 15].map(async (major) => ({ major, isThere: await isInstalled(major) })))

describe.each(majors)('a traced run on PostgreSQL $major', ({ major, isThere }) => {
  const isSkipped = !isThere && process.env['CI'] !== 'true'
  let staged: TraceStage
  beforeAll(async () => {
    if (!isSkipped) staged = await stageTrace({ texts: [SCHEMA], major })
  })
  afterAll(async () => {
    if (!isSkipped) await staged[Symbol.asyncDispose]()
  })

  it.skipIf(isSkipped).each([...WRITES, ...UPSERTS, ...CHANGES])('tells %s', async (_what, sql, told) => {
    const traced = await staged.trace(sql)
    expect(lines(traced)).toEqual(expect.arrayContaining([...told]))
    expect(traced.failure).toBeNull()
  })

  it.skipIf(isSkipped)('tells what it ran in', async () => {
    const traced = await staged.trace(
      'SELECT wipe(); DO $$ BEGIN DROP TABLE audit; END $$; DELETE FROM users; DELETE FROM log',
    )
    const vias = eventsOf(traced).map((one) => ('via' in one ? one.via : ''))
    expect(vias).toContain('PL/pgSQL function wipe() line 1 at SQL statement')
    expect(vias).toContain('PL/pgSQL function inline_code_block line 1 at SQL statement')
    expect(vias).toContain(
      `SQL statement "DELETE FROM ONLY "public"."posts" WHERE $1 OPERATOR(pg_catalog.=) "user_id""`,
    )
    expect(vias.at(-1)).toBeNull()
    expect(traced.statements[1]?.nested).toEqual(['DROP TABLE audit'])
  })

  it.skipIf(isSkipped)('says where each statement stands and which commit together', async () => {
    const sql = 'BEGIN;\nUPDATE users SET name = $$a\nb$$;\nCOMMIT;\n-- next\nDELETE FROM posts;\n  DELETE FROM audit;'
    const { statements } = await staged.trace(sql)
    expect(statements.map((one) => [one.index, one.line, one.endLine, one.transaction])).toEqual([
      [1, 1, 1, 1],
      [2, 2, 3, 1],
      [3, 4, 4, 1],
      [4, 6, 6, 2],
      [5, 7, 7, 2],
    ])
  })

  it.skipIf(isSkipped)('tells locks that are held, and those of a block that is taken back', async () => {
    const traced = await staged.trace([
      'BEGIN; ALTER TABLE users ADD COLUMN a int; DELETE FROM posts; LOCK TABLE audit; COMMIT',
      `DO $$ BEGIN ALTER TABLE users DROP a; RAISE SQLSTATE 'U0001'; EXCEPTION WHEN SQLSTATE 'U0001' THEN NULL; END $$`,
      `DO $$ BEGIN LOCK TABLE posts; RAISE SQLSTATE 'U0001'; EXCEPTION WHEN SQLSTATE 'U0001' THEN NULL; END $$`,
    ])
    expect(traced.statements.map((one) => one.locks.map((lock) => `${lock.mode} ${lock.object}`))).toEqual([
      [],
      ['AccessExclusiveLock table public.users'],
      [],
      ['AccessExclusiveLock table public.audit'],
      [],
      ['AccessExclusiveLock table public.users'],
      ['AccessExclusiveLock table public.posts'],
    ])
  })

  it.skipIf(isSkipped)('tells what a file that ends with ROLLBACK did', async () => {
    const traced = await staged.trace('BEGIN; DROP TABLE audit; SET search_path = other; ROLLBACK')
    expect(lines(traced)).toContain('dropped table public.audit')
    expect(lines(traced)).toContain('set search_path=other for transaction')
    expect(traced.failure?.error.message).toContain('ROLLBACK')
  })

  it.skipIf(isSkipped)('runs alone what no transaction allows, and takes its locks from the manual', async () => {
    const traced = await staged.trace(
      [
        'CREATE INDEX CONCURRENTLY posts_user ON posts (user_id)',
        'VACUUM FULL users',
        'DROP INDEX CONCURRENTLY posts_body',
        'REINDEX TABLE CONCURRENTLY users',
        'CALL in_steps()',
      ].join(';\n'),
      'statements',
    )
    expect(traced.failure).toBeNull()
    expect(traced.statements.map((one) => one.transaction)).toEqual([null, null, null, null, null])
    expect(locks(traced)).toEqual(
      expect.arrayContaining([
        'ShareUpdateExclusiveLock table public.posts documented',
        'AccessExclusiveLock table public.users documented',
        'ShareUpdateExclusiveLock index public.posts_body documented',
        'ShareUpdateExclusiveLock index public.users_pkey documented',
      ]),
    )
    expect(lines(traced)).toEqual(
      expect.arrayContaining([
        'created index public.posts_user',
        'rewritten table public.users: vacuum full',
        'dropped index public.posts_body',
        'delete table public.posts 2',
        'update table public.users 2',
      ]),
    )
  })

  it.skipIf(isSkipped)('tells settings, also those that are taken back', async () => {
    const traced = await staged.trace([
      'SET search_path = other, public; RESET search_path',
      "BEGIN; SET LOCAL lock_timeout = '3s'; UPDATE users SET name = 'x'; COMMIT",
      "DO $$ BEGIN PERFORM set_config('row_security', 'off', false); SET LOCAL search_path = evil; END $$",
      'ALTER FUNCTION wipe() SET search_path = evil; ALTER ROLE CURRENT_USER SET search_path = evil',
      'SET ROLE deploy',
    ])
    expect(lines(traced)).toEqual(
      expect.arrayContaining([
        'set search_path=other, public for session',
        'set lock_timeout=3s for transaction',
        'set row_security=off for session',
        'set search_path=evil for transaction',
        'set search_path=evil for function public.wipe()',
        'set search_path=evil for role deploy',
        'set role=deploy for session',
      ]),
    )
  })

  it.skipIf(isSkipped)('lets SET TRANSACTION come where the tool would', async () => {
    const traced = await staged.trace(
      "BEGIN; SET LOCAL lock_timeout = '3s'; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; DELETE FROM posts; COMMIT",
    )
    expect(traced.failure).toBeNull()
    expect(lines(traced)).toContain('delete table public.posts 2')
  })

  it.skipIf(isSkipped)('leaves nothing of itself in the catalogue, whatever was done to it', async () => {
    await using world = await staged.world()
    await using plain = await staged.seeded.fork()
    expect(await world.catalogue()).toEqual(await plain.catalogue())
  })
})
