import type { ToldRun } from '../../gate/cold/looked-again.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { notObserved, type Observation, Observations } from '../../gate/observation.ts'
import { formatNamed, isFormatName } from '../../migrations/formats.ts'
import type { LedgerTable } from '../../migrations/model.ts'
import { observeLedger } from '../../observers/ledger/observe.ts'
import { ledgerTableFor } from '../../observers/ledger/table.ts'
import { shape } from '../../observers/shape/kind.ts'
import { shapeSeen } from '../../observers/shape/observe.ts'
import { placeOf, serverUrl } from '../../postgres/production.ts'
import { captureShape } from '../../postgres/shape/capture.ts'

/** Where the verifier reaches production. */
export interface ProductionPlaces {
  readonly ledgerUrl: string | null
  readonly shapeUrl: string | null
  /** The ledger of a runner of one's own, `schema.table`; null: as the bundle was made with it. */
  readonly ledgerTable: string | null
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/**
 * Looks at production itself, read-only and under time limits, for each migration folder of a bundle: its ledger, and its
 * shape where the bundle has one. What could not be seen is an observation that failed.
 * @throws SeaworthyError('usage') for what is no URL of a PostgreSQL server.
 */
export async function lookAtProduction(
  told: Pick<ToldRun, 'request' | 'question'>,
  places: ProductionPlaces,
): Promise<ReadonlyMap<string, Observations>> {
  const { ledgerUrl, shapeUrl, signal, progress } = places
  const seen = new Map<string, Observations>()
  for (const { name, observations } of told.question.subjects) {
    const found: Observation[] = []
    const table = tableOf(told, name, places.ledgerTable)
    if (ledgerUrl !== null) {
      serverUrl(ledgerUrl, '--ledger-url')
      progress(`reading production's ledger for ${name}`)
      found.push(await observeLedger({ file: null, url: ledgerUrl, table, env: {}, signal }))
    }
    if (shapeUrl !== null && observations.find(shape) !== undefined) {
      progress(`capturing production's shape for ${name}`)
      found.push(await shapeNow(shapeUrl, table, places))
    }
    seen.set(name, new Observations(found))
  }
  return seen
}

/** The ledger of a folder, as the verifier names it or as the bundle was made with it. */
function tableOf({ request }: Pick<ToldRun, 'request'>, folder: string, named: string | null): LedgerTable | null {
  const asked = request.folders.find((one) => one.dir === folder)
  if (asked === undefined || asked.format === null || !isFormatName(asked.format)) return null
  return ledgerTableFor(formatNamed(asked.format), named ?? asked.ledgerTable)
}

async function shapeNow(
  shapeUrl: string,
  table: LedgerTable | null,
  { signal, progress }: ProductionPlaces,
): Promise<Observation> {
  const url = serverUrl(shapeUrl, '--shape-url')
  const where = `postgresql://${placeOf(url)}`
  try {
    const ledgers = table === null ? [] : [table]
    const found = await captureShape({
      url: url.href,
      ledgers,
      isLedgerNamed: false,
      now: new Date(),
      signal,
      progress,
    })
    return shapeSeen(found, where, table?.name ?? null)
  } catch (error) {
    if (error instanceof SeaworthyError) return notObserved(shape, where, error.message, error.hint)
    throw error
  }
}
