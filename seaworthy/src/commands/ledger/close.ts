import { EXIT, type ExitCode, SeaworthyError } from '../../gate/error.ts'
import { plainLine } from '../../reports/plain-text.ts'
import { emergenciesOf } from '../../state/emergencies.ts'
import { statedReason } from '../stated-reason.ts'
import { documentText } from './document.ts'
import { ledgerAt, ledgerPlace, type PlaceFlags, type Recorded, recordEntry } from './place.ts'

/** The flags of `ledger close`. */
export interface CloseFlags extends PlaceFlags {
  readonly reason: string
  readonly json?: boolean
}

/**
 * Closes an emergency by hand: what was rolled back, or cannot be judged any more. Who said so and why stands in the ledger
 * as an acceptance; the emergency stays there as well. Returns the exit code.
 * @throws SeaworthyError('usage') for a number that is no open emergency, and for a reason that says nothing.
 */
export async function runLedgerClose(
  seq: number,
  flags: CloseFlags,
  { version, signal }: { readonly version: string; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const reason = statedReason(flags.reason, '--reason', 'Say what became of it: --reason "rolled back at 03:20, Ada".')
  const place = await ledgerPlace(flags, { cwd: process.cwd(), env: process.env })
  const store = await ledgerAt(place, 'nothing-to-check', signal)
  let made: Recorded
  try {
    const found = (await emergenciesOf(store)).find(({ entry }) => entry.seq === seq)
    if (found === undefined) throw new SeaworthyError('usage', `#${seq} of the ledger is no emergency`, { hint: WHICH })
    if (found.closedBy !== null) {
      const { kind, seq: by } = found.closedBy
      throw new SeaworthyError('usage', `emergency #${seq} is closed already, by #${by} (${kind})`, { hint: WHICH })
    }
    made = { kind: 'acceptance', candidate: found.candidate, content: { emergency: seq, reason } }
  } finally {
    await store.close()
  }
  const entry = await recordEntry(place, made, { env: process.env, argv: process.argv.slice(2) })
  if (entry === null) throw new SeaworthyError('state', `the ledger ${place.file} went away meanwhile`)
  const text = `emergency #${seq} is closed by hand, as #${entry.seq} in ${plainLine(place.file)}\n`
  const head = { version, command: 'ledger close', exitCode: EXIT.pass }
  const { seq: number, digest } = entry
  process.stdout.write(
    flags.json === true
      ? documentText(head, { file: place.file, emergency: seq, reason, entry: { seq: number, digest } })
      : text,
  )
  return EXIT.pass
}

const WHICH = 'seaworthy ledger tells the open ones first; seaworthy ledger --kind emergency lists all.'
