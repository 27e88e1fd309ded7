import { SeaworthyError } from '../../gate/error.ts'
import { Redactor, secretOfUrl } from '../../gate/redaction.ts'
import type { LedgerTable } from '../../migrations/model.ts'
import { markAll } from '../../postgres/marked.ts'
import type { Snapshot } from './snapshot.ts'

/** How long connecting to production may take. */
const CONNECT_TIMEOUT_MS = 10_000
/** And reading its ledger. */
const READ_TIMEOUT_MS = 15_000
/** More rows than any history has. */
const ROW_LIMIT = 1_000_000

/** A ledger that could not be read, in words without credentials. */
export interface Unread {
  readonly reason: string
  readonly hint: string | null
}

/** Where a URL leads, without user, password and parameters: `postgresql://host:5432/db`. Throws for another protocol. */
export function witnessOf(url: string): string {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new SeaworthyError('usage', 'the ledger URL is no URL', { hint: URL_HINT })
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
    throw new SeaworthyError(
      'usage',
      `the ledger URL begins with ${parsed.protocol}//, and only PostgreSQL can be read`,
      {
        hint: URL_HINT,
      },
    )
  }
  const host = parsed.host === '' ? (parsed.searchParams.get('host') ?? 'localhost') : parsed.host
  return `postgresql://${host}${parsed.pathname}`
}

const URL_HINT = 'It looks like postgresql://host:5432/database?user=reader; or give a snapshot with --ledger FILE.'

/**
 * Reads the ledger table in a read-only transaction under time limits. What cannot be read is said and is never an empty
 * ledger; a missing table least of all. No message holds a credential.
 */
export async function readDatabase(url: string, table: LedgerTable): Promise<Snapshot | Unread> {
  const redactor = new Redactor([url, secretOfUrl(url), userOf(url)])
  const failed = (error: unknown): Unread => unread(error, table, witnessOf(url), redactor)
  try {
    return await readWith(url, table, '-c default_transaction_read_only=on')
  } catch (error) {
    // A pooler in front of the server may know no start-up options; the transaction is read-only all the same.
    if (!(error instanceof Error && /startup parameter/i.test(error.message))) return failed(error)
  }
  try {
    return await readWith(url, table, null)
  } catch (error) {
    return failed(error)
  }
}

/** A user name may be a secret as well; `postgres` is none, and stands in too many words. */
function userOf(url: string): string | null {
  const { username, searchParams } = new URL(url)
  const name = searchParams.get('user') ?? username
  return name.startsWith('postgres') ? null : name
}

async function readWith(url: string, table: LedgerTable, options: string | null): Promise<Snapshot> {
  const { default: pg } = await import('pg')
  const target = new URL(url)
  const given = target.searchParams.get('options')
  target.searchParams.delete('options')
  const startOptions = [given, options].filter((one) => one !== null).join(' ')
  const client = new pg.Client({
    connectionString: target.href,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: READ_TIMEOUT_MS + 5_000,
    application_name: 'seaworthy',
    // As text, like the rows of a snapshot: both must come to the same ledger.
    types: { getTypeParser: () => (value: string) => value },
    ...(startOptions === '' ? {} : { options: startOptions }),
  })
  // A connection that breaks between two queries must not end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    markAll(client)
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await client.query(`SET LOCAL statement_timeout = ${READ_TIMEOUT_MS}; SET LOCAL lock_timeout = ${READ_TIMEOUT_MS}`)
    const result = await client.query<Record<string, unknown>>(table.readSql)
    await client.query('ROLLBACK')
    if (result.rows.length > ROW_LIMIT) throw new Error(`${table.name} holds more than ${ROW_LIMIT} rows`)
    return { columns: result.fields.map((field) => field.name), records: result.rows }
  } finally {
    await client.end().catch(() => {})
  }
}

function unread(error: unknown, table: LedgerTable, witness: string, redactor: Redactor): Unread {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === '42P01' || code === '3F000') {
    return {
      reason: `the ledger table ${table.name} does not exist in ${witness}`,
      hint: 'Check the database name; if your runner keeps its ledger elsewhere, name it with ledgerTable in the configuration.',
    }
  }
  if (code === '42501') {
    return {
      reason: `this user may not read ${table.name} in ${witness}`,
      hint: `Grant it: GRANT SELECT ON ${table.name} TO …; a user that may do nothing else is the best one for this.`,
    }
  }
  const words = redactor.text(error instanceof Error ? error.message || code || error.name : String(error))
  return {
    reason: `the ledger could not be read from ${witness}: ${words}`,
    hint: 'Check that the database can be reached from here, or give a snapshot with --ledger FILE.',
  }
}
