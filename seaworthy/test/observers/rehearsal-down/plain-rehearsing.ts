import type { Client } from 'pg'
import type { Failure, Provided, Rehearsing, World } from '../../../src/migrations/engine.ts'
import type { Migration, Script } from '../../../src/migrations/model.ts'
import { readCatalogue } from '../../../src/postgres/catalogue.ts'
import { serverErrorOf } from '../../../src/postgres/server-error.ts'
import type { CatalogueServer } from '../../postgres/catalogue-server.ts'

/** An up and its down; null where there is no down file. */
export type Pair = readonly [up: string, down: string | null]

/** Migrations of a golang-migrate folder. */
export const migrationsOf = (...pairs: Pair[]): Migration[] =>
  pairs.map(([up, down], index) => {
    const version = String(index + 1).padStart(3, '0')
    const script = (direction: string, text: string): Script => ({
      file: `migrations/${version}_x.${direction}.sql`,
      text,
      send: 'batch',
      pieces: null,
    })
    return {
      version,
      name: 'x',
      ledgerKey: String(index + 1),
      up: script('up', up),
      down: down === null ? null : script('down', down),
      checksum: null,
      checksumOtherEndings: null,
    }
  })

export interface PlainRehearsing extends Rehearsing {
  /** How many worlds were forked. */
  readonly forks: () => number
}

/**
 * The least that can stand behind the engine's interface: real databases of one real server, real SQL, one message a
 * file, no ledger and no roles. Roles in `provides` are made when a file fails for want of them.
 */
export function plainRehearsing(
  server: CatalogueServer,
  baseline: string,
  provides: readonly string[] = [],
): PlainRehearsing {
  let forks = 0
  const provided: Provided[] = []
  const send = async (client: Client, version: string, script: Script): Promise<Failure | null> => {
    try {
      await client.query(script.text)
      return null
    } catch (error) {
      const told = serverErrorOf(error, script.text)
      const role = provides.find((name) => told.message === `role "${name}" does not exist`)
      if (role !== undefined) {
        await client.query(`CREATE ROLE "${role}"`)
        provided.push({ what: 'role', name: role, why: 'named', neededBy: 'pending', isUnproven: false })
        return await send(client, version, script)
      }
      return {
        file: script.file,
        version,
        error: told,
        statement: null,
        owner: null,
        leavesHalf: false,
        missingExtension: null,
        isInfrastructure: told.sqlstate === null,
      }
    }
  }
  const fork = async (): Promise<World> => {
    forks += 1
    const client = await server.database()
    await client.query(baseline)
    return {
      apply: async (migrations) => {
        for (const [index, migration] of migrations.entries()) {
          const failure = await send(client, migration.version, migration.up)
          if (failure !== null) return { applied: index, failure }
        }
        return { applied: migrations.length, failure: null }
      },
      revert: async (migration) => {
        if (migration.down === null) throw new Error('no down file')
        const failure = await send(client, migration.version, migration.down)
        return failure === null ? { applied: true } : { applied: false, failure }
      },
      catalogue: async () => await readCatalogue(client, { ignoreTables: [] }),
      [Symbol.asyncDispose]: async () => await client.end(),
    }
  }
  return {
    server: { engine: 'postgres', version: '18.4', major: 18, origin: 'embedded', place: 'test' },
    migratingRole: 'postgres',
    owningRole: 'postgres',
    baseline: { applied: 0, failure: null, isCached: false, foreignOwned: 0 },
    fork,
    seed: async () => await Promise.reject(new Error('downs are tried without rows')),
    provided: () => provided,
    limits: [],
    forks: () => forks,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
