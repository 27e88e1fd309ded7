import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Head } from '../gate/chain/chain.ts'
import { ChainReader, type ChainReport } from '../gate/chain/reader.ts'
import { SeaworthyError } from '../gate/error.ts'
import { connect, type Limits } from './sqlite-connection.ts'
import { stateProblem } from './sqlite-problem.ts'
import { COLUMNS, select } from './sqlite-rows.ts'
import { hasEntries, schemaProblems } from './sqlite-schema.ts'

/** After so many rows a signal is looked at. */
const BREATH_ROWS = 10_000

/**
 * Verifies the chain in a file, in the order in which the rows lie there, and that the file has our schema and nothing
 * besides. On a connection of its own, so that appends go on. Rows of a table that is not ours are not read.
 * @throws SeaworthyError('state') if it cannot be read to the end.
 */
export async function verifyFile(
  file: string,
  heads: readonly Head[],
  limits: Limits,
  signal?: AbortSignal,
): Promise<ChainReport> {
  const connection = await connect(file, limits, { asIs: true, isAnySchema: true })
  if (connection === null) throw new SeaworthyError('state', `the ledger ${file} is gone`)
  const { db } = connection
  try {
    const problems = schemaProblems(db)
    if (problems.length > 0 && !hasEntries(db)) return otherSchema(problems, heads)
    // Where something is not ours, the check would run what it says.
    if (problems.length === 0) mustBeSound(db.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'], file)
    const reader = new ChainReader(heads)
    const rows = select(db, `SELECT ${COLUMNS} FROM entries NOT INDEXED ORDER BY rowid`)
    let read = 0
    for (const row of rows.iterate()) {
      reader.read(row)
      read += 1
      if (read % BREATH_ROWS === 0) await breathe()
      signal?.throwIfAborted()
    }
    for (const problem of problems) reader.otherSchema(problem)
    return reader.report()
  } catch (error) {
    throw stateProblem(error, file)
  } finally {
    db.close()
  }
}

/** What is said of a database with another schema, of which no row was read; null for one that has ours. */
export function schemaReport(db: DatabaseSync): ChainReport | null {
  const problems = schemaProblems(db)
  return problems.length === 0 ? null : otherSchema(problems, [])
}

function otherSchema(problems: readonly string[], heads: readonly Head[]): ChainReport {
  const reader = new ChainReader(heads)
  for (const problem of problems) reader.otherSchema(problem)
  return reader.report()
}

/** An index that lacks an entry hides it from whoever looks for its candidate, though the chain is whole. */
function mustBeSound(said: unknown, file: string): void {
  if (said === 'ok') return
  throw new SeaworthyError('state', `the ledger ${file} is damaged: ${String(said)}`, {
    hint: 'seaworthy ledger restore FILE brings back a backup; what is there is kept beside it.',
  })
}
