import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { migrationsOf } from './rehearse.ts'
import { type TraceStage, eventsOf, lines, stageTrace } from './traced.ts'

const SCHEMA = `
  CREATE TABLE users (id int PRIMARY KEY, name text);
  CREATE TABLE posts (id int PRIMARY KEY);
  CREATE TABLE log (at int) PARTITION BY RANGE (at);
  CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (1) TO (9);
  CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
  INSERT INTO users VALUES (1, 'a'), (2, 'b');
  INSERT INTO posts VALUES (1);
  INSERT INTO log VALUES (1);`

/** Does something with every trigger of ours that a table has. */
const withOurTriggers = (what: string): string =>
  `DO $$ DECLARE t record; BEGIN
     FOR t IN SELECT tgname, tgrelid::regclass AS tab FROM pg_trigger WHERE tgname LIKE 'pg_seaworthy%' LOOP
       EXECUTE format('${what}', t.tgname, t.tab);
     END LOOP;
     DELETE FROM users;
   END $$`

const DELETED = 'delete table public.users 2'

/** What somebody writes who wants a DELETE or a DROP not to be seen. */
const ATTACKS: readonly (readonly [what: string, sql: string, told: string])[] = [
  ['silence', 'SET client_min_messages = error; DELETE FROM users', DELETED],
  [
    'silence for one block',
    "DO $$ BEGIN PERFORM set_config('client_min_messages', 'error', true); DELETE FROM users; END $$",
    DELETED,
  ],
  ['triggers that are off', 'ALTER TABLE users DISABLE TRIGGER USER; DELETE FROM users', DELETED],
  [
    'triggers that are off within one statement',
    'DO $$ BEGIN ALTER TABLE users DISABLE TRIGGER USER; DELETE FROM users; ALTER TABLE users ENABLE TRIGGER USER; END $$',
    DELETED,
  ],
  ['triggers that are off by name', withOurTriggers('ALTER TABLE %2$s DISABLE TRIGGER %1$I'), DELETED],
  ['triggers only for replicas', withOurTriggers('ALTER TABLE %2$s ENABLE REPLICA TRIGGER %1$I'), DELETED],
  ['triggers that are gone', withOurTriggers('DROP TRIGGER %1$I ON %2$s'), DELETED],
  ['triggers with another name', withOurTriggers('ALTER TRIGGER %1$I ON %2$s RENAME TO zz'), DELETED],
  [
    'triggers with another name that are gone',
    `ALTER TABLE posts DISABLE TRIGGER USER; ${withOurTriggers('ALTER TRIGGER %1$I ON %2$s RENAME TO zz')};
     DROP TRIGGER IF EXISTS zz ON posts; DELETE FROM posts`,
    'delete table public.posts 1',
  ],
  [
    'a table with another name',
    'ALTER TABLE users RENAME TO others; ALTER TABLE others DISABLE TRIGGER ALL; DELETE FROM others',
    DELETED,
  ],
  [
    'a function that stands in for one of the server',
    `CREATE SCHEMA evil; CREATE FUNCTION evil.convert_to(text, name) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$;
     CREATE FUNCTION evil.pg_backend_pid() RETURNS int LANGUAGE sql AS $$ SELECT 0 $$;
     CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
     SET search_path = evil, pg_catalog, public; DELETE FROM public.users`,
    DELETED,
  ],
  [
    'an operator that stands in for one of the server',
    `CREATE SCHEMA evil; CREATE FUNCTION evil.never(oid, oid) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$;
     CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.never);
     SET search_path = evil, pg_catalog, public; DROP TABLE public.users`,
    'dropped table public.users',
  ],
  [
    'a temporary table that stands in for a catalogue',
    'CREATE TEMP TABLE pg_class (oid oid); CREATE TEMP TABLE pg_trigger (oid oid); CREATE TEMP TABLE pg_locks (pid int); DROP TABLE users',
    'dropped table public.users',
  ],
  ['another encoding', "SET client_encoding = 'LATIN1'; DELETE FROM users", DELETED],
  [
    'a false report',
    `DO $$ BEGIN RAISE NOTICE '%', (SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pg_seaworthy%') || ' e30='; DELETE FROM users; END $$`,
    DELETED,
  ],
  [
    'a call stack that looks like an upsert',
    `DO $x$ BEGIN EXECUTE $y$INSERT INTO users VALUES (9) ON CONFLICT (id) DO UPDATE SET name = 'x' --"
/*
PL/pgSQL function f() line 1 at EXECUTE
*/; UPDATE users SET name = 'y'$y$; END $x$`,
    'update table public.users 3',
  ],
  ['everything discarded', 'DISCARD ALL; DELETE FROM users', DELETED],
  ['prepared statements that are gone', 'DEALLOCATE ALL; DELETE FROM users', DELETED],
  [
    'the partition by itself',
    'ALTER TABLE log DETACH PARTITION log_1; DELETE FROM log_1',
    'delete table public.log_1 1',
  ],
]

