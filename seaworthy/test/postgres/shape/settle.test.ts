import type { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { sample } from '../../../src/checks/migrations-drift/sample.ts'
import type { RehearsalRequest } from '../../../src/migrations/engine.ts'
import type { Shape, ShapeRole } from '../../../src/migrations/shape.ts'
import { shape } from '../../../src/observers/shape/kind.ts'
import { findBinaries } from '../../../src/postgres/binaries.ts'
import { connect } from '../../../src/postgres/connect.ts'
import { postgresEngine } from '../../../src/postgres/engine.ts'
import { rolesOf } from '../../../src/postgres/roles.ts'
import { openGivenHost } from '../../../src/postgres/given-host.ts'
import { openScratchHost } from '../../../src/postgres/scratch-host.ts'
import { startScratchServer } from '../../../src/postgres/scratch-server.ts'
import { rolesOfShape } from '../../../src/postgres/shape/migrating.ts'
import { settleAsProduction } from '../../../src/postgres/shape/settle.ts'
import { SINGLE, migrationsOf } from '../rehearse.ts'

const role = (name: string, change: Partial<ShapeRole> = {}): ShapeRole => ({
  name,
  attributes: [],
  memberOf: [],
  settings: [],
  ...change,
})

const EMPTY: Shape = {
  ...sample.need(shape),
  extensions: [],
  catalogue: [],
  roles: [role('deploy', { attributes: ['login'] })],
  ledger: { table: 'public.l', owner: 'deploy', style: 'rows', rows: [] },
  database: { ...sample.need(shape).database, owner: 'deploy' },
}

const requestFor = (production: Shape, texts: readonly string[], live: number, major: number): RehearsalRequest => {
  const migrations = migrationsOf(texts)
  return {
    tree: {
      format: 'golang-migrate',
      detectedBy: 'the test',
      folder: 'migrations',
      transaction: 'per-file',
      migrations,
      problems: [],
    },
    baseline: migrations.slice(0, live),
    pending: migrations.slice(live),
    roles: rolesOfShape(SINGLE, production).settings,
    shape: production,
    major,
    serverUrl: null,
    useCache: false,
    lockTimeoutMs: 5_000,
    statementTimeoutMs: 20_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  }
}

/** Applies what is pending as the role that migrates in that shape. */
const failureIn = async (production: Shape, texts: readonly string[], live: number, major: number) => {
  const request = requestFor(production, texts, live, major)
  await using rehearsing = await postgresEngine(
    async (wanted) => await openScratchHost(wanted, process.cwd()),
    null,
  ).open(request)
  await using world = await rehearsing.fork()
  const { failure } = await world.apply(request.pending)
  return { failure, provided: rehearsing.provided() }
}

/** What a superuser sees after a shape was settled over that schema. */
const settled = async <T>(production: Shape, sql: string, major: number, look: (admin: Client) => Promise<T>) => {
  const request = requestFor(production, [], 0, major)
  await using host = await openScratchHost(request, process.cwd())
  await using place = await host.fresh()
  await place.admin.query("SET search_path = ''")
  await place.admin.query(
    `CREATE ROLE deploy LOGIN; CREATE ROLE owner; GRANT CREATE ON SCHEMA public TO owner; SET ROLE owner; SET search_path = public; ${sql}; RESET ROLE; SET search_path = ''`,
  )
  const provided = await settleAsProduction(place, rolesOf(host, request.roles), production, null)
  return { provided, seen: await look(place.admin) }
}

const rowsOf = async (admin: Client, sql: string): Promise<unknown[]> => {
  const { rows } = await admin.query<unknown[]>({ text: sql, rowMode: 'array' })
  return rows
}

const QUOTE = `x"; CREATE TABLE public.pwned (); --`

describe.each([18, 15])('a hostile shape on PostgreSQL %i', (major) => {
  const hostile: Shape = {
    ...EMPTY,
    server: {
      ...EMPTY.server,
      settings: [
        { name: 'datestyle; CREATE TABLE public.pwned ()', value: "x'; CREATE TABLE public.pwned (); --" },
        { name: 'DateStyle', value: "ISO'; CREATE TABLE public.pwned (); --" },
      ],
    },
    database: {
      ...EMPTY.database,
      settings: [
        'session_preload_libraries=/tmp/evil',
        'local_preload_libraries=evil',
        'search_path="a\'; CREATE TABLE public.pwned (); --", b',
        'app."x=y',
      ],
    },
    roles: [
      ...EMPTY.roles,
      role(QUOTE, {
        attributes: ['superuser', 'replication', 'login'],
        memberOf: [
          'pg_execute_server_program',
          'pg_write_server_files',
          'pg_read_server_files',
          'pg_create_subscription',
          'seaworthy',
        ].map((group) => ({ role: group, isAdmin: true, inherits: true, canSet: true })),
        settings: ['session_replication_role=replica', 'role=seaworthy', 'log_statement=none'],
      }),
    ],
    catalogue: [
      { object: 'table public.t', definition: `owner "${QUOTE.replaceAll('"', '""')}"` },
      { object: 'table public.t OWNER TO deploy; CREATE TABLE public.pwned (); --', definition: 'owner deploy' },
      {
        object: 'privileges on table public.t for deploy',
        definition: 'of table public.t\ngranted SELECT ON public.t TO deploy; CREATE TABLE public.pwned (); --',
      },
      { object: 'privileges on table public.t for seaworthy', definition: 'of table public.t\ngranted SELECT' },
      {
        object: 'privileges on table public.t for PUBLIC; CREATE TABLE public.pwned ()',
        definition: 'of table public.t\ngranted SELECT',
      },
      {
        object: 'default privileges of deploy on tables; CREATE TABLE public.pwned ()',
        definition: 'SELECT to deploy',
      },
      {
        object: 'default privileges of deploy on tables',
        definition: 'SELECT to deploy; CREATE TABLE public.pwned () to deploy',
      },
      {
        object: 'default privileges of deploy on tables in schema public',
        definition: 'of schema public\nSELECT to "deploy; x"',
      },
    ],
  }

  it('makes nobody a superuser, opens no way out, and runs none of its text', async () => {
    const { provided, seen } = await settled(hostile, 'CREATE TABLE t (a int)', major, async (admin) => ({
      superusers: await rowsOf(admin, "SELECT rolname FROM pg_roles WHERE rolsuper AND rolname !~ '^pg_'"),
      replicating: await rowsOf(admin, 'SELECT rolname FROM pg_roles WHERE rolreplication AND NOT rolsuper'),
      ways: await rowsOf(
        admin,
        "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles w ON w.oid = m.member WHERE (g.rolname ~ 'server|subscription' OR g.rolname = 'seaworthy') AND w.rolname !~ '^pg_'",
      ),
      made: await rowsOf(admin, "SELECT relname FROM pg_class WHERE relname = 'pwned'"),
      owner: await rowsOf(admin, "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 't'"),
      settings: await rowsOf(
        admin,
        "SELECT setting FROM pg_db_role_setting, unnest(setconfig) setting WHERE setting ~ 'preload|replication|log_statement'",
      ),
    }))
    expect(seen).toEqual({
      superusers: [['seaworthy']],
      replicating: [],
      ways: [],
      made: [],
      owner: [[QUOTE]],
      settings: [],
    })
    // What could not be done is said, and is unproven.
    expect(provided.length).toBeGreaterThan(3)
    expect(provided.every((one) => one.isUnproven)).toBe(true)
  })

  it("a role of the server's own is refused", async () => {
    const taken = { ...EMPTY, roles: [...EMPTY.roles, role('pg_execute_server_program', { attributes: ['login'] })] }
    await expect(settled(taken, 'SELECT 1', major, () => Promise.resolve())).rejects.toMatchObject({ code: 'config' })
  })
})

it('on a server of others nothing is settled, and that is a limit', async () => {
  const binaries = await findBinaries(null, process.cwd())
  await using given = await startScratchServer({ binaries, snapshot: null, signal: new AbortController().signal })
  const serverUrl = `postgresql://${given.superuser}@localhost/postgres?host=${encodeURIComponent(given.socketDir)}&port=${given.port}`
  const production = { ...EMPTY, roles: [...EMPTY.roles, role('from_shape')] }
  const request = { ...requestFor(production, ['CREATE TABLE t (a int)'], 1, 18), roles: SINGLE, serverUrl }
  await using rehearsing = await postgresEngine(async (wanted) => await openGivenHost(serverUrl, wanted), null).open(
    request,
  )
  expect(rehearsing.limits).toEqual([expect.stringContaining("production's roles, owners and grants")])
  const admin = await connect(given, given.superuser, 'postgres')
  expect(await rowsOf(admin, "SELECT 1 FROM pg_roles WHERE rolname ~ 'from_shape'")).toEqual([])
  await admin.end()
})

describe.each([18, 15])('the role that migrates on PostgreSQL %i', (major) => {
  const HISTORY = ['CREATE TABLE t (a int); CREATE ROLE made_by_history;']
  const owned = (owner: string, ...more: Shape['catalogue']): Shape['catalogue'] => [
    { object: 'table public.t', definition: `owner ${owner}` },
    usage,
    ...more,
  ]
  const CREATE_IN_PUBLIC = {
    object: 'privileges on schema public for deploy',
    definition: 'of schema public\ngranted CREATE',
  }
  const schema = { object: 'schema public', definition: 'owner pg_database_owner' }
  const usage = { object: 'privileges on schema public for PUBLIC', definition: 'of schema public\ngranted USAGE' }

  it('may what it may in production, and no more', async () => {
    const other = {
      ...EMPTY,
      roles: [...EMPTY.roles, role('dba'), role('made_by_history')],
      catalogue: owned('dba', schema),
      database: { ...EMPTY.database, owner: 'dba' },
    }
    const alters = [...HISTORY, 'ALTER TABLE t ADD COLUMN b int']
    expect(await failureIn(other, alters, 1, major)).toMatchObject({
      provided: [{ name: 'dba CREATEROLE', neededBy: 'baseline' }],
      failure: { error: { sqlstate: '42501' } },
    })
    expect((await failureIn({ ...other, catalogue: owned('deploy', schema) }, alters, 1, major)).failure).toBeNull()
    const makes = [...HISTORY, 'CREATE TABLE u (a int)']
    expect((await failureIn(other, makes, 1, major)).failure).toMatchObject({ error: { sqlstate: '42501' } })
    expect(
      (await failureIn({ ...other, catalogue: owned('dba', schema, CREATE_IN_PUBLIC) }, makes, 1, major)).failure,
    ).toBeNull()
  })

  it('through its groups, as they are granted', async () => {
    const member = (inherits: boolean, canSet: boolean): Shape => ({
      ...EMPTY,
      roles: [
        role('deploy', {
          attributes: inherits ? ['login'] : ['login', 'noinherit'],
          memberOf: [{ role: 'dba', isAdmin: false, inherits, canSet }],
        }),
        role('dba'),
      ],
      catalogue: owned('dba', schema),
      database: { ...EMPTY.database, owner: 'dba' },
    })
    const alters = [...HISTORY, 'ALTER TABLE t ADD COLUMN b int']
    expect((await failureIn(member(true, true), alters, 1, major)).failure).toBeNull()
    expect((await failureIn(member(false, true), alters, 1, major)).failure).toMatchObject({
      error: { sqlstate: '42501' },
    })
    const asOwner = [...HISTORY, 'SET ROLE dba; ALTER TABLE t ADD COLUMN b int']
    expect((await failureIn(member(false, true), asOwner, 1, major)).failure).toBeNull()
    const logsInAs = member(false, true)
    const roles = logsInAs.roles.map((one) => (one.name === 'deploy' ? { ...one, settings: ['role=dba'] } : one))
    expect((await failureIn({ ...logsInAs, roles }, alters, 1, major)).failure).toBeNull()
  })

  it('with the settings of role and database', async () => {
    const paths = {
      ...EMPTY,
      catalogue: owned('deploy', schema, { object: 'schema app', definition: 'owner deploy' }, CREATE_IN_PUBLIC),
      database: { ...EMPTY.database, settings: ['search_path=app, public'] },
    }
    const history = ['CREATE TABLE t (a int); CREATE SCHEMA app']
    const release = [
      ...history,
      `DO $$ BEGIN CREATE TABLE u (a int); IF to_regclass('app.u') IS NULL THEN RAISE 'not there'; END IF; END $$`,
    ]
    expect((await failureIn(paths, release, 1, major)).failure).toBeNull()
    expect((await failureIn({ ...paths, database: EMPTY.database }, release, 1, major)).failure).toMatchObject({
      error: { sqlstate: 'P0001' },
    })
  })

  it('as a superuser, who is none here and a member of all', async () => {
    const root = {
      ...EMPTY,
      roles: [
        role('deploy', { attributes: ['superuser', 'login'] }),
        role('dba'),
        role('root_2', { attributes: ['superuser'] }),
      ],
      catalogue: owned('dba', schema),
      database: { ...EMPTY.database, owner: 'root_2' },
    }
    expect(
      (
        await failureIn(
          root,
          [...HISTORY, 'ALTER TABLE t ADD COLUMN b int; CREATE ROLE another; CREATE SCHEMA s'],
          1,
          major,
        )
      ).failure,
    ).toBeNull()
    expect((await failureIn(root, [...HISTORY, "COPY t FROM PROGRAM 'id'"], 1, major)).failure).toMatchObject({
      error: { sqlstate: '42501' },
    })
  })
})
