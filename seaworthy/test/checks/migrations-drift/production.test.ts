import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrationsDrift } from '../../../src/checks/migrations-drift/index.ts'
import { findFolders, observeFolder } from '../../../src/commands/check/folder.ts'
import { checkRequest } from '../../../src/commands/check/request.ts'
import { rehearse } from '../../../src/commands/check/rehearse.ts'
import { type CheckResult, runCheck } from '../../../src/gate/check.ts'
import { movedSince, type Precondition, preconditionsOf } from '../../../src/gate/certificate/precondition.ts'
import { Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { Repository } from '../../../src/git/repository.ts'
import { FORMATS } from '../../../src/migrations/formats.ts'
import { effects } from '../../../src/observers/effects/kind.ts'
import { type Shape, shape } from '../../../src/observers/shape/kind.ts'
import { captureShape } from '../../../src/postgres/shape/capture.ts'
import { shapeText } from '../../../src/postgres/shape/file.ts'
import { Project } from '../../commands/cli.ts'
import { type CatalogueServer, startCatalogueServer } from '../../postgres/catalogue-server.ts'
import { never } from '../../postgres/private-places.ts'

const ENV = { PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }

const HISTORY = `
  CREATE TYPE mood AS ENUM ('low', 'high');
  CREATE DOMAIN handle AS text CHECK (VALUE <> '');
  CREATE TABLE courts (id bigserial PRIMARY KEY, name text NOT NULL DEFAULT 'x', m mood, UNIQUE (name));
  CREATE TABLE cases (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, court bigint REFERENCES courts, h handle,
    "Odd name" numeric(10, 2) CHECK ("Odd name" > 0));
  CREATE INDEX cases_court ON cases (court) WHERE court IS NOT NULL;
  CREATE VIEW named AS SELECT c.id, c.name, count(*) AS n FROM courts c JOIN cases k ON k.court = c.id GROUP BY c.id, c.name;
  CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM courts;
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER stamped BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION stamp();
  CREATE FUNCTION twice(n integer DEFAULT 2, VARIADIC more text[] DEFAULT '{}') RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
  CREATE AGGREGATE total (integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
  CREATE PROCEDURE tidy(INOUT a integer) LANGUAGE plpgsql AS 'BEGIN a := 1; END';
  CREATE TABLE log (at timestamptz NOT NULL, line text) PARTITION BY RANGE (at);
  CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');
  ALTER TABLE courts ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON courts FOR SELECT USING (id = 1);
  CREATE SCHEMA "Bill ing"; CREATE TABLE "Bill ing"."In;voices" (id int PRIMARY KEY);
  CREATE STATISTICS both_of ON id, name FROM courts;
  COMMENT ON TABLE cases IS 'what is before the court';
`

describe.each([18, 15])('drift of production on PostgreSQL %i', (major) => {
  let server: CatalogueServer
  let production: Client
  beforeAll(async () => {
    server = await startCatalogueServer(major)
    production = await server.database()
    await production.query(`
      CREATE ROLE "Owner one"; CREATE ROLE deploy_it LOGIN CREATEROLE; CREATE ROLE app LOGIN NOINHERIT; CREATE ROLE readers;
      GRANT readers TO app; GRANT pg_read_all_data TO readers;
      ALTER ROLE app SET search_path = "$user", public; ALTER ROLE app SET app.jwt_secret = 'canary';
      ALTER DATABASE ${production.database} OWNER TO "Owner one";
      ALTER DATABASE ${production.database} SET default_transaction_isolation = 'repeatable read';
      GRANT CREATE ON DATABASE ${production.database} TO deploy_it;
      SET ROLE "Owner one"; ${HISTORY}; RESET ROLE;
      GRANT SELECT, INSERT ON courts TO app WITH GRANT OPTION; GRANT UPDATE (name) ON courts TO readers;
      REVOKE EXECUTE ON FUNCTION stamp FROM PUBLIC; GRANT EXECUTE ON FUNCTION twice TO app; GRANT USAGE ON SCHEMA "Bill ing" TO app;
      REVOKE USAGE ON TYPE mood FROM PUBLIC; GRANT USAGE ON SEQUENCE courts_id_seq TO app; GRANT ALL ON cases TO PUBLIC;
      REVOKE DELETE ON courts FROM "Owner one"; GRANT CREATE ON SCHEMA public TO deploy_it;
      ALTER TABLE log OWNER TO deploy_it; ALTER VIEW named OWNER TO app;
      ALTER DEFAULT PRIVILEGES FOR ROLE deploy_it IN SCHEMA public GRANT SELECT, UPDATE ON TABLES TO app;
      ALTER DEFAULT PRIVILEGES FOR ROLE deploy_it REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
      SET ROLE deploy_it; CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
      INSERT INTO schema_migrations VALUES (1, false); RESET ROLE`)
  })
  afterAll(async () => {
    await production.end()
    await server[Symbol.asyncDispose]()
  })

  const capture = async (now = '2026-11-21T12:00:00Z'): Promise<Shape> =>
    await captureShape({
      isLedgerNamed: false,
      url: `postgresql:///${production.database}?host=${encodeURIComponent(server.server.socketDir)}&port=${server.server.port}&user=${server.server.superuser}`,
      ledgers: FORMATS.flatMap((format) => format.ledger ?? []),
      now: new Date(now),
      signal: new AbortController().signal,
      progress: () => undefined,
    })

  const rehearsed = async (release: string): Promise<Observations> => {
    using project = new Project({
      'go.mod': 'module example.org/courts\n',
      'migrations/001_history.up.sql': HISTORY,
      'migrations/002_release.up.sql': release,
    })
    writeFileSync(project.at('shape.json'), shapeText(await capture()))
    execFileSync('git', ['init', '-q'], { cwd: project.root, env: ENV })
    const loaded = { config: {}, source: null, base: project.root }
    const flags = { shape: 'shape.json', pg: major, cache: false }
    const request = checkRequest([], flags, loaded, project.root, ENV)
    const around = { root: project.root, repository: await Repository.open(project.root, ENV), env: ENV }
    const [found] = (await findFolders(around, request)).folders
    const folder = await observeFolder(around, request, found!, { signal: never })
    const context = { request, programs: project.root, signal: new AbortController().signal, progress: () => undefined }
    const seen = await rehearse(context, folder, {
      ups: true,
      effects: true,
      downs: false,
      queries: false,
      repeat: false,
    })
    return new Observations([...folder.observations, ...seen])
  }

  const judge = (observations: Observations): CheckResult =>
    runCheck(migrationsDrift, observations, {
      evaluatedAt: '2026-11-21T12:00:00.000Z',
      settings: DEFAULT_POLICY.settings,
    })

  it('production that the migrations built has none; its owners, grants and settings are those of the rehearsal', async () => {
    const observations = await rehearsed('CREATE TABLE parties (id bigint PRIMARY KEY);\n')
    const { before } = observations.need(effects)
    const { catalogue } = observations.need(shape)
    const isAbout = (entry: { object: string }): boolean =>
      !/^(role|membership of|settings of|extension|database)/.test(entry.object)
    expect(before.filter(isAbout)).toEqual(catalogue.filter(isAbout))
    expect(judge(observations)).toMatchObject({ verdict: 'pass', findings: [] })
    expect(
      observations.find({ name: 'rehearsal', version: 1, parse: () => Promise.reject(new Error()) }),
    ).toMatchObject({
      data: { provided: [], roles: { migratingRole: 'deploy_it' } },
    })
    expect(before.find((entry) => entry.object === 'role app')?.definition).toBe('login\nnoinherit')
    expect(before.find((entry) => entry.object === 'membership of app in readers')).toBeDefined()
    expect(before.find((entry) => entry.object === 'settings of role app')?.definition).toBe(
      'of role app\napp.jwt_secret=***\nsearch_path="$user", public',
    )
  })

  it('as a precondition moves by what is done to production, and not by its being used', async () => {
    const seen = async (now?: string): Promise<Precondition> => {
      const observations = new Observations([observed(shape, 'production', await capture(now))])
      return preconditionsOf('migrations', observations, migrationsDrift.preconditions ?? [])[0]!
    }
    const before = await seen()
    expect(before.parts.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['table public.courts', 'role app', 'database', 'setting TimeZone']),
    )
    await production.query(`
      INSERT INTO courts (name) SELECT 'court ' || n FROM generate_series(1, 2000) n; SELECT count(*) FROM courts WHERE id = 7;
      REFRESH MATERIALIZED VIEW counted; ANALYZE; DELETE FROM courts`)
    expect(movedSince(before, await seen('2026-11-22T12:00:00Z'))).toBeNull()
    await production.query('BEGIN; ALTER TABLE courts ADD COLUMN seats int; ALTER ROLE readers BYPASSRLS; COMMIT')
    expect(movedSince(before, await seen())).toEqual({
      added: [],
      removed: [],
      changed: ['role readers', 'table public.courts'],
    })
    await production.query('ALTER TABLE courts DROP COLUMN seats; ALTER ROLE readers NOBYPASSRLS')
    expect(movedSince(before, await seen())).toBeNull()
  })

  it('what was made by hand collides, or is told', async () => {
    await production.query(
      'BEGIN; CREATE TABLE parties (id int); ALTER TABLE courts ADD COLUMN by_hand int; DROP VIEW named; COMMIT',
    )
    try {
      const { verdict, findings } = judge(await rehearsed('CREATE TABLE parties (id bigint PRIMARY KEY);\n'))
      expect(verdict).toBe('fail')
      expect(findings.filter((one) => !one.code.startsWith('unproven/')).map((one) => [one.code, one.subject])).toEqual(
        [
          ['drift/release-collides', 'table public.parties'],
          ['drift/different', 'table public.courts'],
          ['drift/missing', 'view public.named'],
        ],
      )
    } finally {
      await production.query('DROP TABLE parties; ALTER TABLE courts DROP COLUMN by_hand')
    }
  })
})
