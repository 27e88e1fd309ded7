import { spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { type ScratchServer, startScratchServer } from '../../src/postgres/scratch-server.ts'
import { SPLIT, rehearse, stage } from './rehearse.ts'

const TEXTS = ['CREATE TABLE cases (id bigint PRIMARY KEY);', 'ALTER TABLE cases ADD COLUMN language text;']

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer({
    binaries: await findBinaries(null, process.cwd()),
    snapshot: null,
    signal: new AbortController().signal,
  })
  await query(
    'CREATE ROLE maker LOGIN CREATEDB CREATEROLE; CREATE ROLE builder LOGIN CREATEDB; CREATE ROLE nobody_at_all LOGIN;',
  )
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

const urlOf = (login: string): string =>
  `postgres://${login}:canary-password@localhost/postgres?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`

/** Databases and roles that are neither the server's nor this test's. */
async function leftovers(): Promise<string[]> {
  const rows = await query(`
    SELECT datname AS name FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')
    UNION ALL
    SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname NOT IN ('seaworthy', 'maker', 'builder', 'nobody_at_all')`)
  return rows.map((row) => row['name'] ?? '')
}

describe('a server that the user gives', () => {
  it.each(['seaworthy', 'maker'])(
    'is used with own databases and own roles, and left as it was (%s)',
    async (login) => {
      const split = await rehearse({ texts: TEXTS, live: 1, roles: SPLIT, serverUrl: urlOf(login) })
      expect(split.server).toMatchObject({ origin: 'given', major: 18 })
      expect(split.limits).toEqual([])
      expect(split.failure).toMatchObject({ error: { sqlstate: '42501' }, owner: { object: 'public.cases' } })
      const single = await rehearse({
        texts: [...TEXTS, 'GRANT SELECT ON cases TO reader_of_cases;'],
        live: 1,
        serverUrl: urlOf(login),
      })
      expect(single.failure).toBeNull()
      expect(single.roles.migratingRole).toMatch(/^seaworthy_[0-9a-f]{12}_deploy$/)
      expect(await leftovers()).toEqual([])
    },
  )

  it('says by name what the login may not do', async () => {
    const run = await rehearse({ texts: TEXTS, live: 1, serverUrl: urlOf('builder') })
    expect(run.failure).toBeNull()
    expect(run.roles.migratingRole).toBe('builder')
    expect(run.limits.join()).toContain('may not create roles')
    expect(await leftovers()).toEqual([])
  })

  it('is refused where not even a database may be made, without the password in the message', async () => {
    await expect(stage({ texts: TEXTS, live: 1, serverUrl: urlOf('nobody_at_all') })).rejects.toThrow(
      /may not create databases/,
    )
    const unreachable = 'postgres://ada:canary-password@127.0.0.1:1/postgres'
    const error: unknown = await stage({ texts: TEXTS, live: 1, serverUrl: unreachable }).catch(
      (reason: unknown) => reason,
    )
    expect(String(error)).toContain('127.0.0.1:1')
    expect(JSON.stringify(error) + String(error)).not.toContain('canary-password')
    await expect(stage({ texts: TEXTS, live: 1, serverUrl: 'mysql://canary-password' })).rejects.toThrow(
      /not a URL of the form/,
    )
  })

  it('is left as it was by a run that was killed', async () => {
    const script = path.join(import.meta.dirname, 'given-run.ts')
    const child = spawn(process.execPath, [script, urlOf('seaworthy')], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve())
      child.once('exit', (code) => reject(new Error(`ended with ${code} before it was killed`)))
    })
    expect((await leftovers()).length).toBeGreaterThan(1)
    child.kill('SIGKILL')
    const giveUpAt = Date.now() + 20_000
    while ((await leftovers()).length > 0 && Date.now() < giveUpAt) await sleep(50)
    expect(await leftovers()).toEqual([])
  })
})
