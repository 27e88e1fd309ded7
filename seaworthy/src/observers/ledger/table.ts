import { SeaworthyError } from '../../gate/error.ts'
import { quotedName } from '../../migrations/ledger-values.ts'
import type { Format, Ledger, LedgerTable } from '../../migrations/model.ts'
import { numberedLedger } from '../../migrations/numbered.ts'
import type { Snapshot } from './snapshot.ts'

/** Which ledger a folder has: what its tool keeps, unless the configuration names the table of a runner of one's own. */
export interface LedgerChoice {
  readonly format: Pick<Format, 'name' | 'ledger'>
  /** The configured `ledgerTable`; null if there is none. */
  readonly ledgerTable: string | null
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

/**
 * The table to read in a database: the tool's own (in another schema, if the configuration says so), or the configured
 * one; null where the runner is the user's own and nothing names its table.
 */
export function tableToRead({ format, ledgerTable }: LedgerChoice): LedgerTable | null {
  if (ledgerTable === null) return format.ledger
  if (format.ledger === null || lastPart(ledgerTable) !== lastPart(format.ledger.name))
    return numberedLedger(ledgerTable)
  if (!ledgerTable.includes('.')) return format.ledger
  const readSql = format.ledger.readSql.replaceAll(quotedName(format.ledger.name), quotedName(ledgerTable))
  return { ...format.ledger, name: ledgerTable, readSql }
}

/**
 * The table that rows with these columns come from. A folder in golang-migrate's naming may have a runner of its own
 * (a row a migration, nothing called `dirty`), and golang-migrate's own table may have another name.
 */
export function tableWithColumns(choice: LedgerChoice, columns: readonly string[] | null): LedgerTable {
  const named = tableToRead(choice) ?? numberedLedger('the ledger')
  if (columns === null) return named
  const { ledger } = choice.format
  const isHighWater = columns.includes('dirty') && ledger?.style === 'high-water'
  if (isHighWater && named.style === 'rows') return ledger
  return !columns.includes('dirty') && named.style === 'high-water'
    ? numberedLedger(choice.ledgerTable ?? 'the ledger')
    : named
}

/** Reads a snapshot's rows by its table. Throws SeaworthyError('unreadable') if it is no snapshot of it. */
export function ledgerOf(choice: LedgerChoice, snapshot: Snapshot): Ledger {
  const table = tableWithColumns(choice, snapshot.columns)
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
  const known = new Set<string>(table.createSql.join(' ').match(/[a-z_]+/gi))
  if (columns.some((column) => known.has(column))) return
  throw new SeaworthyError('unreadable', `${table.name} has no column ${columns.slice(0, 8).join(', ')}`)
}
