import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { type ScratchServer, startScratchServer } from '../../src/postgres/scratch-server.ts'
import { rehearse } from './rehearse.ts'

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer({
    binaries: await findBinaries(null, process.cwd()),
    snapshot: null,
    signal: new AbortController().signal,
  })
  await query('CREATE ROLE postgres SUPERUSER; CREATE ROLE app_owner')
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

const given = async (texts: readonly string[], live = 0) => {
  const url = `postgres://seaworthy@localhost/postgres?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`
  return await rehearse({ texts, live, serverUrl: url })
}

describe('a server that others use as well', () => {
  it('does not have its own roles handed to a migration, superusers least of all', async () => {
    for (const role of ['app_owner', 'postgres', 'pg_execute_server_program']) {
      const run = await given([
        `CREATE TABLE mine (id int); ALTER TABLE mine OWNER TO ${role};`,
        `SET ROLE ${role}; ALTER ROLE ${role} SET search_path = evil;`,
      ])
      expect(run.failure).toMatchObject({ version: '001', error: { sqlstate: '42501' } })
    }
    expect(await query('SELECT * FROM pg_db_role_setting')).toEqual([])
  })

  it('keeps no database that stood in for the one of production', async () => {
    expect((await given(['GRANT CONNECT ON DATABASE court TO reader;'])).failure).toBeNull()
    expect(
      await query("SELECT datname FROM pg_database WHERE datname !~ '^template' AND datname <> 'postgres'"),
    ).toEqual([])
  })
})
