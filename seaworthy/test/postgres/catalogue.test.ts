import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differenceOf } from '../../src/migrations/catalogue-difference.ts'
import { readCatalogue } from '../../src/postgres/catalogue.ts'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { type CatalogueServer, startCatalogueServer } from './catalogue-server.ts'

const BASE = `
  CREATE ROLE "App" NOLOGIN;
  CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL DEFAULT 'x', age integer CHECK (age > 0));
  CREATE TABLE orders (id serial PRIMARY KEY, user_id bigint REFERENCES users);
  CREATE INDEX users_email_idx ON users (email);
  CREATE TYPE mood AS ENUM ('low', 'high');
  CREATE TYPE pair AS (a integer, b text);
  CREATE DOMAIN handle AS text CHECK (VALUE <> '');
  CREATE TYPE span AS RANGE (subtype = integer);
  CREATE VIEW grown AS SELECT id, email FROM users WHERE age > 17;
  CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM users;
  CREATE SEQUENCE tickets;
  CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
  CREATE PROCEDURE tidy() LANGUAGE plpgsql AS 'BEGIN NULL; END';
  CREATE AGGREGATE total (integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER stamped BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION stamp();
  CREATE TABLE log (at timestamptz, line text) PARTITION BY RANGE (at);
  CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');
  ALTER TABLE users ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON users FOR SELECT TO "App" USING (id = 1);
  GRANT SELECT ON users TO "App";
  CREATE SCHEMA billing;
  CREATE PUBLICATION changes FOR TABLE users (id, email);
  COMMENT ON COLUMN users.email IS 'where to write
to';
  CREATE TABLE ledger (id serial PRIMARY KEY, version text);
`

