import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityIn } from '../../../src/gate/certificate/identity.ts'
import type { Observation } from '../../../src/gate/observation.ts'
import { formatNamed } from '../../../src/migrations/formats.ts'
import type { FormatName, LedgerTable } from '../../../src/migrations/model.ts'
import { observeLedger } from '../../../src/observers/ledger/observe.ts'
import { ledgerTableFor } from '../../../src/observers/ledger/table.ts'
import { findBinaries } from '../../../src/postgres/binaries.ts'
import { connect } from '../../../src/postgres/connect.ts'
import { becomes, never } from '../../postgres/private-places.ts'
import { startTricklingServer } from '../../postgres/trickling-server.ts'
import { type ScratchServer, startScratchServer } from '../../../src/postgres/scratch-server.ts'

let server: ScratchServer

beforeAll(async () => {
  const binaries = await findBinaries(null, import.meta.dirname)
  server = await startScratchServer({ binaries, snapshot: null, signal: new AbortController().signal })
  await run('CREATE ROLE reader LOGIN; CREATE ROLE canary_nobody LOGIN')
  await run('CREATE DATABASE empty')
  for (const format of ['golang-migrate', 'sqlx', 'prisma'] as const) {
    for (const sql of formatNamed(format).ledger?.createSql ?? []) await run(sql)
  }
  await run(`INSERT INTO schema_migrations VALUES (42, false);
    INSERT INTO _sqlx_migrations VALUES (7, 'add x', '2026-05-01 12:00:00+02', true, '\\xabcd', 12);
    CREATE SCHEMA app;
    CREATE TABLE app.applied_migrations (version text, name text, applied_at timestamptz, checksum text);
    INSERT INTO app.applied_migrations VALUES ('0123', 'hearings', '2026-05-01 10:00:00Z', repeat('ab', 32));
    CREATE TABLE app.schema_migrations (LIKE schema_migrations);
    INSERT INTO app.schema_migrations VALUES (43, true);
    CREATE TABLE app.other (id int, email text);
    GRANT USAGE ON SCHEMA app TO PUBLIC;
    GRANT SELECT ON ALL TABLES IN SCHEMA app, public TO reader`)
})
afterAll(() => server[Symbol.asyncDispose]())

async function run(sql: string, database = 'postgres'): Promise<unknown[]> {
  const client = await connect(server, server.superuser, database)
  try {
    const result = await client.query<Record<string, unknown>>(sql)
    return result.rows
  } finally {
    await client.end()
  }
}

const url = (user = 'reader', database = 'postgres'): string =>
  `postgresql:///${database}?host=${encodeURIComponent(server.socketDir)}&port=${server.port}&user=${user}`

const read = (table: LedgerTable | null, from = url(), signal = never): Promise<Observation> =>
  observeLedger({ file: null, url: from, table, env: {}, signal })

const tableOf = (format: FormatName, configured: string | null = null): LedgerTable | null =>
  ledgerTableFor(formatNamed(format), configured)

test('rows that a policy hides, a view, and a second row are no ledger', async () => {
  await run(`CREATE SCHEMA hidden; GRANT USAGE ON SCHEMA hidden TO reader;
    CREATE TABLE hidden.applied_migrations (LIKE app.applied_migrations);
    INSERT INTO hidden.applied_migrations TABLE app.applied_migrations;
    ALTER TABLE hidden.applied_migrations ENABLE ROW LEVEL SECURITY;
    CREATE POLICY few ON hidden.applied_migrations TO reader USING (version = '0');
    CREATE VIEW hidden.shown AS TABLE app.applied_migrations;
    CREATE VIEW hidden."Seen" AS TABLE app.applied_migrations;
    CREATE TABLE hidden.schema_migrations AS TABLE schema_migrations;
    INSERT INTO hidden.schema_migrations VALUES (999, true);
    GRANT SELECT ON ALL TABLES IN SCHEMA hidden TO reader`)
  const reasons = [
    ['numbered', 'hidden.applied_migrations', 'may not read'],
    ['numbered', 'hidden.shown', 'is no table'],
    ['numbered', 'hidden.Seen', 'is no table'],
    ['golang-migrate', 'hidden.schema_migrations', 'here are 2'],
  ] as const
  for (const [format, table, reason] of reasons) {
    const seen = await read(tableOf(format, table))
    expect(seen).toMatchObject({ status: 'failed', reason: expect.stringContaining(reason) })
  }
})

