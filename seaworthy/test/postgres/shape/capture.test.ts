import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { FORMATS } from '../../../src/migrations/formats.ts'
import type { Shape } from '../../../src/migrations/shape.ts'
import { shapeSchema } from '../../../src/observers/shape/schema.ts'
import { findBinaries } from '../../../src/postgres/binaries.ts'
import { connect } from '../../../src/postgres/connect.ts'
import { type ScratchServer, startScratchServer } from '../../../src/postgres/scratch-server.ts'
import { captureShape } from '../../../src/postgres/shape/capture.ts'
import { shapeText } from '../../../src/postgres/shape/file.ts'
import { borrowSnapshot } from '../../../src/postgres/snapshots.ts'

const never = new AbortController().signal

/** A server that counts queries, which needs a library that is loaded at the start. */
async function startCounting(major: number): Promise<{ server: ScratchServer; first: ScratchServer }> {
  const binaries = await findBinaries(major, import.meta.dirname)
  const first = await startScratchServer({ binaries, snapshot: null, signal: never })
  const admin = await connect(first, first.superuser, 'postgres')
  await admin.query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
  await admin.end()
  await first.stop()
  return { first, server: await startScratchServer({ binaries, snapshot: borrowSnapshot(first, {}), signal: never }) }
}

describe.each([18, 15])('capture on PostgreSQL %i', (major) => {
  let first: ScratchServer
  let server: ScratchServer
  let admin: Client

  const as = async (role: string): Promise<Client> => await connect(server, role, 'court')

  const capture = async (role = server.superuser, parameters = '', now = '2026-11-21T12:00:00Z'): Promise<Shape> =>
    await captureShape({
      isLedgerNamed: false,
      url: `postgresql:///court?host=${encodeURIComponent(server.socketDir)}&port=${server.port}&user=${role}${parameters}`,
      ledgers: FORMATS.flatMap((format) => format.ledger ?? []),
      now: new Date(now),
      signal: never,
      progress: () => undefined,
    })

  beforeAll(async () => {
    ;({ first, server } = await startCounting(major))
    const root = await connect(server, server.superuser, 'postgres')
    await root.query('CREATE DATABASE court')
    await root.end()
    admin = await as(server.superuser)
    await admin.query(`
      CREATE EXTENSION pg_stat_statements; CREATE EXTENSION postgres_fdw;
      CREATE ROLE app LOGIN PASSWORD 'canary-role'; CREATE ROLE reader LOGIN; CREATE ROLE watcher LOGIN; CREATE ROLE stranger LOGIN;
      GRANT pg_monitor TO watcher;
      ALTER ROLE app SET search_path = court, public; ALTER ROLE app SET court.jwt_secret = 'canary-secret';
      ALTER DATABASE court SET court.dsn = 'postgres://u:canary-dsn@h/d';
      CREATE SCHEMA court AUTHORIZATION app;
      CREATE TABLE court.people (id bigserial PRIMARY KEY, name text); ALTER TABLE court.people OWNER TO app;
      INSERT INTO court.people (name) SELECT 'canary-row ' || n FROM generate_series(1, 12345) n; ANALYZE court.people;
      CREATE VIEW court.names AS SELECT name FROM court.people;
      CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'db.example.org', dbname 'x');
      CREATE USER MAPPING FOR app SERVER away OPTIONS (user 'canary-user', password 'canary-mapping');
      CREATE FOREIGN DATA WRAPPER odd; CREATE SERVER odd_one FOREIGN DATA WRAPPER odd OPTIONS (uri 'https://canary-uri', "user" 'canary-option');
      CREATE FOREIGN TABLE court.far (a int OPTIONS (hint 'canary-column')) SERVER odd_one OPTIONS (apikey 'canary-table');
      CREATE SUBSCRIPTION s CONNECTION 'host=h password=canary-subscription' PUBLICATION p WITH (connect = false);
      CREATE FUNCTION court.f() RETURNS text LANGUAGE sql SET court.key = 'canary-setting' AS 'SELECT ''canary-body''';
      CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (42, false);
      SELECT pg_stat_statements_reset()`)
    const app = await as('app')
    await app.query("SET application_name = 'canary-utility'")
    for (const tag of ['a', 'b']) {
      await app.query(
        `SELECT name FROM people WHERE id = 17 AND name <> 'canary-literal' /* canary-comment ${tag} */ -- canary-end`,
      )
    }
    await app.query({ text: 'INSERT INTO people (name) VALUES ($1)', values: ['canary-parameter'] })
    await app.query("DO $$ BEGIN PERFORM 'canary-do'; END $$")
    await app.query("PREPARE q AS SELECT 'canary-prepared'; EXECUTE q")
    await app.query("COPY (SELECT 'canary-copy') TO STDOUT").catch(() => undefined)
    await app.query("SELECT date '2026-01-01' + 1, name FROM people LIMIT 1")
    await app.query("CREATE TEMP TABLE t AS SELECT 'canary-ctas' AS a")
    await app.query("DECLARE c CURSOR WITH HOLD FOR SELECT name FROM people WHERE name = 'canary-cursor'")
    await app.end()
  })
  afterAll(async () => {
    await admin.end()
    await server[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()
  })

  it('holds no row, no credential and no literal', async () => {
    const shape = await capture()
    shapeSchema.parse(JSON.parse(shapeText(shape)))
    expect(shapeText(shape)).not.toContain('canary')
    expect(shapeText(shape)).toContain('db.example.org')
    expect(shape.unread).toEqual([])
    expect(shape.queriesUnavailable).toBeNull()
    const ofApp = shape.queries.filter((query) => query.role === 'app')
    expect(ofApp).toEqual([
      { text: 'INSERT INTO people (name) VALUES ($1)', role: 'app', searchPath: 'court, public', calls: 1 },
      {
        text: expect.stringMatching(/^SELECT CAST\(\$1 AS date\) \+ \$2, name FROM people LIMIT \$3$/),
        role: 'app',
        searchPath: 'court, public',
        calls: 1,
      },
      {
        text: 'SELECT name FROM people WHERE id = $1 AND name <> $2',
        role: 'app',
        searchPath: 'court, public',
        calls: 2,
      },
    ])
    expect(shape.queriesLeftOut.find(({ why }) => why.startsWith('no SELECT'))?.count).toBeGreaterThan(3)
    expect(shape.tables.find((table) => table.object === 'table court.people')).toMatchObject({ rows: 12_000 })
    expect(shape.ledger).toMatchObject({
      table: 'public.schema_migrations',
      owner: server.superuser,
      rows: [{ key: '42' }],
    })
    expect(shape.roles.map((role) => role.name)).toEqual(['app', server.superuser])
    expect(shape.roles[0]).toMatchObject({
      attributes: ['login'],
      settings: ['court.jwt_secret=***', 'search_path=court, public'],
    })
    expect(shape.database.settings).toEqual(['court.dsn=***'])
  })

  it('takes no view for the ledger, and looks at nothing but the catalogue of the server', async () => {
    const before = await capture()
    await admin.query(`ALTER TABLE schema_migrations RENAME TO kept; CREATE VIEW schema_migrations AS TABLE kept;
      CREATE SCHEMA in_front; CREATE FUNCTION in_front.half(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT 9';
      CREATE OPERATOR in_front./ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = in_front.half)`)
    const spoofed = await capture(
      server.superuser,
      `&options=${encodeURIComponent('-c search_path=in_front,pg_catalog')}`,
    )
    await admin.query(`DROP VIEW schema_migrations; ALTER TABLE kept RENAME TO schema_migrations;
      DROP SCHEMA in_front CASCADE`)
    expect(spoofed.server.major).toBe(before.server.major)
    expect(spoofed.ledger).toBeNull()
    expect(spoofed.unread).toContainEqual({
      part: 'ledger public.schema_migrations',
      why: 'it is no table (relkind v)',
    })
  })

  it('says what a login without rights could not read, and reads the rest', async () => {
    const plain = await capture('reader')
    expect(plain.ledger).toMatchObject({ table: 'public.schema_migrations', rows: null })
    expect(plain.unread).toEqual([
      {
        part: 'ledger public.schema_migrations',
        why: expect.stringContaining('GRANT SELECT ON public.schema_migrations'),
      },
      { part: 'queries', why: expect.stringContaining('pg_read_all_stats') },
    ])
    expect(plain.queries).toEqual([])
    expect(plain.queriesUnavailable).toContain('pg_read_all_stats')
    const full = await capture()
    expect(plain.catalogue).toEqual(full.catalogue)
    expect(plain.tables).toEqual(full.tables)
    const watched = await capture('watcher')
    expect(watched.queriesUnavailable).toBeNull()
    expect(watched.queries.filter((query) => query.role === 'app')).toHaveLength(3)
  })

  it('what Seaworthy, psql and monitoring ask is no query of the running version', async () => {
    const names = `SELECT version, dirty FROM schema_migrations`
    await admin.query('GRANT SELECT ON schema_migrations TO watcher')
    const before = await capture('watcher')
    const watcher = await as('watcher')
    await watcher.query(
      'SELECT n.nspname FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n WHERE n.oid = c.relnamespace',
    )
    await watcher.query('WITH own AS (SELECT relname FROM pg_class) SELECT count(*) FROM own')
    await watcher.query("SELECT pg_catalog.set_config('search_path', '', false)")
    await watcher.query('SELECT calls FROM public.pg_stat_statements LIMIT 1')
    await watcher.end()
    const again = await capture('watcher', '', '2026-11-22T12:00:00Z')
    const own = again.queriesLeftOut.find(({ why }) => why === 'sent by Seaworthy itself')
    expect(own?.count).toBeGreaterThan(0)
    const timeless = (shape: Shape) => ({
      ...shape,
      capturedAt: '',
      queriesLeftOut: [],
      queries: shape.queries.map((query) => ({ ...query, calls: 0 })),
    })
    expect(timeless(again)).toEqual(timeless(before))
    expect(again.queries.filter((query) => query.role === 'watcher')).toEqual([])
    const somebody = await as('watcher')
    await somebody.query(names)
    await somebody.query(`/* seaworthy */ SELECT dirty FROM schema_migrations`)
    await somebody.end()
    const texts = (await capture('watcher')).queries.filter((query) => query.role === 'watcher').map(({ text }) => text)
    expect(texts).toEqual(['SELECT dirty FROM schema_migrations', names])
  })

  it('a setting that the login has for itself is not told as that of the server', async () => {
    await admin.query("ALTER ROLE stranger SET lock_timeout = '7s'")
    const shape = await capture('stranger')
    expect(shape.server.settings.find(({ name }) => name === 'lock_timeout')).toBeUndefined()
    expect(shape.unread.map(({ part }) => part)).toContain('setting lock_timeout')
    await admin.query('ALTER ROLE stranger RESET lock_timeout')
  })

  it('takes no lock stronger than ACCESS SHARE, and does not wait long for one', async () => {
    const blocker = await as(server.superuser)
    await blocker.query('BEGIN; LOCK TABLE court.people IN ACCESS EXCLUSIVE MODE')
    const startedAt = performance.now()
    const outcome = capture().catch((error: unknown) => error)
    const modes = new Set<string>()
    for (let look = 0; look < 15; look += 1) {
      await sleep(100)
      const { rows } = await admin.query<{ mode: string }>(
        `SELECT l.mode FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE a.application_name = 'seaworthy' AND l.locktype = 'relation' AND l.pid NOT IN ($1, pg_backend_pid())`,
        [(await blocker.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid],
      )
      for (const row of rows) modes.add(row.mode)
    }
    expect(await outcome).toMatchObject({
      code: 'limit',
      message: expect.stringContaining('waits for no lock longer than 2 s'),
      hint: expect.stringContaining('Nothing was changed'),
    })
    expect(performance.now() - startedAt).toBeLessThan(4_800)
    expect([...modes]).toEqual(['AccessShareLock'])
    await blocker.query('ROLLBACK')
    await blocker.end()
  })

  it('a server that cannot be reached, and a URL that is none: no password is said', async () => {
    const failed = async (url: string): Promise<unknown> =>
      await captureShape({
        url,
        ledgers: [],
        isLedgerNamed: false,
        now: new Date(),
        signal: never,
        progress: () => undefined,
      }).catch((error: unknown) => error)
    const unreachable = await failed('postgresql://someone:canary-pass@127.0.0.1:1/db')
    expect(unreachable).toMatchObject({ code: 'network', message: expect.stringContaining('127.0.0.1:1/db') })
    expect(String(unreachable)).not.toContain('canary')
    const none = await failed('canary-pass')
    expect(none).toMatchObject({ code: 'usage' })
    expect(String(none)).not.toContain('canary')
  })
})
