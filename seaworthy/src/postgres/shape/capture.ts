import type { Client } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'
import type { LedgerTable } from '../../migrations/model.ts'
import type { Shape, ShapeQuery, ShapeRole } from '../../migrations/shape.ts'
import { loadGrammar } from '../../sql/parse.ts'
import { witnessOf } from '../answers/witness.ts'
import { CATALOGUE_SETTINGS, readCatalogueWithin } from '../catalogue.ts'
import { readDatabase } from './database.ts'
import { readLedger } from './ledger.ts'
import { readQueries } from './queries.ts'
import { readRoles, settingIn } from './role-facts.ts'
import { READING_SQL, readingFrom } from './session.ts'
import { readServer } from './settings.ts'
import { readSizes } from './sizes.ts'

/** The catalogue is read as this version and newer ones have it. */
const OLDEST_MAJOR = 15

export interface CaptureOptions {
  readonly url: string
  /** Tables that may be the tool's ledger. */
  readonly ledgers: readonly LedgerTable[]
  /** Whether the user named it, by its table or its tool: one that is not there is then a mistake. */
  readonly isLedgerNamed: boolean
  readonly now: Date
  readonly signal: AbortSignal
  /** Called with a short line whenever a step begins. */
  readonly progress: (line: string) => void
}

/**
 * Production's shape, read in one short transaction that only reads and takes no lock stronger than ACCESS SHARE. No row of
 * a table but the ledger's, no credential, no statistics of values. What the login may not read is named in the shape.
 * @throws SeaworthyError as `readingFrom` says, and 'config' where the ledger that was named is not there.
 */
export async function captureShape(options: CaptureOptions): Promise<Shape> {
  await loadGrammar()
  return await readingFrom(options.url, options.signal, async (client) => await shapeOf(client, options))
}

async function shapeOf(client: Client, { ledgers, isLedgerNamed, now, progress }: CaptureOptions): Promise<Shape> {
  progress('reading settings')
  const { server, unread } = await readServer(client)
  if (server.major < OLDEST_MAJOR) {
    throw new SeaworthyError(
      'config',
      `production is PostgreSQL ${server.version}; ${OLDEST_MAJOR} is the oldest that can be captured`,
    )
  }
  await client.query(`${CATALOGUE_SETTINGS}; ${READING_SQL}`)
  const { database, extensions } = await readDatabase(client)
  const who = await readWitness(client)
  const ledger = await readLedger(client, ledgers, isLedgerNamed)
  progress('reading the catalogue')
  const catalogue = await readCatalogueWithin(client, {
    ignoreTables: ledger.ledger === null ? [] : [ledger.ledger.table],
    isClusterShared: true,
    isUnprepared: true,
  })
  progress('reading sizes')
  const sizes = await readSizes(client)
  progress('reading queries')
  const { unread: unreadQueries, ...seen } = await readQueries(client)
  const speaking = [...new Set(seen.queries.flatMap((query) => query.role ?? []))]
  const roles = await readRoles(client, speaking)
  return {
    formatVersion: 1,
    capturedAt: now.toISOString(),
    server,
    witness: who.witness,
    database,
    extensions,
    catalogue,
    roles,
    ledger: ledger.ledger,
    ...sizes,
    ...seen,
    queries: withSearchPaths(seen.queries, roles, database),
    unread: [...unread, ...who.unread, ...ledger.unread, ...unreadQueries],
  }
}

/** Some hosted servers let nobody ask for the identifier of the cluster. */
async function readWitness(client: Client): Promise<Pick<Shape, 'witness' | 'unread'>> {
  await client.query('SAVEPOINT witness')
  try {
    return { witness: (await witnessOf(client)).identity, unread: [] }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code !== '42501') throw error
    const why = 'this login may not execute pg_control_system(), so answers cannot be compared with this database'
    return { witness: null, unread: [{ part: 'witness', why }] }
  } finally {
    await client.query('ROLLBACK TO SAVEPOINT witness')
  }
}

/** The setting of the role wins over that of the database. */
function withSearchPaths(
  queries: readonly ShapeQuery[],
  roles: readonly ShapeRole[],
  database: Shape['database'],
): ShapeQuery[] {
  const ofDatabase = settingIn(database.settings, 'search_path')
  const paths = new Map(roles.map((role) => [role.name, settingIn(role.settings, 'search_path') ?? ofDatabase]))
  return queries.map((query) => ({ ...query, searchPath: paths.get(query.role ?? '') ?? ofDatabase }))
}
