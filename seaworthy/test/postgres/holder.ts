/** Starts a server as another process (and another user, if a uid is given), says where, and holds it until it is killed. */
import pg from 'pg'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { startScratchServer } from '../../src/postgres/scratch-server.ts'

const [uid] = process.argv.slice(2)
if (uid !== undefined) {
  process.setgroups?.([])
  process.setgid?.(Number(uid))
  process.setuid?.(Number(uid))
}
void pg
const signal = new AbortController().signal
const server = await startScratchServer({ binaries: await findBinaries(null, '/'), snapshot: null, signal })
const client = await connect(server, server.superuser, 'postgres')
const { rows } = await client.query<{ answer: number }>('select 42 as answer')
await client.end()
process.stdout.write(`${JSON.stringify({ dataDir: server.dataDir, answer: rows[0]?.answer })}\n`)
setInterval(() => undefined, 60_000)
