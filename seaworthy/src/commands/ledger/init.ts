import { EXIT, type ExitCode } from '../../gate/error.ts'
import { plainLine } from '../../reports/plain-text.ts'
import { openState } from '../../state/store.ts'
import { ledgerPlace, type PlaceFlags } from './place.ts'

/** Begins a ledger. One that is there stays as it is. */
export async function runLedgerInit(flags: PlaceFlags, signal: AbortSignal): Promise<ExitCode> {
  const { file } = await ledgerPlace(flags, { cwd: process.cwd(), env: process.env })
  const store = await openState(file, { isCreating: true, signal })
  const head = (await store?.head()) ?? null
  await store?.close()
  const what = head === null ? 'an empty ledger' : `a ledger with ${head.seq} entries already`
  process.stdout.write(`${plainLine(file)}: ${what}\n`)
  return EXIT.pass
}
