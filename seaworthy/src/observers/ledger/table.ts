import { SeaworthyError } from '../../gate/error.ts'
import { golangMigrate } from '../../migrations/golang-migrate.ts'
import { quotedName } from '../../migrations/ledger-values.ts'
import type { Format, Ledger, LedgerTable } from '../../migrations/model.ts'
import { numberedLedger } from '../../migrations/numbered.ts'
import type { Snapshot } from './snapshot.ts'

const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

/**
 * The ledger of a folder: the table that its tool keeps (in another schema, if the configuration says so), or the
 * configured one of a runner of one's own; null where neither is known, as for plain numbered files.
 */
export function ledgerTableFor(format: Pick<Format, 'ledger'>, configured: string | null): LedgerTable | null {
  const own = format.ledger
  if (configured === null) return own
  if (own === null || lastPart(configured) !== lastPart(own.name)) return numberedLedger(configured)
  if (!configured.includes('.')) return own
  const readSql = own.readSql.replaceAll(quotedName(own.name), quotedName(configured))
  return { ...own, name: configured, readSql }
}

/**
 * What rows with these columns come from. A folder in golang-migrate's naming may have a runner of its own (a row a
 * migration, nothing called `dirty`), golang-migrate's own table may have another name, and a snapshot of plain
 * numbered files needs no table name at all.
 */
function tableOfColumns(table: LedgerTable | null, columns: readonly string[] | null): LedgerTable {
  if (columns === null) return table ?? numberedLedger('the ledger')
  const isHighWater = columns.length === 2 && columns.includes('version') && columns.includes('dirty')
  if (isHighWater && golangMigrate.ledger !== null && table?.style !== 'high-water') return golangMigrate.ledger
  if (table === null || (table.style === 'high-water' && !columns.includes('dirty')))
    return numberedLedger('the ledger')
  return table
}

/** Reads a snapshot's rows by its table. Throws SeaworthyError('unreadable') if it is no snapshot of it. */
export function ledgerOf(named: LedgerTable | null, snapshot: Snapshot): Ledger {
  const table = tableOfColumns(named, snapshot.columns)
  if (snapshot.records.length === 0 && snapshot.columns !== null) mustBelong(table, snapshot.columns)
  const rows = snapshot.records.flatMap((record) => table.parseRow(record) ?? [])
  if (table.style === 'high-water' && rows.length > 1) {
    throw new SeaworthyError('unreadable', `${table.name} holds one row, the newest version; here are ${rows.length}`, {
      hint: 'If your runner keeps a row a migration, name its table with ledgerTable in the configuration.',
    })
  }
  return { style: table.style, rows }
}

/** A header without rows says "nothing is applied" only if it is this table's header. */
function mustBelong(table: LedgerTable, columns: readonly string[]): void {
  if (columns.includes(table.keyColumn)) return
  throw new SeaworthyError(
    'unreadable',
    `${table.name} has no column ${table.keyColumn}, only ${columns.slice(0, 8).join(', ')}: it is no ledger`,
    { hint: 'Export the ledger table itself; a runner of your own needs at least the column version.' },
  )
}
