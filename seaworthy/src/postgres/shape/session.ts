import type { Client, ClientConfig } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'
import { Redactor, secretOfUrl } from '../../gate/redaction.ts'
import { markAll } from '../marked.ts'

const CONNECT_TIMEOUT_MS = 10_000
const LOCK_TIMEOUT_MS = 2_000
const STATEMENT_TIMEOUT_MS = 30_000

const URL_HINT =
  'It looks like postgresql://host:5432/database?user=reader; the password belongs into PGPASSWORD or ~/.pgpass.'

/**
 * Works in one transaction of production's that only reads and waits for no lock for longer than two seconds. Whatever the
 * work does is rolled back.
 * @throws SeaworthyError('usage') for what is no URL of a PostgreSQL server, 'network' if it cannot be reached, 'limit' if a
 * time limit ended it. No message holds a credential.
 */
export async function readingFrom<T>(
  url: string,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const parsed = parsedUrl(url)
  const redactor = new Redactor([url, secretOfUrl(url)])
  const client = await reach(parsed, redactor)
  const hangUp = (): void => void client.end().catch(() => undefined)
  signal.addEventListener('abort', hangUp, { once: true })
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const result = await work(client)
    await client.query('ROLLBACK')
    return result
  } catch (error) {
    signal.throwIfAborted()
    throw explained(error, parsed, redactor)
  } finally {
    signal.removeEventListener('abort', hangUp)
    await client.end().catch(() => undefined)
  }
}

/** The time limits of the transaction. Sent by whoever works in it, after the settings that production has were read. */
export const LIMITS_SQL = `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`

function parsedUrl(text: string): URL {
  try {
    const url = new URL(text)
    if (url.protocol === 'postgres:' || url.protocol === 'postgresql:') return url
  } catch {
    // Said below; the text itself may hold a password and is not repeated.
  }
  throw new SeaworthyError('usage', 'what is to be captured is not named by a URL of the form postgresql://…', {
    hint: URL_HINT,
  })
}

/** Where a URL leads, without user, password and parameters: `host:5432/database`. */
const placeOf = (url: URL): string =>
  `${url.host === '' ? (url.searchParams.get('host') ?? 'localhost') : url.host}${url.pathname}`

async function reach(url: URL, redactor: Redactor): Promise<Client> {
  try {
    return await connected(url, '-c default_transaction_read_only=on').catch(async (error: unknown) => {
      // A pooler in front of the server may know no start-up options; the transaction is read-only all the same.
      if (error instanceof Error && /startup parameter/i.test(error.message)) return await connected(url, null)
      throw error
    })
  } catch (error) {
    throw new SeaworthyError('network', `${placeOf(url)} cannot be reached: ${wordsOf(error, redactor)}`, {
      hint: 'Look at host, port, user, password and network of the URL.',
    })
  }
}

async function connected(url: URL, options: string | null): Promise<Client> {
  const { default: pg } = await import('pg')
  const target = new URL(url)
  const given = target.searchParams.get('options')
  target.searchParams.delete('options')
  const startOptions = [given, options].filter((one) => one !== null).join(' ')
  const config: ClientConfig = {
    connectionString: target.href,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
    application_name: 'seaworthy',
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

function wordsOf(error: unknown, redactor: Redactor): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return redactor.text(error instanceof Error ? error.message || code || error.name : String(error))
}

function explained(error: unknown, url: URL, redactor: Redactor): unknown {
  if (error instanceof SeaworthyError || !(error instanceof Error)) return error
  const code = 'code' in error ? error.code : null
  const said = wordsOf(error, redactor)
  if (code === '55P03' || code === '57014') {
    const why =
      code === '55P03'
        ? `another session holds a table of ${placeOf(url)} locked for itself alone, and capture waits for no lock longer than ${LOCK_TIMEOUT_MS / 1000} s`
        : `a query took longer than ${STATEMENT_TIMEOUT_MS / 1000} s on ${placeOf(url)}`
    return new SeaworthyError('limit', `${why}: ${said}`, {
      hint: 'Nothing was changed. Try again when that session is done, or capture a replica.',
    })
  }
  return new SeaworthyError('network', `${placeOf(url)} could not be read: ${said}`, {
    hint: 'Nothing was changed. The guide names the rights that capture needs: docs/guides/production-shape.md',
  })
}
