import type { EntryKind } from '../../gate/chain/chain.ts'
import { EXIT, type ExitCode } from '../../gate/error.ts'
import { reportEmergency } from '../../reports/emergencies.ts'
import { openEmergenciesOf } from '../../state/emergencies.ts'
import type { StateStore } from '../../state/store.ts'
import { documentText } from './document.ts'
import { type LedgerList, listText } from './output.ts'
import { ledgerAt, ledgerPlace, type PlaceFlags } from './place.ts'

/** The flags of `ledger`. */
export interface ListFlags extends PlaceFlags {
  readonly kind?: EntryKind[]
  readonly since?: string
  readonly until?: string
  readonly candidate?: string
  readonly limit?: number
  readonly json?: boolean
}

/** So many entries are shown if nobody says otherwise. */
const USUAL_LIMIT = 50

/** Lists the ledger, newest first, for a person or a machine. Returns the exit code. */
export async function runLedger(
  flags: ListFlags,
  { version, color, signal }: { readonly version: string; readonly color: boolean; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const place = await ledgerPlace(flags, { cwd: process.cwd(), env: process.env })
  const store = await ledgerAt(place, 'nothing-to-check', signal)
  try {
    const list = await read(store, place.file, flags)
    process.stdout.write(
      flags.json === true
        ? documentText(
            { version, command: 'ledger', exitCode: EXIT.pass },
            { ...list, emergencies: list.emergencies.map(reportEmergency) },
          )
        : listText(list, { color, width: process.stdout.isTTY ? process.stdout.columns : null }),
    )
    return EXIT.pass
  } finally {
    await store.close()
  }
}

async function read(store: StateStore, file: string, flags: ListFlags): Promise<LedgerList> {
  const limit = flags.limit ?? USUAL_LIMIT
  const entries = []
  const filter = {
    ...(flags.kind === undefined ? {} : { kinds: flags.kind }),
    ...(flags.since === undefined ? {} : { since: flags.since }),
    ...(flags.until === undefined ? {} : { until: flags.until }),
    ...(flags.candidate === undefined ? {} : { candidate: flags.candidate }),
  }
  for await (const entry of store.entries({ ...filter, limit: limit + 1, isNewestFirst: true })) entries.push(entry)
  const emergencies = await openEmergenciesOf(store)
  return { file, entries: entries.slice(0, limit), hasMore: entries.length > limit, emergencies }
}
