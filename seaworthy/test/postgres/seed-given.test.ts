import { afterAll, beforeAll, expect, it } from 'vitest'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { type ScratchServer, startScratchServer } from '../../src/postgres/scratch-server.ts'
import { stage } from './rehearse.ts'

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer({
    binaries: await findBinaries(null, process.cwd()),
    snapshot: null,
    signal: new AbortController().signal,
  })
  await query('CREATE ROLE maker LOGIN CREATEDB CREATEROLE')
})
afterAll(async () => await server[Symbol.asyncDispose]())

async function query(sql: string): Promise<unknown[]> {
  const client = await connect(server, server.superuser, 'postgres')
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

const urlOf = (login: string): string =>
  `postgres://${login}@localhost/postgres?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`

const TEXTS = [
  `CREATE TABLE cases (id serial PRIMARY KEY, docket text UNIQUE);
   CREATE TABLE hearings (id serial PRIMARY KEY, of int NOT NULL REFERENCES cases);
   INSERT INTO cases (docket) VALUES ('live')`,
  'DELETE FROM hearings; ALTER TABLE cases ADD CONSTRAINT few CHECK (id < 1005)',
]

it('a superuser of a given server: rows in databases of ours, and the server is left as it was', async () => {
  const before = await query('SELECT rolname FROM pg_roles ORDER BY 1')
  {
    const staged = await stage({ texts: TEXTS, live: 1, serverUrl: urlOf(server.superuser) })
    await using rehearsing = staged.rehearsing
    const seeded = await rehearsing.seed({ script: null, seed: 1 })
    expect(seeded.seeding.unseeded).toEqual([])
    expect(seeded.seeding.tables).toEqual([
      { object: 'table public.cases', rows: 15, synthetic: 14 },
      { object: 'table public.hearings', rows: 14, synthetic: 14 },
    ])
    await using world = await seeded.fork()
    const { failure } = await world.apply(staged.pending)
    const [failed] = staged.pending
    if (failure === null || failed === undefined) throw new Error('it was to fail')
    const without = await seeded.without(failure, [], failed)
    expect(without?.resolution).toContain('public.cases that few refuses')
    await using next = await (without?.seeded ?? seeded).fork()
    const watch = await next.watchRows()
    expect((await next.apply(staged.pending)).failure).toBeNull()
    expect((await watch.look()).changes).toMatchObject([{ object: 'table public.hearings' }])
  }
  expect(await query('SELECT rolname FROM pg_roles ORDER BY 1')).toEqual(before)
  expect(await query('SELECT * FROM pg_parameter_acl')).toEqual([])
  expect(await query("SELECT datname FROM pg_database WHERE datname LIKE 'seaworthy_%'")).toEqual([])
})

it('a login that is no superuser: every table is named with the reason, and the live rows are still watched', async () => {
  const staged = await stage({ texts: [...TEXTS, 'DELETE FROM cases'], live: 1, serverUrl: urlOf('maker') })
  await using rehearsing = staged.rehearsing
  const seeded = await rehearsing.seed({ script: null, seed: 1 })
  expect(seeded.seeding.unseeded).toEqual(
    ['cases', 'hearings'].map((name) => ({
      object: `table public.${name}`,
      reason: expect.stringContaining('only a superuser may switch triggers and foreign keys off'),
    })),
  )
  await using world = await seeded.fork()
  const watch = await world.watchRows()
  expect((await world.apply(staged.pending)).failure).toBeNull()
  expect((await watch.look()).changes).toMatchObject([{ object: 'table public.cases', rowsBefore: 1, lost: 1 }])
})
