import { Client } from 'pg'
import type * as BinariesModule from '../seaworthy/src/postgres/binaries.ts'
import type * as ServerModule from '../seaworthy/src/postgres/scratch-server.ts'
import { alternate, run } from './measure.ts'
import { limitRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

const TABLES = 1_000

/** The tables of a database of that size, with ten columns, a primary key and two more indexes each. */
const SCHEMA = `DO $$ BEGIN FOR i IN 1..${TABLES} LOOP EXECUTE format(
  'CREATE TABLE t%1$s (id bigserial PRIMARY KEY, a int NOT NULL DEFAULT 4, b text, c text, d timestamptz DEFAULT now(),
     e numeric(10, 2), f jsonb, g int, h boolean, i date CHECK (i > ''2000-01-01''));
   CREATE INDEX ON t%1$s (b); CREATE INDEX ON t%1$s (g)', i); END LOOP; END $$`

/** `seaworthy capture` of a database with 1,000 tables: the whole process, from its start to its end. */
export async function measureCapture(workspace: Workspace): Promise<Row[]> {
  const { startScratchServer }: typeof ServerModule = await import(workspace.built('postgres/scratch-server'))
  const { findBinaries }: typeof BinariesModule = await import(workspace.built('postgres/binaries'))
  const binaries = await findBinaries(null, workspace.folder)
  await using server = await startScratchServer({ binaries, snapshot: null, signal: new AbortController().signal })
  const client = new Client({
    host: server.socketDir,
    port: server.port,
    user: server.superuser,
    database: 'postgres',
    ssl: false,
  })
  await client.connect()
  await client.query(SCHEMA)
  await client.end()
  const url = `postgresql:///postgres?host=${encodeURIComponent(server.socketDir)}&port=${server.port}&user=${server.superuser}`
  const command = workspace.seaworthy('capture', url)
  const { capture } = await alternate({ capture: async () => (await run(command)).wallMs }, workspace.rounds)
  return [limitRow(`\`seaworthy capture\` of ${TABLES} tables`, capture, 3_000)]
}
