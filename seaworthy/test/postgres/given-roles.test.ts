import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Observations } from '../../src/gate/observation.ts'
import { type Effects, effects } from '../../src/observers/effects/kind.ts'
import { observeEffects } from '../../src/observers/effects/observe.ts'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { type ScratchServer, startScratchServer } from '../../src/postgres/scratch-server.ts'
import { rehearse, stage } from './rehearse.ts'

/** What migrations make on the server itself, with both runs on one server. */
describe.each([18, 15])('a server that was given, PostgreSQL %i', (major) => {
  let server: ScratchServer
  beforeAll(async () => {
    const binaries = await findBinaries(major, process.cwd())
    server = await startScratchServer({ binaries, snapshot: null, signal: new AbortController().signal })
    await query('CREATE ROLE maker LOGIN CREATEDB CREATEROLE; CREATE ROLE builder LOGIN CREATEDB; CREATE ROLE theirs')
    await query('CREATE DATABASE theirs OWNER theirs')
  })
  afterAll(async () => await server[Symbol.asyncDispose]())

  async function query(sql: string): Promise<Record<string, string>[]> {
    const client = await connect(server, server.superuser, 'postgres')
    try {
      return (await client.query<Record<string, string>>(sql)).rows
    } finally {
      await client.end()
    }
  }

  const there = async (): Promise<string[]> => {
    const rows = await query(`SELECT datname AS name FROM pg_database UNION ALL
      SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY name`)
    return rows.map((row) => row['name'] ?? '')
  }

  const urlOf = (login: string): string =>
    `postgres://${login}@localhost/postgres?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`

  async function after(live: string, sql: string, login = server.superuser): Promise<Effects> {
    const staged = await stage({ texts: [live, sql], live: 1, serverUrl: urlOf(login) })
    await using rehearsing = staged.rehearsing
    const { tree, pending } = staged
    const input = { tree, pending, seed: { script: null, seed: 1 }, signal: new AbortController().signal }
    const { observation } = await observeEffects(rehearsing, input)
    return new Observations([observation]).need(effects)
  }

  const LIVE = 'CREATE TABLE a (id int PRIMARY KEY);'
  const ROLES: readonly (readonly [what: string, live: string, sql: string])[] = [
    ['by name', LIVE, 'CREATE ROLE reporter; GRANT SELECT ON a TO reporter;'],
    [
      'where there is none',
      LIVE,
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN CREATE ROLE reader; END IF; END $$;",
    ],
    ['in the live history', `${LIVE} CREATE ROLE reporter;`, 'GRANT SELECT ON a TO reporter;'],
    ['that is only named', LIVE, 'GRANT SELECT ON a TO a_role_of_production;'],
  ]

  it.runIf(major >= 16).each(ROLES)(
    'a role that is made %s is in the way of no run, and gone afterwards',
    async (_, live, sql) => {
      const before = await there()
      expect(await after(live, sql)).toMatchObject({ failure: null, traceUnproven: null, interference: [] })
      expect(await there()).toEqual(before)
      expect(await after(live, sql, 'maker')).toMatchObject({ failure: null })
      expect(await there()).toEqual(before)
    },
  )

  it.runIf(major >= 16)('a role that a failed migration made is gone afterwards', async () => {
    const before = await there()
    const { failure } = await after(LIVE, 'CREATE ROLE reporter; COMMIT; SELECT 1 / 0;')
    expect(failure).toMatchObject({ error: { sqlstate: '22012' } })
    expect(await there()).toEqual(before)
  })
  it.runIf(major < 16)('no role may be made where that is power over all roles', async () => {
    const before = await there()
    const run = await rehearse({
      texts: [LIVE, 'CREATE ROLE reporter;'],
      live: 1,
      roles: { attributes: ['createrole'] },
      serverUrl: urlOf(server.superuser),
    })
    expect(run.failure).toMatchObject({ error: { sqlstate: '42501' } })
    expect(run.limits.join()).toContain('CREATEROLE is power over every role of PostgreSQL 15')
    expect(await there()).toEqual(before)
  })

  it('is used by whom ?user= names', async () => {
    const place = `host=${encodeURIComponent(server.socketDir)}&port=${server.port}`
    const run = await rehearse({ texts: [LIVE], live: 1, serverUrl: `postgres:///postgres?${place}&user=builder` })
    expect(run.failure).toBeNull()
    expect(run.roles.migratingRole).toBe('builder')
  })
})