const isInstalled = async (major: number): Promise<boolean> =>
  await findBinaries(major, process.cwd()).then(
    () => true,
    () => false,
  )
const majors = await Promise.all([18, 15].map(async (major) => ({ major, isThere: await isInstalled(major) })))

describe.each(majors)('a trace that somebody wants to get rid of, on PostgreSQL $major', ({ major, isThere }) => {
  const isSkipped = !isThere && process.env['CI'] !== 'true'
  let staged: TraceStage
  beforeAll(async () => {
    if (!isSkipped) staged = await stageTrace({ texts: [SCHEMA], major })
  })
  afterAll(async () => {
    if (!isSkipped) await staged[Symbol.asyncDispose]()
  })

  it.skipIf(isSkipped).each(ATTACKS)('is not by %s', async (_what, sql, told) => {
    const traced = await staged.trace(sql, sql.startsWith('DISCARD') ? 'statements' : 'batch')
    expect(traced.failure).toBeNull()
    expect(lines(traced)).toContain(told)
  })

  it.skipIf(isSkipped)('gives the migration nothing that it could use', async () => {
    const find = (what: string): string =>
      `DO $$ DECLARE s text := (SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pg_seaworthy%');
       BEGIN EXECUTE format('${what}', s); END $$`
    const codes: (string | null | undefined)[] = []
    for (const what of [
      'DROP SCHEMA %I CASCADE',
      'CREATE TABLE %I.mine (id int)',
      'ALTER FUNCTION %I.on_write() RENAME TO off_write',
      'SELECT %I.on_write()',
      'CREATE TRIGGER mine BEFORE UPDATE ON users EXECUTE FUNCTION %I.on_write()',
      'DROP EVENT TRIGGER %I_ddl',
    ]) {
      const traced = await staged.trace(find(what))
      codes.push(traced.failure?.error.sqlstate)
    }
    expect(codes).toEqual(Array.from({ length: 6 }, () => '42501'))
  })

  it.skipIf(isSkipped)('makes the trace unproven where it is too long to be read', async () => {
    await using world = await staged.world()
    const one =
      'DO $$ BEGIN FOR i IN 1..3000 LOOP EXECUTE format($q$COMMENT ON TABLE users IS %L$q$, i); END LOOP; END $$'
    const many = Array.from({ length: 8 }, () => one)
    await expect(world.applyTraced(migrationsOf(many))).rejects.toThrow(/more than 20000 events and nested statements/)
  })

  it.skipIf(isSkipped)('is unproven where something stands in the place of a trigger of ours', async () => {
    await using world = await staged.world()
    const sql = withOurTriggers('CREATE OR REPLACE TRIGGER %1$I BEFORE DELETE ON %2$s EXECUTE FUNCTION noop()')
    await expect(world.applyTraced(migrationsOf([sql]))).rejects.toThrow(/writes can no longer be seen/)
  })

  it.skipIf(isSkipped)('leaves nothing of ours in the catalogue, whatever was done to it', async () => {
    await using world = await staged.world()
    await using plain = await staged.seeded.fork()
    for (const what of [
      'ALTER TRIGGER %1$I ON %2$s RENAME TO zz',
      'ALTER TABLE %2$s DISABLE TRIGGER %1$I',
      'DROP TRIGGER %1$I ON %2$s',
    ]) {
      const traced = await world.applyTraced(migrationsOf([withOurTriggers(what)]))
      expect(eventsOf(traced).length).toBeGreaterThan(0)
    }
    expect(await world.catalogue()).toEqual(await plain.catalogue())
  })
})