test('an operator of a schema in front does not make a table of a view', async () => {
  await run('CREATE DATABASE spoofed')
  await run(
    `CREATE TABLE applied_real (version bigint, name text); INSERT INTO applied_real VALUES (122, 'a'), (999, 'hidden');
    CREATE VIEW applied_migrations AS TABLE applied_real;
    CREATE FUNCTION never(oid, regclass) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
    CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = public.never);
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
    ALTER ROLE reader IN DATABASE spoofed SET search_path = public, pg_catalog`,
    'spoofed',
  )
  const seen = await read(tableOf('numbered', 'public.applied_migrations'), url('reader', 'spoofed'))
  expect(seen).toMatchObject({ status: 'failed', reason: expect.stringContaining('is no table (relkind v)') })
})

test("the tools' own ledgers, and those of runners of one's own", async () => {
  expect(await read(tableOf('golang-migrate'))).toMatchObject({ data: { style: 'high-water', rows: [{ key: '42' }] } })
  expect(await read(tableOf('golang-migrate', 'app.schema_migrations'))).toMatchObject({
    data: { style: 'high-water', rows: [{ key: '43', isDirty: true }] },
  })
  expect(await read(tableOf('sqlx'))).toMatchObject({
    data: {
      rows: [{ key: '7', name: 'add x', checksum: 'abcd', appliedAt: '2026-05-01T10:00:00.000Z', isDirty: false }],
    },
  })
  const own = { key: '123', name: 'hearings', checksum: 'ab'.repeat(32), appliedAt: '2026-05-01T10:00:00.000Z' }
  for (const format of ['golang-migrate', 'numbered'] as const) {
    expect(await read(tableOf(format, 'app.applied_migrations'))).toMatchObject({
      data: { style: 'rows', rows: [own] },
    })
  }
  expect(await read(tableOf('prisma'))).toMatchObject({ status: 'observed', data: { rows: [] } })
})

test('the URL may come from the environment', async () => {
  const env = { SEAWORTHY_LEDGER_URL: url() }
  expect(await observeLedger({ file: null, url: null, table: tableOf('sqlx'), env, signal: never })).toMatchObject({
    status: 'observed',
  })
})

test('it says which database it was read from, by whatever name; and nothing where the server does not say', async () => {
  const table = tableOf('golang-migrate')
  const other = url().replace('postgresql:///postgres?', `postgresql:///postgres?application_name=other&`)
  const [one, again] = [await read(table), await read(table, other)]
  expect(one.witness).toMatch(/public\.schema_migrations of sha256:[0-9a-f]{64}$/)
  expect(identityIn(again.witness)).toBe(identityIn(one.witness))
  await run('CREATE DATABASE copy TEMPLATE empty')
  for (const sql of formatNamed('golang-migrate').ledger?.createSql ?? []) await run(sql, 'copy')
  await run('GRANT SELECT ON schema_migrations TO reader', 'copy')
  const copy = await read(table, url('reader', 'copy'))
  expect(copy.status).toBe('observed')
  expect(identityIn(copy.witness)).toMatch(/^sha256:/)
  expect(identityIn(copy.witness)).not.toBe(identityIn(one.witness))
  await run('REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC')
  const silent = await read(table)
  await run('GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO PUBLIC')
  expect(silent).toMatchObject({ status: 'observed', data: { rows: [{ key: '42' }] } })
  expect(identityIn(silent.witness)).toBeNull()
})

