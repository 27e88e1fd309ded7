import type { Client } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'
import type { LedgerTable } from '../../migrations/model.ts'
import type { Shape } from '../../migrations/shape.ts'
import { noTable, relationAt } from '../relation.ts'

/** More rows than any history has. */
const ROW_LIMIT = 100_000

export interface LedgerFacts {
  readonly ledger: Shape['ledger']
  readonly unread: Shape['unread']
}

type LedgerRows = NonNullable<Shape['ledger']>['rows']

/**
 * The ledger among the tables that it may be. Where several are there, none is chosen: `unread` says so. A table that is
 * there and cannot be read, or is not the ledger of that tool, is named as well.
 * @throws SeaworthyError('config') where the user named the ledger, and it is not there or is none.
 */
export async function readLedger(
  client: Client,
  candidates: readonly LedgerTable[],
  isNamed: boolean,
): Promise<LedgerFacts> {
  const present: { table: LedgerTable; owner: string }[] = []
  const unread: { part: string; why: string }[] = []
  for (const table of candidates) {
    const owner = (await relationAt(client, table.name))?.owner
    if (owner !== undefined) present.push({ table, owner })
  }
  const read: NonNullable<Shape['ledger']>[] = []
  for (const { table, owner } of present) {
    const seen = await lookAt(client, table)
    if (seen.why !== null) unread.push({ part: `ledger ${table.name}`, why: seen.why })
    if (seen.isLedger) read.push({ table: table.name, owner, style: table.style, rows: seen.rows })
  }
  const [first, second] = read
  if (first === undefined) {
    if (isNamed) throw notThere(candidates, unread[0]?.why ?? 'there is no such table in this database')
    return { ledger: null, unread: [...unread, { part: NOT_FOUND, why: notFound(candidates) }] }
  }
  if (second === undefined) return { ledger: first, unread }
  const names = read.map((one) => one.table).join(' and ')
  const why = `${names} may each be it: name it with --format or --ledger-table`
  return { ledger: null, unread: [...unread, ...read.map(({ table }) => ({ part: `ledger ${table}`, why }))] }
}

/** Named otherwise than a table that is there: nothing was kept from us. */
const NOT_FOUND = 'ledger'

const notFound = (candidates: readonly LedgerTable[]): string =>
  `none was found: there is no table ${candidates.map((one) => one.name).join(', ')}; name it with --ledger-table, if there is one`

const notThere = (candidates: readonly LedgerTable[], why: string): SeaworthyError =>
  new SeaworthyError(
    'config',
    `the ledger ${candidates.map((one) => one.name).join(', ')} could not be captured: ${why}`,
    { hint: 'Name the table that the runner writes to (--ledger-table schema.table), or its tool (--format).' },
  )

interface Look {
  readonly isLedger: boolean
  readonly rows: LedgerRows
  /** Why there are no rows to see. */
  readonly why: string | null
}

const notIt = (why: string): Look => ({ isLedger: false, rows: null, why })

async function lookAt(client: Client, table: LedgerTable): Promise<Look> {
  await client.query('SAVEPOINT ledger')
  try {
    const other = noTable(await relationAt(client, table.name))
    if (other !== null) return notIt(`it ${other}`)
    // Whoever names a table of events by mistake must not have all of it read.
    const limited = `SELECT * FROM (${table.readSql}) AS ledger LIMIT ${ROW_LIMIT + 1}`
    const { rows, fields } = await client.query<Record<string, unknown>>(limited)
    // What was read is locked against being renamed, so this is about the very thing that was read.
    const read = noTable(await relationAt(client, table.name))
    if (read !== null) return notIt(`it ${read}`)
    if (!fields.some(({ name }) => name === table.keyColumn)) return notIt(`it has no column ${table.keyColumn}`)
    if (rows.length > ROW_LIMIT) return notIt(`it holds more than ${ROW_LIMIT} rows`)
    return { isLedger: true, rows: rows.flatMap((row) => table.parseRow(row) ?? []), why: null }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === '42501') {
      return { isLedger: true, rows: null, why: `this login may not read it: GRANT SELECT ON ${table.name} TO …` }
    }
    if (code === '42703') return notIt('its columns are not those of the tool whose ledger has this name')
    if (error instanceof SeaworthyError) return notIt(error.message)
    throw error
  } finally {
    await client.query('ROLLBACK TO SAVEPOINT ledger')
  }
}
