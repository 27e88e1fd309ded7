// The other side of the rehearsal: one connection of `pg` that sends the same files to the same kind of scratch server.
// Arguments: the built module of scratch servers, the built module that finds the binaries, the folder.
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { Client } from 'pg'
import type * as BinariesModule from '../seaworthy/src/postgres/binaries.ts'
import type * as ServerModule from '../seaworthy/src/postgres/scratch-server.ts'

const [serverModule = '', binariesModule = '', folder = ''] = process.argv.slice(2)
const { startScratchServer }: typeof ServerModule = await import(serverModule)
const { findBinaries }: typeof BinariesModule = await import(binariesModule)

const binaries = await findBinaries(null, folder)
await using server = await startScratchServer({ binaries, snapshot: null, signal: new AbortController().signal })
const place = { host: server.socketDir, port: server.port, password: 'none', ssl: false }
const superuser = new Client({ ...place, user: server.superuser, database: 'postgres' })
await superuser.connect()
await superuser.query('CREATE ROLE deploy LOGIN')
await superuser.query('CREATE DATABASE app OWNER deploy')
await superuser.end()

const client = new Client({ ...place, user: 'deploy', database: 'app' })
await client.connect()
const startedAt = performance.now()
for (const name of readdirSync(folder).toSorted()) {
  await client.query('BEGIN')
  await client.query(readFileSync(path.join(folder, name), 'utf8'))
  await client.query('COMMIT')
}
const sqlMs = performance.now() - startedAt
await client.end()
process.stdout.write(`${JSON.stringify({ sqlMs })}\n`)