/** One change a client can notice, and the object whose entry must tell of it. */
const CHANGES: readonly (readonly [sql: string, object: string])[] = [
  ['CREATE TABLE t (a integer)', 'table public.t'],
  ['ALTER TABLE users ADD COLUMN "Name" text', 'column public.users."Name"'],
  ['ALTER TABLE users ALTER COLUMN email DROP NOT NULL', 'column public.users.email'],
  ["ALTER TABLE users ALTER COLUMN email SET DEFAULT 'y'", 'column public.users.email'],
  ['ALTER TABLE orders ALTER COLUMN id TYPE bigint', 'column public.orders.id'],
  ['ALTER TABLE users ALTER COLUMN email SET STORAGE PLAIN', 'column public.users.email'],
  ['ALTER TABLE users ADD COLUMN c text COLLATE "C"', 'column public.users.c'],
  ['ALTER TABLE orders SET UNLOGGED', 'table public.orders'],
  ['ALTER TABLE users SET (fillfactor = 70)', 'table public.users'],
  ['ALTER TABLE users DISABLE ROW LEVEL SECURITY', 'table public.users'],
  ['ALTER TABLE users FORCE ROW LEVEL SECURITY', 'table public.users'],
  ['ALTER TABLE users REPLICA IDENTITY FULL', 'table public.users'],
  ['ALTER TABLE log DETACH PARTITION log_1', 'table public.log_1'],
  ['ALTER TABLE log OWNER TO "App"', 'table public.log'],
  ["COMMENT ON CONSTRAINT users_age_check ON users IS 'age'", 'comment on constraint users_age_check on public.users'],
  ['ALTER TABLE users DROP CONSTRAINT users_age_check', 'constraint users_age_check on public.users'],
  ['ALTER TABLE orders ADD CHECK (id > 0) NOT VALID', 'constraint orders_id_check on public.orders'],
  ['ALTER TABLE orders DISABLE TRIGGER ALL', 'constraint orders_user_id_fkey on public.orders'],
  ['ALTER TABLE users CLUSTER ON users_email_idx', 'index public.users_email_idx'],
  [
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_email_idx'::regclass",
    'index public.users_email_idx',
  ],
  ['DROP INDEX users_email_idx', 'index public.users_email_idx'],
  ['ALTER INDEX users_pkey SET (fillfactor = 60)', 'index public.users_pkey'],
  ["ALTER TYPE mood ADD VALUE 'middle' BEFORE 'high'", 'type public.mood'],
  ['ALTER TYPE pair ADD ATTRIBUTE c text', 'type public.pair'],
  ['ALTER DOMAIN handle SET NOT NULL', 'domain public.handle'],
  ['ALTER DOMAIN handle DROP CONSTRAINT handle_check', 'constraint handle_check on public.handle'],
  ['ALTER TYPE span OWNER TO "App"', 'type public.span'],
  ['CREATE OR REPLACE VIEW grown AS SELECT id, email FROM users WHERE age > 20', 'view public.grown'],
  ['ALTER VIEW grown SET (security_invoker = true)', 'view public.grown'],
  ['REFRESH MATERIALIZED VIEW counted WITH NO DATA', 'materialized view public.counted'],
  ['ALTER SEQUENCE tickets INCREMENT 2', 'sequence public.tickets'],
  ['ALTER SEQUENCE orders_id_seq OWNED BY NONE', 'sequence public.orders_id_seq'],
  [
    "CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n + n'",
    'function public.twice(integer)',
  ],
  ['ALTER FUNCTION twice(integer) IMMUTABLE', 'function public.twice(integer)'],
  ['ALTER FUNCTION twice(integer) SECURITY DEFINER', 'function public.twice(integer)'],
  ['ALTER FUNCTION twice(integer) SET search_path = public', 'function public.twice(integer)'],
  ['REVOKE EXECUTE ON FUNCTION twice(integer) FROM PUBLIC', 'privileges on function public.twice(integer) for PUBLIC'],
  ['DROP PROCEDURE tidy()', 'procedure public.tidy()'],
  [
    "CREATE OR REPLACE AGGREGATE total (integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '1')",
    'aggregate public.total(integer)',
  ],
  ['ALTER TABLE users DISABLE TRIGGER stamped', 'trigger stamped on public.users'],
  ['CREATE RULE quiet AS ON DELETE TO users DO INSTEAD NOTHING', 'rule quiet on public.users'],
  ['ALTER POLICY own ON users USING (true)', 'policy own on public.users'],
  ['ALTER POLICY own ON users TO PUBLIC', 'policy own on public.users'],
  ['GRANT UPDATE ON users TO "App"', 'privileges on table public.users for "App"'],
  ['GRANT UPDATE (email) ON users TO "App"', 'privileges on column public.users.email for "App"'],
  ['REVOKE SELECT ON users FROM "App"', 'privileges on table public.users for "App"'],
  ['GRANT CREATE ON SCHEMA billing TO PUBLIC', 'privileges on schema billing for PUBLIC'],
  ['GRANT USAGE ON SEQUENCE tickets TO "App"', 'privileges on sequence public.tickets for "App"'],
  ['REVOKE USAGE ON TYPE mood FROM PUBLIC', 'privileges on type public.mood for PUBLIC'],
  ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "App"', 'default privileges of seaworthy on tables'],
  ['ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC', 'default privileges of seaworthy on functions'],
  ["COMMENT ON COLUMN users.email IS 'other'", 'comment on column public.users.email'],
  ["COMMENT ON FUNCTION twice(integer) IS 'doubles'", 'comment on function public.twice(integer)'],
  ['DROP SCHEMA billing', 'schema billing'],
  ['CREATE EXTENSION hstore', 'extension hstore'],
  ['ALTER PUBLICATION changes SET TABLE users (id)', 'publication changes'],
  ['CREATE ROLE extra_role LOGIN CREATEDB', 'role extra_role'],
  ['CREATE ROLE member_role IN ROLE "App"', 'membership of member_role in "App"'],
  ['ALTER ROLE "App" BYPASSRLS', 'role "App"'],
  ['ALTER ROLE "App" SET work_mem = \'1MB\'', 'settings of role "App"'],
  ['CREATE STATISTICS users_stats ON email, age FROM users', 'statistics public.users_stats'],
  ['CREATE CAST (mood AS integer) WITH FUNCTION hashenum(anyenum)', 'cast (public.mood AS integer)'],
  ['CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)', 'operator public.===(text,text)'],
  ["CREATE COLLATION plain (LOCALE = 'C')", 'collation public.plain'],
  ['CREATE TEXT SEARCH CONFIGURATION mine (COPY = simple)', 'text search configuration public.mine'],
]

/** What no client can notice, or what is data. */
const NON_CHANGES: readonly string[] = [
  'ALTER TABLE users ADD COLUMN extra text; ALTER TABLE users DROP COLUMN extra',
  'ALTER TABLE users DROP COLUMN age CASCADE; ALTER TABLE users ADD COLUMN age integer CHECK (age > 0); CREATE OR REPLACE VIEW grown AS SELECT id, email FROM users WHERE age > 17',
  'ALTER TABLE users ALTER COLUMN email DROP NOT NULL; ALTER TABLE users ALTER COLUMN email SET NOT NULL',
  'ALTER TABLE users RENAME COLUMN email TO mail; ALTER TABLE users ALTER COLUMN mail DROP NOT NULL; ALTER TABLE users ALTER COLUMN mail SET NOT NULL; ALTER TABLE users RENAME COLUMN mail TO email',
  'GRANT SELECT ON orders TO "App"; REVOKE SELECT ON orders FROM "App"',
  'GRANT EXECUTE ON FUNCTION twice(integer) TO PUBLIC',
  "SELECT nextval('tickets')",
  'INSERT INTO users (id) VALUES (1)',
  "ALTER TABLE ledger ADD COLUMN checksum text; CREATE INDEX ON ledger (version); COMMENT ON TABLE ledger IS 'x'; GRANT SELECT ON ledger TO PUBLIC; ALTER SEQUENCE ledger_id_seq INCREMENT 5",
  'CREATE TEMP TABLE passing (a integer)',
  'ANALYZE',
]

