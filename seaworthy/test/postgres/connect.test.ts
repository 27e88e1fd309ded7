import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { type ScratchServer, startScratchServer } from '../../src/postgres/scratch-server.ts'
import { never, usePrivateCache } from './private-places.ts'

const cache = usePrivateCache()
let server: ScratchServer
beforeAll(async () => {
  const binaries = await findBinaries(null, import.meta.dirname)
  server = await startScratchServer({ binaries, snapshot: null, signal: never })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  cache.remove()
})

describe('a connection', () => {
  test('gives dates as text, and only plain values as JavaScript has them', async () => {
    const client = await connect(server, server.superuser, 'postgres')
    const { rows } = await client.query(
      `select date '2026-01-02' as d, timestamptz '2026-01-02 03:04:05+00' as t, interval '1 day' as i, true as b,
              1 as n, 9007199254740993 as big, array[date '2026-01-02']::text as a, '{"k": 1}'::jsonb as j,
              current_setting('application_name') as app`,
    )
    expect(rows).toEqual([
      {
        d: '2026-01-02',
        t: '2026-01-02 03:04:05+00',
        i: '1 day',
        b: true,
        n: 1,
        big: '9007199254740993',
        a: '{2026-01-02}',
        j: { k: 1 },
        app: 'seaworthy',
      },
    ])
    await client.end()
  })

  test('by URL takes the role and the database that it is asked for, not the ones in the URL', async () => {
    const admin = await connect(server, server.superuser, 'postgres')
    await admin.query('create role "we ird/@" login')
    await admin.query('create database other')
    await admin.end()
    const url = new URL(`postgres://someone:secret@localhost/elsewhere?host=${server.socketDir}&port=${server.port}`)
    const client = await connect(url, 'we ird/@', 'other')
    const { rows } = await client.query('select current_user as role, current_database() as database')
    expect(rows).toEqual([{ role: 'we ird/@', database: 'other' }])
    await client.end()
  })

  test('that the server ends rejects the next query and nothing else', async () => {
    const client = await connect(server, server.superuser, 'postgres')
    const ended = new Promise<void>((resolve) => client.once('end', () => resolve()))
    await client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined)
    await ended
    await expect(client.query('select 1')).rejects.toThrow(/not queryable|closed/)
  })

  test('to something that never answers gives up', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const url = new URL(`postgres://someone@127.0.0.1:${port}/x`)
    await expect(connect(url, 'someone', 'x', { connectTimeoutMs: 200 })).rejects.toThrow(/timeout/i)
    silent.close()
  })
})
