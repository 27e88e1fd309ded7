import { SeaworthyError } from '../../gate/error.ts'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import { readDatabase, witnessOf } from './database.ts'
import { ledger } from './kind.ts'
import { readSnapshotFile } from './snapshot.ts'
import { type LedgerChoice, ledgerOf, tableToRead } from './table.ts'

export interface LedgerRequest extends LedgerChoice {
  readonly source: LedgerSource
}

/** A snapshot file (path as the user gave it, relative to the working folder), or the URL of production's database. */
export type LedgerSource = { readonly file: string } | { readonly url: string }

/**
 * Which ledger was asked for: `--ledger` before `--ledger-url` before `SEAWORTHY_LEDGER_URL`; null if none. Throws
 * SeaworthyError('usage') if both flags are given.
 */
export function ledgerSource(
  flags: { readonly ledger?: string | undefined; readonly ledgerUrl?: string | undefined },
  env: NodeJS.ProcessEnv,
): LedgerSource | null {
  if (flags.ledger !== undefined && flags.ledgerUrl !== undefined) {
    throw new SeaworthyError('usage', '--ledger and --ledger-url name two ledgers', { hint: 'Give one of them.' })
  }
  if (flags.ledger !== undefined) return { file: flags.ledger }
  const url = flags.ledgerUrl ?? env['SEAWORTHY_LEDGER_URL']
  return url === undefined || url === '' ? null : { url }
}

/**
 * Reads production's ledger. A file that is no ledger throws SeaworthyError('unreadable'), a URL that is none
 * SeaworthyError('usage'); a database that does not answer, or has no such table, is *not observed*: never an empty ledger.
 */
export async function observeLedger(request: LedgerRequest): Promise<Observation> {
  if ('file' in request.source) {
    const snapshot = await readSnapshotFile(request.source.file)
    return observed(
      ledger,
      `file ${request.source.file}`,
      named(request.source.file, () => ledgerOf(request, snapshot)),
    )
  }
  const witness = witnessOf(request.source.url)
  const table = tableToRead(request)
  if (table === null) {
    return notObserved(
      ledger,
      witness,
      'the name of the ledger table is not known for plain numbered files',
      NAME_TABLE,
    )
  }
  const snapshot = await readDatabase(request.source.url, table)
  if ('reason' in snapshot) return notObserved(ledger, witness, snapshot.reason, snapshot.hint)
  try {
    return observed(ledger, `${witness} ${table.name}`, ledgerOf(request, snapshot))
  } catch (error) {
    if (!(error instanceof SeaworthyError)) throw error
    return notObserved(
      ledger,
      witness,
      `${table.name} is no ledger of ${request.format.name}: ${error.message}`,
      NAME_TABLE,
    )
  }
}

const NAME_TABLE = 'Name the table of your runner: ledgerTable: "applied_migrations" in seaworthy.config.ts.'

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
