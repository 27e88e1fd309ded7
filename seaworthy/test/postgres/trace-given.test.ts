import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { type ScratchServer, startScratchServer } from '../../src/postgres/scratch-server.ts'
import { migrationsOf, stage } from './rehearse.ts'
import { lines, stageTrace } from './traced.ts'

const SCHEMA = `CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1)`

describe('a trace on a server that was given', () => {
  let server: ScratchServer
  beforeAll(async () => {
    const binaries = await findBinaries(null, process.cwd())
    server = await startScratchServer({ binaries, snapshot: null, signal: new AbortController().signal })
    await query('CREATE ROLE maker LOGIN CREATEDB CREATEROLE')
  })
  afterAll(async () => await server[Symbol.asyncDispose]())

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    const client = await connect(server, server.superuser, 'postgres')
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows
    } finally {
      await client.end()
    }
  }

  const urlOf = (login: string): string =>
    `postgres://${login}@localhost/postgres?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`

  it('is made by a superuser, without the texts of what is nested, and leaves nothing on it', async () => {
    {
      await using staged = await stageTrace({ texts: [SCHEMA], serverUrl: urlOf(server.superuser) })
      const traced = await staged.trace(
        'DO $$ BEGIN DELETE FROM users; END $$; INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2; DROP TABLE users',
      )
      expect(traced.failure).toBeNull()
      expect(lines(traced)).toEqual([
        'delete table public.users 1',
        'insert table public.users 1',
        'upsert table public.users 0',
        'dropped table public.users',
        'dropped constraint users_pkey on public.users with table public.users',
        'dropped index public.users_pkey with table public.users',
        ...lines(traced).filter((line) => line.includes('not_null')),
      ])
      expect(traced.statements.flatMap((one) => one.nested)).toEqual([])
      await using world = await staged.world()
      await using plain = await staged.seeded.fork()
      expect(await world.catalogue()).toEqual(await plain.catalogue())
    }
    expect(await query("SELECT datname FROM pg_database WHERE datname LIKE 'seaworthy%'")).toEqual([])
    expect(await query('SELECT evtname FROM pg_event_trigger')).toEqual([])
  })

  it('is refused by name where the login is no superuser, and the world without it still works', async () => {
    const staged = await stage({ texts: [SCHEMA], live: 1, serverUrl: urlOf('maker') })
    await using rehearsing = staged.rehearsing
    const seeded = await rehearsing.seed({ script: { file: 'rows.sql', text: 'SELECT 1' }, seed: 1 })
    expect(await seeded.forkTraced()).toEqual({
      refused: 'event triggers need a superuser on the server that was given',
    })
    await using world = await seeded.fork()
    expect(await world.apply(migrationsOf(['DELETE FROM users']))).toEqual({ applied: 1, failure: null })
  })
})
