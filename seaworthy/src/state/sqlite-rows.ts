import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Entry, Head } from '../gate/chain/chain.ts'
import { rowDigest } from '../gate/chain/chain.ts'
import { type RawRow, readRow, seqOf, storedRow } from '../gate/chain/row.ts'
import { SeaworthyError } from '../gate/error.ts'

/** The columns of an entry, in one order for all statements. */
export const COLUMNS = 'seq, at, kind, actor, command, candidate, content, previous, digest'

/** A query that gives back whatever number somebody has put into the file, instead of throwing. */
export function select(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}

/** The newest entry; null in an empty ledger. Throws SeaworthyError('state') if it is none. */
export function newestIn(db: DatabaseSync, file: string): Head | null {
  const row = select(db, 'SELECT seq, digest FROM entries ORDER BY seq DESC LIMIT 1').get()
  if (row === undefined) return null
  const [seq, { digest }] = [seqOf(row), row]
  if (seq !== null && typeof digest === 'string') return { seq, digest }
  throw unreadable(row, file)
}

/** The entry in a row. Throws SeaworthyError('state') if it does not have its digest. */
export function entryIn(raw: RawRow, file: string): Entry {
  const row = storedRow(raw)
  const read = row === null ? null : readRow(row)
  if (row === null || read === null || 'problem' in read || rowDigest(row) !== row.digest) throw unreadable(raw, file)
  return read.entry
}

const unreadable = ({ seq }: RawRow, file: string): SeaworthyError =>
  new SeaworthyError('state', `row ${String(seq)} of the ledger ${file} was changed`, {
    hint: 'seaworthy ledger verify names every break; ledger restore FILE brings back a backup.',
  })
