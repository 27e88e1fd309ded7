import type { Client } from 'pg'
import { sha256 } from '../../gate/canonical.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { BEGIN_READING, leave, OWN_NAMES, reach, wordsOf } from '../production.ts'

/** Who answers, such that two names for one database are noticed. */
export interface Witness {
  readonly version: string
  readonly identity: string
  /** The same for all databases of the cluster, and for its replicas. */
  readonly cluster: string
  readonly isReplica: boolean
}

/** Asked outside of a transaction as well: every name says whose it is. */
const WITNESS_SQL = `SELECT pg_catalog.current_setting('server_version') AS version,
    pg_catalog.current_database() AS database, pg_catalog.pg_is_in_recovery()::pg_catalog.text AS "isReplica",
    system_identifier::pg_catalog.text AS system FROM pg_catalog.pg_control_system()`

/** Asks a server who it is. The cluster's own identifier is not told, only a digest of it. */
export async function witnessOf(client: Client): Promise<Witness> {
  const { rows } = await client.query<{ version: string; database: string; isReplica: string; system: string }>(
    WITNESS_SQL,
  )
  const [row] = rows
  if (row === undefined) throw new SeaworthyError('network', 'the server does not say who it is')
  return {
    // Some builds tell more behind a space.
    version: row.version.split(' ')[0] ?? row.version,
    identity: `sha256:${sha256(`${row.system}\n${row.database}`)}`,
    cluster: `sha256:${sha256(row.system)}`,
    isReplica: row.isReplica === 'true',
  }
}

/** The database behind a connection, as far as it says who it is. */
export interface Answering {
  /** Null where this login may not ask, as on some hosted servers. */
  readonly identity: string | null
  /** What a replica shows was true a while ago. */
  readonly isReplica: boolean
}

/** Not permitted; no such function. */
const NOT_TOLD: ReadonlySet<unknown> = new Set(['42501', '42883'])

/** Who answers, asked within a transaction, which goes on also where this login may not ask. */
export async function answeringOf(client: Client): Promise<Answering> {
  await client.query('SAVEPOINT witness')
  try {
    const { identity, isReplica } = await witnessOf(client)
    return { identity, isReplica }
  } catch (error) {
    if (!NOT_TOLD.has(error instanceof Error && 'code' in error ? error.code : null)) throw error
    await client.query('ROLLBACK TO SAVEPOINT witness')
    const { rows } = await client.query<{ isReplica: string }>(
      'SELECT pg_catalog.pg_is_in_recovery()::pg_catalog.text AS "isReplica"',
    )
    return { identity: null, isReplica: rows[0]?.isReplica !== 'false' }
  }
}

/** Connecting is limited by itself; this is for the one question. */
const LIMIT_MS = 10_000

/** Which database a URL leads to. @throws SeaworthyError('network') if it cannot be asked; without credentials. */
export async function databaseAt(url: URL, signal: AbortSignal): Promise<Answering> {
  const client = await reach(url, { application: 'seaworthy', limitMs: LIMIT_MS, signal })
  try {
    await client.query(`${BEGIN_READING}; ${OWN_NAMES}`)
    const answering = await answeringOf(client)
    await client.query('ROLLBACK')
    return answering
  } catch (error) {
    signal.throwIfAborted()
    throw new SeaworthyError('network', `the server could not be asked who it is: ${wordsOf(error, url)}`)
  } finally {
    await leave(client)
  }
}
