import type { Client } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'
import { BEGIN_READING, leave, OWN_NAMES, placeOf, reach, serverUrl, wordsOf } from '../production.ts'

const LOCK_TIMEOUT_MS = 2_000
const STATEMENT_TIMEOUT_MS = 30_000
/** How long the driver waits beyond the server's own time limit. */
const GRACE_MS = 5_000

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
  const parsed = serverUrl(url, 'what is to be captured')
  const client = await reach(parsed, { application: 'seaworthy', limitMs: STATEMENT_TIMEOUT_MS + GRACE_MS, signal })
  try {
    await client.query(BEGIN_READING)
    const result = await work(client)
    await client.query('ROLLBACK')
    return result
  } catch (error) {
    signal.throwIfAborted()
    throw explained(error, parsed)
  } finally {
    await leave(client)
  }
}

/** Whose names count in the transaction, and its time limits. Sent by whoever works in it, after the settings that production has were read. */
export const READING_SQL = `${OWN_NAMES}; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`

function explained(error: unknown, url: URL): unknown {
  if (error instanceof SeaworthyError || !(error instanceof Error)) return error
  const code = 'code' in error ? error.code : null
  const said = wordsOf(error, url)
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
