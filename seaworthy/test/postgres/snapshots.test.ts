import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Binaries, findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { type ScratchServer, startScratchServer } from '../../src/postgres/scratch-server.ts'
import { type Snapshot, borrowSnapshot, findSnapshot, storeSnapshot } from '../../src/postgres/snapshots.ts'
import { never, usePrivateCache } from './private-places.ts'

const cache = usePrivateCache()
afterAll(cache.remove)

let binaries: Binaries
beforeAll(async () => {
  binaries = await findBinaries(null, import.meta.dirname)
})

const start = async (snapshot: Snapshot | null): Promise<ScratchServer> =>
  await startScratchServer({ binaries, snapshot, signal: never })

async function run(server: ScratchServer, role: string, sql: string): Promise<unknown[]> {
  const client = await connect(server, role, 'postgres')
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

async function stored(key: string, sql: string): Promise<Snapshot> {
  await using server = await start(null)
  await run(server, server.superuser, sql)
  await server.stop()
  return await storeSnapshot(server, key, { key })
}

describe('a snapshot', () => {
  test('brings back roles, their settings and data, in as many worlds as wanted', async () => {
    await stored(
      'baseline',
      `create role deploy login; alter role deploy set lock_timeout = '7s';
       create table t (id int primary key); insert into t values (1), (2); grant select, insert on t to deploy`,
    )
    const began = performance.now()
    const found = await findSnapshot(binaries, 'baseline')
    expect(performance.now() - began).toBeLessThan(100)
    expect(found?.note).toEqual({ key: 'baseline' })
    const worlds = await Promise.all([start(found), start(found)])
    try {
      for (const [index, world] of worlds.entries()) {
        await run(world, 'deploy', `insert into t values (${10 + index})`)
        const [row] = await run(
          world,
          'deploy',
          "select sum(id)::int as sum, current_setting('lock_timeout') as l from t",
        )
        expect(row).toEqual({ sum: 13 + index, l: '7s' })
      }
    } finally {
      await Promise.all(worlds.map(async (world) => await world[Symbol.asyncDispose]()))
    }
  })

  test('is not found under another key or for another build', async () => {
    await stored('mine', 'select 1')
    expect(await findSnapshot(binaries, 'other')).toBeNull()
    expect(await findSnapshot({ ...binaries, build: 'another' }, 'mine')).toBeNull()
    expect(await findSnapshot(binaries, 'mine')).not.toBeNull()
  })

  test('that two store at once is the first one, for both', async () => {
    const servers = await Promise.all([start(null), start(null)])
    await Promise.all(servers.map(async (server) => await server.stop()))
    const both = await Promise.all(
      servers.map(async (server, index) => await storeSnapshot(server, 'race', { winner: index })),
    )
    await Promise.all(servers.map(async (server) => await server[Symbol.asyncDispose]()))
    expect(both[0]).toEqual(both[1])
    await using world = await start(both[0] ?? null)
    expect(await run(world, world.superuser, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('that is damaged tells why, and is forgotten', async () => {
    const snapshot = await stored('damaged', 'select 1')
    rmSync(join(snapshot.dataDir, 'global', 'pg_control'))
    await expect(start(snapshot)).rejects.toMatchObject({
      code: 'scratch-server',
      message: expect.stringContaining('pg_control'),
    })
    expect(await findSnapshot(binaries, 'damaged')).toBeNull()
  })

  test('can be borrowed from a stopped server and goes with it', async () => {
    const server = await start(null)
    await run(server, server.superuser, 'create table lent ()')
    await server.stop()
    const snapshot = borrowSnapshot(server, {})
    await using world = await start(snapshot)
    expect(await run(world, world.superuser, 'select * from lent')).toEqual([])
    await server[Symbol.asyncDispose]()
    expect(existsSync(snapshot.dataDir)).toBe(false)
  })
})
