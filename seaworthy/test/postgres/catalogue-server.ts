import type { Client } from 'pg'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { type ScratchServer, startScratchServer } from '../../src/postgres/scratch-server.ts'

/** A real server for one test file, with a new database for whoever asks. */
export interface CatalogueServer extends AsyncDisposable {
  readonly server: ScratchServer
  /** A new, empty database and a superuser's connection to it. The caller ends the connection. */
  readonly database: () => Promise<Client>
  readonly connectAs: (role: string, database: string) => Promise<Client>
}

export async function startCatalogueServer(major: number | null): Promise<CatalogueServer> {
  const binaries = await findBinaries(major, process.cwd())
  const server = await startScratchServer({ binaries, snapshot: null, signal: new AbortController().signal })
  const connectAs = async (role: string, database: string): Promise<Client> => await connect(server, role, database)
  const admin = await connectAs(server.superuser, 'postgres')
  let count = 0
  return {
    server,
    connectAs,
    database: async () => {
      count += 1
      await admin.query(`CREATE DATABASE trial_${count}`)
      return await connectAs(server.superuser, `trial_${count}`)
    },
    [Symbol.asyncDispose]: async () => {
      await admin.end()
      await server[Symbol.asyncDispose]()
    },
  }
}