const read = async (client: Client) => await readCatalogue(client, { ignoreTables: ['public.ledger'] })

const isInstalled = async (major: number): Promise<boolean> =>
  await findBinaries(major, process.cwd()).then(
    () => true,
    () => false,
  )
// Where tests must not be skipped, a missing server is a failure of the set-up below.
const majors = await Promise.all([18, 15].map(async (major) => ({ major, isThere: await isInstalled(major) })))

describe.each(majors)('the catalogue of PostgreSQL $major', ({ major, isThere }) => {
  const isSkipped = !isThere && process.env['CI'] !== 'true'
  let place: CatalogueServer
  let client: Client
  beforeAll(async () => {
    if (isSkipped) return
    place = await startCatalogueServer(major)
    client = await place.database()
    await client.query(BASE)
  })
  afterAll(async () => {
    if (isSkipped) return
    await client.end()
    await place[Symbol.asyncDispose]()
  })

  /** The difference that some SQL makes. */
  async function effectOf(sql: string) {
    const before = await read(client)
    await client.query(sql)
    return differenceOf(before, await read(client))
  }

  it.skipIf(isSkipped)('is read by a role that may only connect, and is the same for it', async () => {
    await client.query('CREATE ROLE onlooker LOGIN')
    const own = await read(client)
    const onlooker = await place.connectAs('onlooker', 'trial_1')
    try {
      expect(await read(onlooker)).toEqual(own)
    } finally {
      await onlooker.end()
    }
    expect(own.map((entry) => entry.object)).toEqual(own.map((entry) => entry.object).toSorted())
    expect(new Set(own.map((entry) => entry.object)).size).toBe(own.length)
    expect(own.some((entry) => entry.object.includes('ledger'))).toBe(false)
  })

  it.skipIf(isSkipped)('does not depend on the settings of the session, and leaves them alone', async () => {
    const usual = await read(client)
    await client.query("SET search_path = public; SET DateStyle = 'German'; SET TimeZone = 'Asia/Tokyo'")
    expect(await read(client)).toEqual(usual)
    expect((await client.query('SHOW search_path')).rows).toEqual([{ search_path: 'public' }])
    await client.query('RESET ALL')
  })

  it.skipIf(isSkipped)('is not read from a temporary table, which a pooler may have left in the session', async () => {
    const left = await place.connectAs(place.server.superuser, 'trial_1')
    try {
      await left.query('CREATE TEMP TABLE pg_namespace (LIKE pg_catalog.pg_namespace)')
      expect(await read(left)).toEqual(await read(client))
    } finally {
      await left.end()
    }
  })

  it.skipIf(isSkipped)('leaves roles out on a server that others use too', async () => {
    const shared = await readCatalogue(client, { ignoreTables: [], isClusterShared: true })
    expect(shared.some((entry) => entry.object.startsWith('role '))).toBe(false)
    expect(shared.some((entry) => entry.object === 'table public.ledger')).toBe(true)
  })

  it.skipIf(isSkipped)('hides the values of settings and options that are secrets', async () => {
    await client.query('ALTER ROLE "App" SET app.jwt_secret = \'canary-1\'')
    await client.query('CREATE FOREIGN DATA WRAPPER far; CREATE SERVER away FOREIGN DATA WRAPPER far')
    await client.query("ALTER SERVER away OPTIONS (ADD api_token 'canary-2')")
    await client.query("CREATE USER MAPPING FOR PUBLIC SERVER away OPTIONS (password 'canary-3')")
    const text = JSON.stringify(await read(client))
    expect(text).toContain('app.jwt_secret=***')
    expect(text).toContain('user mapping for PUBLIC on server away')
    expect(text).not.toContain('canary')
  })

  it.skipIf(isSkipped).each(NON_CHANGES)('is not disturbed by %s', async (sql) => {
    expect(await effectOf(sql)).toEqual({ added: [], removed: [], changed: [] })
  })

  it.skipIf(isSkipped).each(CHANGES)('notices %s', async (sql, object) => {
    const { added, removed, changed } = await effectOf(sql)
    const touched = [...added, ...removed, ...changed.map(({ after }) => after)].map((entry) => entry.object)
    expect(touched).toContain(object)
  })
})
