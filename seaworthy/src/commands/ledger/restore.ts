import path from 'node:path'
import { EXIT, type ExitCode, SeaworthyError } from '../../gate/error.ts'
import { reportEmergency } from '../../reports/emergencies.ts'
import { plainLine, withoutCiCommands } from '../../reports/plain-text.ts'
import { count } from '../../reports/wording.ts'
import { actorHere } from '../../state/actor.ts'
import { type Lost, type Restored, restoreState } from '../../state/store.ts'
import { documentText } from './document.ts'
import { emergencyLine } from './output.ts'
import { ledgerPlace, type PlaceFlags } from './place.ts'
import { verifyText } from './verify.ts'

/** The flags of `ledger restore`. */
export interface RestoreFlags extends PlaceFlags {
  readonly replace?: boolean
  readonly json?: boolean
}

/** Puts a backup in the place of the ledger, and says what went with the former one. */
export async function runLedgerRestore(
  backup: string,
  flags: RestoreFlags,
  { version, signal }: { readonly version: string; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const { file } = await ledgerPlace(flags, { cwd: process.cwd(), env: process.env })
  const isReplacing = flags.replace === true
  const by = {
    actor: actorHere(process.env),
    command: `seaworthy ledger restore ${backup}${isReplacing ? ' --replace' : ''}`,
  }
  const restored = await restoreState(file, backup, { isReplacing, by, signal })
  if (restored.outcome === 'refused') {
    throw new SeaworthyError('usage', `${backup} is not put in the place of ${file}: ${restored.why}`, {
      hint: 'With --replace it is: what is there is kept beside it, and an entry says what went.',
    })
  }
  const exitCode = restored.outcome === 'broken' ? EXIT.fail : EXIT.pass
  process.stdout.write(
    flags.json === true
      ? documentText({ version, command: 'ledger restore', exitCode }, documentOf(restored, file, backup))
      : textOf(restored, file, backup),
  )
  return exitCode
}

type Told = Exclude<Restored, { readonly outcome: 'refused' }>

function documentOf(restored: Told, file: string, backup: string): object {
  const about = { file, backup: path.resolve(backup), outcome: restored.outcome, ...restored.report }
  if (restored.outcome === 'broken') return about
  const { kept, lost } = restored
  if (lost === null) return { ...about, kept, lost: null }
  return { ...about, kept, lost: { ...lost, emergencies: lost.emergencies?.map(reportEmergency) ?? null } }
}

function textOf(restored: Told, file: string, backup: string): string {
  const { report } = restored
  if (restored.outcome === 'broken') return verifyText(report, backup, [])
  const { kept, lost } = restored
  const lines = [
    ...(lost === null ? [] : lostLines(lost)),
    `${plainLine(file)}: ${count(report.rows, 'row')} from ${plainLine(backup)}, verified`,
    ...(kept === null ? [] : [`what was there is kept as ${plainLine(kept)}`]),
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

/** What is gone from the ledger stands first: it is gone from what every other command reads. */
function lostLines({ rows, emergencies, entry }: Lost): string[] {
  const went =
    rows === null
      ? 'GONE: what was there could not be read, so nobody knows how many rows the backup lacks'
      : `GONE: ${count(rows, 'row')} that the backup lacks`
  return [
    `${went}; row ${entry.seq} says so`,
    ...(emergencies === null ? ['GONE: whether an open emergency is among them is not known'] : []),
    ...(emergencies ?? []).map((one) => `GONE: the open emergency ${emergencyLine(one)}`),
  ]
}
