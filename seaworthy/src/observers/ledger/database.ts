import type { Client } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'
import type { LedgerTable } from '../../migrations/model.ts'
import { type Answering, answeringOf } from '../../postgres/answers/witness.ts'
import { BEGIN_READING, connectReading, leave, OWN_NAMES, wordsOf } from '../../postgres/production.ts'
import { noTable, relationAt } from '../../postgres/relation.ts'
import { postgresUrl } from '../../postgres/server-url.ts'
import type { Snapshot } from './snapshot.ts'

/** How long reading production's ledger may take. */
const READ_TIMEOUT_MS = 15_000
/** How long the driver waits beyond the server's own time limit. */
const GRACE_MS = 5_000
/** More rows than any history has. */
const ROW_LIMIT = 1_000_000

/** A ledger that could not be read, in words without credentials. */
export interface Unread {
  readonly reason: string
  readonly hint: string | null
}

/** Where a URL leads, without user, password and parameters: `postgresql://host:5432/db`. Throws for another protocol. */
export function witnessOf(url: string): string {
  const parsed = postgresUrl(url)
  if (parsed === null) {
    throw new SeaworthyError(
      'usage',
      'the ledger URL is none of the form postgresql://…, and only PostgreSQL can be read',
      {
        hint: URL_HINT,
      },
    )
  }
  const host = parsed.host === '' ? (parsed.searchParams.get('host') ?? 'localhost') : parsed.host
  return `postgresql://${host}${parsed.pathname}`
}

const URL_HINT = 'It looks like postgresql://host:5432/database?user=reader; or give a snapshot with --ledger FILE.'

/** What a database holds, and which one it is. */
export interface LedgerRead extends Snapshot {
  readonly database: Answering
}

/**
 * Reads the ledger table in a read-only transaction under time limits. What cannot be read is said and is never an empty
 * ledger; a missing table least of all. No message holds a credential. @throws the signal's reason once that is aborted.
 */
export async function readDatabase(url: string, table: LedgerTable, signal: AbortSignal): Promise<LedgerRead | Unread> {
  const where = new URL(url)
  try {
    return await readFrom(where, table, signal)
  } catch (error) {
    signal.throwIfAborted()
    return unread(error, table, where)
  }
}

async function readFrom(url: URL, table: LedgerTable, signal: AbortSignal): Promise<LedgerRead> {
  const client = await connectReading(url, {
    application: 'seaworthy',
    limitMs: READ_TIMEOUT_MS + GRACE_MS,
    signal,
    // As text, like the rows of a snapshot: both must come to the same ledger.
    types: { getTypeParser: () => (value: string) => value },
  })
  try {
    await client.query(`${BEGIN_READING}; ${OWN_NAMES};
      SET LOCAL statement_timeout = ${READ_TIMEOUT_MS}; SET LOCAL lock_timeout = ${READ_TIMEOUT_MS}`)
    await refuseOther(client, table)
    const result = await client.query<Record<string, unknown>>(table.readSql)
    // What was read is locked against being renamed, so this is about the very thing that was read.
    await refuseOther(client, table)
    const database = await answeringOf(client)
    await client.query('ROLLBACK')
    if (result.rows.length > ROW_LIMIT) throw new Error(`${table.name} holds more than ${ROW_LIMIT} rows`)
    return { columns: result.fields.map((field) => field.name), records: result.rows, database }
  } finally {
    await leave(client)
  }
}

async function refuseOther(client: Client, table: LedgerTable): Promise<void> {
  const why = noTable(await relationAt(client, table.name))
  if (why !== null) throw new Error(`${table.name} ${why}`)
}

function unread(error: unknown, table: LedgerTable, url: URL): Unread {
  const witness = witnessOf(url.href)
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
  return {
    reason: `the ledger could not be read from ${witness}: ${wordsOf(error, url)}`,
    hint: 'Check that the database can be reached from here, or give a snapshot with --ledger FILE.',
  }
}
