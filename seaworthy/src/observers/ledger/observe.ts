import { basename } from 'node:path'
import { SeaworthyError } from '../../gate/error.ts'
import { witnessIn } from '../../gate/certificate/identity.ts'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import type { LedgerTable } from '../../migrations/model.ts'
import type { Answering } from '../../postgres/answers/witness.ts'
import { readDatabase, witnessOf } from './database.ts'
import { ledger } from './kind.ts'
import { readSnapshotFile } from './snapshot.ts'
import { ledgerOf } from './table.ts'

/** One of `file` and `url` is given; else the environment's `SEAWORTHY_LEDGER_URL` counts. */
export interface LedgerRequest {
  /** A snapshot, by its path from the working folder. */
  readonly file: string | null
  /** Production's database. It is never part of a message. */
  readonly url: string | null
  /** From `ledgerTableFor`; null where nothing names the table, which is enough for a snapshot of plain numbered files. */
  readonly table: LedgerTable | null
  readonly env: NodeJS.ProcessEnv
  /** Ends the reading of a database at once. */
  readonly signal: AbortSignal
}

/**
 * Reads production's ledger. A file that is no ledger throws SeaworthyError('unreadable'), a URL that is none
 * SeaworthyError('usage'), and a signal that is aborted its reason; a database that does not answer, or has no such table, is
 * *not observed*: never an empty ledger.
 */
export async function observeLedger(request: LedgerRequest): Promise<Observation> {
  const { file, table } = request
  if (file !== null) {
    const snapshot = await readSnapshotFile(file)
    // Named by its content: two runs on one snapshot look at the same thing, wherever it lies.
    const witness = `file ${basename(file)} sha256:${snapshot.digest}`
    const rows = named(file, () => ledgerOf(table, snapshot))
    return observed(ledger, witness, rows)
  }
  const url = request.url ?? request.env['SEAWORTHY_LEDGER_URL'] ?? ''
  const witness = witnessOf(url)
  if (table === null) {
    return notObserved(
      ledger,
      witness,
      'the name of the ledger table is not known for plain numbered files',
      NAME_TABLE,
    )
  }
  return (await lookAtLedger(url, table, request.signal)).observation
}

/** A ledger as it is in a database now, and who answered; `database` is null where nobody did. */
export interface LiveLedger {
  readonly observation: Observation
  readonly database: Answering | null
}

/** Reads the ledger from a database, as `observeLedger` does. Throws SeaworthyError('usage') for what is no URL. */
export async function lookAtLedger(url: string, table: LedgerTable, signal: AbortSignal): Promise<LiveLedger> {
  const witness = witnessOf(url)
  const read = await readDatabase(url, table, signal)
  if ('reason' in read) {
    return { observation: notObserved(ledger, witness, read.reason, read.hint), database: null }
  }
  const { database } = read
  try {
    const where = witnessIn(`${witness} ${table.name}`, database.identity)
    return { observation: observed(ledger, where, ledgerOf(table, read)), database }
  } catch (error) {
    if (!(error instanceof SeaworthyError)) throw error
    const reason = `${table.name} is not the ledger of this folder: ${error.message}`
    return { observation: notObserved(ledger, witness, reason, NAME_TABLE), database }
  }
}

const NAME_TABLE = 'Name the table of your runner: ledgerTable: "public.applied_migrations" in seaworthy.config.ts.'

function named<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SeaworthyError)) throw error
    throw new SeaworthyError(error.code, `the ledger file ${file} is no ledger: ${error.message}`, {
      ...(error.hint === null ? {} : { hint: error.hint }),
      cause: error,
    })
  }
}
