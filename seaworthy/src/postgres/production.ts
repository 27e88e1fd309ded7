import type { Client, ClientConfig } from 'pg'
import { SeaworthyError } from '../gate/error.ts'
import { Redactor, secretOfUrl } from '../gate/redaction.ts'
import { markAll } from './marked.ts'
import { postgresUrl } from './server-url.ts'
import { connectionOf } from './session.ts'

/** How long connecting to production may take. */
const CONNECT_TIMEOUT_MS = 10_000
/** How long a server has for hanging up. */
const GOODBYE_MS = 1_000

const URL_HINT =
  'It looks like postgresql://host:5432/database?user=reader; the password belongs into PGPASSWORD or ~/.pgpass.'

/**
 * The URL of a production server, checked. `what` is what it was given by, as the message begins: `--against`.
 * @throws SeaworthyError('usage') that does not repeat the text.
 */
export function serverUrl(text: string, what: string): URL {
  const url = postgresUrl(text)
  if (url !== null) return url
  // The text itself may hold a password and is not repeated.
  throw new SeaworthyError('usage', `${what} is not a URL of the form postgresql://…`, { hint: URL_HINT })
}

/** Where a URL leads, without user, password and parameters: `host:5432/database`. */
export const placeOf = (url: URL): string =>
  `${url.host === '' ? (url.searchParams.get('host') ?? 'localhost') : url.host}${url.pathname}`

/**
 * What of an error may be told: its words or its code, without the URL, its password and its user. The name of a file that a
 * parameter names (sslkey, sslrootcert) is told: nobody could mend it otherwise, and it is no secret.
 */
export function wordsOf(error: unknown, url: URL): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words = error instanceof Error ? error.message || code || error.name : String(error)
  return new Redactor([url.href, secretOfUrl(url.href), userOf(url)]).text(words)
}

/** A user name may be a secret as well; `postgres` is none, and stands in too many words. */
function userOf(url: URL): string | null {
  const name = url.searchParams.get('user') ?? url.username
  return name.startsWith('postgres') ? null : name
}

/** Begins a transaction that sees one state of production and only reads it. */
export const BEGIN_READING = 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY'

/**
 * For every transaction with production: an unqualified name, type or operator is the server's own, whatever stands in a
 * schema that this login would look through first (or, behind a pooler, in temporary tables of others); and rows that a
 * policy hides are an error, never rows that are not there.
 */
export const OWN_NAMES = 'SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL row_security = off'

/** What a connection to production is for. */
export interface Reading {
  /** Shown to production's administrator. */
  readonly application: string
  /** Ends a query whose server has gone silent. */
  readonly limitMs: number
  /** Destroys the connection at once, whatever the server is about. */
  readonly signal: AbortSignal
  readonly types?: ClientConfig['types']
}

/**
 * Connects to production for reading only: transactions are read-only by default, and every statement carries our mark. The
 * caller ends it with `leave`. @throws what `pg` throws: `reach` says it to a user; the signal's reason once that is aborted.
 */
export async function connectReading(url: URL, reading: Reading): Promise<Client> {
  try {
    return await connected(url, reading, '-c default_transaction_read_only=on')
  } catch (error) {
    reading.signal.throwIfAborted()
    // A pooler in front of the server may know no start-up options; every transaction begins as read-only all the same.
    if (error instanceof Error && /startup parameter/i.test(error.message)) return await connected(url, reading, null)
    throw error
  }
}

/** Ends a connection. A server that does not hang up is not waited for. */
export async function leave(client: Client): Promise<void> {
  const timer = setTimeout(() => connectionOf(client).stream.destroy(), GOODBYE_MS)
  await client.end().catch(() => undefined)
  clearTimeout(timer)
}

/** The same for a user. @throws SeaworthyError('network') without credentials. */
export async function reach(url: URL, reading: Reading): Promise<Client> {
  try {
    return await connectReading(url, reading)
  } catch (error) {
    reading.signal.throwIfAborted()
    throw new SeaworthyError('network', `${placeOf(url)} cannot be reached: ${wordsOf(error, url)}`, {
      hint: 'Look at host, port, user, password and network of the URL.',
    })
  }
}

async function connected(url: URL, reading: Reading, options: string | null): Promise<Client> {
  const { default: pg } = await import('pg')
  reading.signal.throwIfAborted()
  const target = new URL(url)
  const given = target.searchParams.get('options')
  target.searchParams.delete('options')
  const startOptions = [given, options].filter((one) => one !== null).join(' ')
  const client = new pg.Client({
    connectionString: target.href,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: reading.limitMs,
    application_name: reading.application,
    ...(reading.types === undefined ? {} : { types: reading.types }),
    ...(startOptions === '' ? {} : { options: startOptions }),
  })
  // A connection that breaks between two queries must not end the process.
  client.on('error', () => undefined)
  const hangUp = (): void => connectionOf(client).stream.destroy()
  reading.signal.addEventListener('abort', hangUp, { once: true })
  client.once('end', () => reading.signal.removeEventListener('abort', hangUp))
  try {
    await client.connect()
    markAll(client)
    return client
  } catch (error) {
    await leave(client)
    throw error
  }
}
