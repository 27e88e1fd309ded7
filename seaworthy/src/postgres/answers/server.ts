import type { Client, ClientConfig } from 'pg'
import { sha256 } from '../../gate/canonical.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { Redactor, secretOfUrl } from '../../gate/redaction.ts'
import { markAll } from '../marked.ts'

const CONNECT_TIMEOUT_MS = 10_000
const URL_HINT =
  'It looks like postgresql://host:5432/database?user=reader; the password belongs into PGPASSWORD or ~/.pgpass.'

/** The URL of a server, checked. Throws SeaworthyError('usage') that does not repeat it. `flag` is what it was given by. */
export function serverUrl(text: string, flag: string): URL {
  try {
    const url = new URL(text)
    if (url.protocol === 'postgres:' || url.protocol === 'postgresql:') return url
  } catch {
    // Said below; the text itself may hold a password and is not repeated.
  }
  throw new SeaworthyError('usage', `${flag} is not a URL of the form postgresql://…`, { hint: URL_HINT })
}

/** Where a URL leads, without user, password and parameters: `host:5432/database`. */
export const placeOf = (url: URL): string =>
  `${url.host === '' ? (url.searchParams.get('host') ?? 'localhost') : url.host}${url.pathname}`

/** Connects for reading only. `limitMs` ends a query whose server has gone silent. Throws SeaworthyError('network') without credentials. */
export async function connectReading(url: URL, limitMs: number): Promise<Client> {
  try {
    return await connected(url, limitMs, '-c default_transaction_read_only=on').catch(async (error: unknown) => {
      // A pooler in front of the server may know no start-up options; every transaction is read-only all the same.
      if (error instanceof Error && /startup parameter/i.test(error.message)) return await connected(url, limitMs, null)
      throw error
    })
  } catch (error) {
    const said = new Redactor([url.href, secretOfUrl(url.href)]).text(
      error instanceof Error ? error.message : String(error),
    )
    throw new SeaworthyError('network', `${placeOf(url)} cannot be reached: ${said}`, {
      hint: 'Look at host, port, user, password and network of the URL.',
    })
  }
}

async function connected(url: URL, limitMs: number, options: string | null): Promise<Client> {
  const { default: pg } = await import('pg')
  const target = new URL(url)
  const given = target.searchParams.get('options')
  target.searchParams.delete('options')
  const startOptions = [given, options].filter((one) => one !== null).join(' ')
  const config: ClientConfig = {
    connectionString: target.href,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: limitMs,
    application_name: 'seaworthy prove',
    ...(startOptions === '' ? {} : { options: startOptions }),
  }
  const client = new pg.Client(config)
  // A connection that breaks between two queries must not end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    markAll(client)
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

/** Who answers, such that two names for one database are noticed. */
export interface Witness {
  readonly version: string
  readonly identity: string
  /** The same for all databases of the cluster, and for its replicas. */
  readonly cluster: string
  readonly isReplica: boolean
}

const WITNESS_SQL = `SELECT pg_catalog.current_setting('server_version') AS version,
    pg_catalog.current_database() AS database, pg_catalog.pg_is_in_recovery() AS "isReplica",
    system_identifier::text AS system FROM pg_catalog.pg_control_system()`

/** Asks a server who it is. The cluster's own identifier is not told, only a digest of it. */
export async function witnessOf(client: Client): Promise<Witness> {
  const { rows } = await client.query<{ version: string; database: string; isReplica: boolean; system: string }>(
    WITNESS_SQL,
  )
  const [row] = rows
  if (row === undefined) throw new SeaworthyError('network', 'the server does not say who it is')
  return {
    // Some builds tell more behind a space.
    version: row.version.split(' ')[0] ?? row.version,
    identity: `sha256:${sha256(`${row.system}\n${row.database}`)}`,
    cluster: `sha256:${sha256(row.system)}`,
    isReplica: row.isReplica,
  }
}