describe('what could not be read is not observed, and never an empty ledger', () => {
  test('no such table, no such schema', async () => {
    expect(await read(tableOf('sqlx'), url('reader', 'empty'))).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('the ledger table public._sqlx_migrations does not exist'),
    })
    expect(await read(tableOf('numbered', 'nowhere.applied'))).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/does not exist/),
    })
  })

  test('no right to read it', async () => {
    expect(await read(tableOf('sqlx'), url('canary_nobody'))).toMatchObject({
      status: 'failed',
      hint: expect.stringMatching(/GRANT SELECT/),
    })
  })

  test('a table that is no ledger, and a name that nobody gave', async () => {
    expect(await read(tableOf('numbered', 'app.other'))).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/no ledger|not the ledger/),
    })
    expect(await read(tableOf('numbered'))).toMatchObject({
      status: 'failed',
      hint: expect.stringMatching(/ledgerTable/),
    })
  })

  test('a locked table, within a time limit', async () => {
    const client = await connect(server, server.superuser, 'postgres')
    await client.query('BEGIN; LOCK TABLE _sqlx_migrations')
    const table = tableOf('sqlx')
    const quick = table === null ? null : { ...table, readSql: `SET LOCAL lock_timeout = 50; ${table.readSql}` }
    expect(await read(quick)).toMatchObject({ status: 'failed', reason: expect.stringMatching(/lock timeout/) })
    await client.end()
  })

  test('nobody listens; and no credential is in the answer', async () => {
    const from = 'postgresql://canary_user:canary%2Fpass@127.0.0.1:1/app?password=canary_other'
    const observation = await read(tableOf('sqlx'), from)
    expect(observation).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/could not be read from postgresql:\/\/127\.0\.0\.1:1\/app/),
    })
    expect(JSON.stringify(observation)).not.toContain('canary')
  })

  test('an unknown user is not named', async () => {
    const observation = await read(tableOf('sqlx'), url('canary_user'))
    expect(observation.status).toBe('failed')
    expect(JSON.stringify(observation)).not.toContain('canary_user')
  })

  test('something that listens and hangs up', async () => {
    const dead = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve))
    const address = dead.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(await read(tableOf('sqlx'), `postgresql://u:p@127.0.0.1:${port}/x`)).toMatchObject({ status: 'failed' })
    await new Promise((resolve) => dead.close(resolve))
  })
})

test('whoever cancels does not wait for a server that keeps talking, and no connection is left to it', async () => {
  await using trickling = await startTricklingServer()
  const cancel = new AbortController()
  const reading = read(tableOf('sqlx'), trickling.url, cancel.signal)
  await trickling.asked
  expect(trickling.connections()).toBe(1)
  const cancelledAt = performance.now()
  cancel.abort(new Error('enough'))
  await expect(reading).rejects.toThrow('enough')
  expect(performance.now() - cancelledAt).toBeLessThan(5_000)
  expect(await becomes(() => trickling.connections() === 0)).toBe(true)
  await expect(read(tableOf('sqlx'), trickling.url, cancel.signal)).rejects.toThrow('enough')
})

test('nothing is written, not even by the superuser', async () => {
  const table = tableOf('golang-migrate')
  if (table === null) throw new Error('golang-migrate has a ledger')
  const writing = { ...table, readSql: 'DELETE FROM public.schema_migrations RETURNING version, dirty' }
  expect(await read(writing, url(server.superuser))).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/read-only transaction/),
  })
  expect(await run('SELECT version FROM schema_migrations')).toEqual([{ version: '42' }])
})

test('what is no PostgreSQL URL is refused without being repeated', async () => {
  for (const from of ['mysql://canary:canary@db/app', 'canary secret', '']) {
    const error: unknown = await read(tableOf('sqlx'), from).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'usage' })
    expect(String(error)).not.toContain('canary')
  }
})
