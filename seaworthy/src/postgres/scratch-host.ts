import type { Client } from 'pg'
import type { RehearsalRequest } from '../migrations/engine.ts'
import { type Binaries, findBinaries, type ProgramsFrom } from './binaries.ts'
import { connect } from './connect.ts'
import type { Frozen, Host, Place } from './host.ts'
import { type ScratchServer, startScratchServer } from './scratch-server.ts'
import { type Snapshot, borrowSnapshot, discardSnapshot, findSnapshot, storeSnapshot } from './snapshots.ts'

/** The database that migrations are applied to. Its name is only seen by a migration that asks for it. */
const DATABASE = 'app'

/**
 * Scratch servers of our own: each place is a whole cluster, a copy of a stopped data folder, because roles and their
 * settings belong to the cluster. `from` is where the binaries of another major may be installed.
 */
export async function openScratchHost(request: RehearsalRequest, from: ProgramsFrom): Promise<Host> {
  return new ScratchHost(await findBinaries(request.major, from), request).host()
}

class ScratchHost {
  readonly #binaries: Binaries
  readonly #request: RehearsalRequest
  /** Stopped servers whose data folder is the snapshot, where nothing is kept in the cache. */
  readonly #lent: ScratchServer[] = []

  constructor(binaries: Binaries, request: RehearsalRequest) {
    this.#binaries = binaries
    this.#request = request
  }

  host(): Host {
    const { version, major, origin } = this.#binaries
    return {
      server: { engine: 'postgres', version, major, origin, place: 'scratch server' },
      limits: [],
      hasOwnRoles: true,
      loginSql: '',
      roleName: (name) => name,
      fresh: async () => await this.#placeFrom(null, false),
      find: async (key, parse) => {
        const snapshot = await findSnapshot(this.#binaries, key)
        const note = snapshot === null ? null : parse(snapshot.note)
        return snapshot === null || note === null ? null : this.#frozen(snapshot, note)
      },
      [Symbol.asyncDispose]: async () => {
        for (const server of this.#lent) await server[Symbol.asyncDispose]()
      },
    }
  }

  async #placeFrom(snapshot: Snapshot | null, isTraced: boolean): Promise<Place> {
    const { signal } = this.#request
    const server = await startScratchServer({ binaries: this.#binaries, snapshot, signal, isTraced })
    try {
      if (snapshot === null) await createDatabase(server)
      return await this.#placeOn(server, isTraced)
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  }

  async #placeOn(server: ScratchServer, isTraced: boolean): Promise<Place> {
    const admin = await connect(server, server.superuser, DATABASE)
    const sessions: Client[] = [admin]
    const { lockTimeoutMs, statementTimeoutMs } = this.#request
    const settings = { lock_timeout: String(lockTimeoutMs), statement_timeout: String(statementTimeoutMs) }
    const endSessions = async (): Promise<void> => {
      await Promise.all(sessions.map(async (session) => await session.end().catch(() => undefined)))
    }
    return {
      database: DATABASE,
      admin,
      isShared: false,
      connectAs: async (role) => {
        const client = await connect(server, role, DATABASE, { settings })
        sessions.push(client)
        return client
      },
      // Nothing has to be taken away from a server that goes away as a whole.
      expectRole: () => undefined,
      isOwnRole: () => true,
      expectDatabase: () => undefined,
      watchStatements: async () => (isTraced ? await connect(server, server.superuser, 'postgres') : null),
      freeze: async (key, note) => {
        await endSessions()
        await server.stop()
        return await this.#keep(server, key, note)
      },
      [Symbol.asyncDispose]: async () => {
        await endSessions()
        await server[Symbol.asyncDispose]()
      },
    }
  }

  async #keep<Note extends object>(server: ScratchServer, key: string, note: Note): Promise<Frozen<Note>> {
    if (!this.#request.useCache) {
      this.#lent.push(server)
      return this.#frozen(borrowSnapshot(server, note), note)
    }
    const snapshot = await storeSnapshot(server, key, note)
    await server[Symbol.asyncDispose]()
    return this.#frozen(snapshot, note)
  }

  #frozen<Note>(snapshot: Snapshot, note: Note): Frozen<Note> {
    return {
      note,
      thaw: async ({ isTraced } = { isTraced: false }) => {
        try {
          return await this.#placeFrom(snapshot, isTraced)
        } catch (error) {
          // A damaged snapshot must not stand in the way of the next run.
          await discardSnapshot(snapshot)
          throw error
        }
      },
    }
  }
}

async function createDatabase(server: ScratchServer): Promise<void> {
  const client = await connect(server, server.superuser, 'postgres')
  try {
    await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}
