import { lstatSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EXIT, type ExitCode, reasonOf, SeaworthyError } from '../../gate/error.ts'
import { plainLine } from '../../reports/plain-text.ts'
import { count } from '../../reports/wording.ts'
import { Draft, putInPlace } from '../../state/draft.ts'
import { exportLines } from '../../state/export.ts'
import { unwritable } from '../../state/state-file.ts'
import type { StateStore } from '../../state/store.ts'
import { documentText } from './document.ts'
import { ledgerAt, ledgerPlace, type PlaceFlags } from './place.ts'
import { verifyText } from './verify.ts'

const here = (): { cwd: string; env: NodeJS.ProcessEnv } => ({ cwd: process.cwd(), env: process.env })

/** Writes the whole ledger as JSON lines, to a new file or to stdout. */
export async function runLedgerExport(
  file: string | undefined,
  flags: PlaceFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  const store = await ledgerAt(await ledgerPlace(flags, here()), 'nothing-to-check', signal)
  try {
    if (file === undefined || file === '-') await exportToStdout(store, signal)
    else await exportToFile(store, file, signal)
    return EXIT.pass
  } finally {
    await store.close()
  }
}

async function exportToStdout(store: StateStore, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(Readable.from(exportLines(store)), process.stdout, { signal, end: false })
  } catch (error) {
    if (error instanceof SeaworthyError || signal.aborted) throw error
    throw new SeaworthyError('state', `the export was not written to its end: ${reasonOf(error)}`, { cause: error })
  }
}

/** The file appears whole, for its owner alone. */
async function exportToFile(store: StateStore, file: string, signal: AbortSignal): Promise<void> {
  const there = (): SeaworthyError =>
    new SeaworthyError('usage', `${file} is there already, so it is not written over`, {
      hint: 'Name a file that is not there yet.',
    })
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw there()
  using draft = new Draft(file)
  try {
    const handle = await open(draft.file, 'w')
    await pipeline(Readable.from(exportLines(store)), handle.createWriteStream(), { signal })
  } catch (error) {
    throw error instanceof SeaworthyError || signal.aborted ? error : unwritable(file, error)
  }
  if (!putInPlace(draft.file, file)) throw there()
}

/** Copies the ledger to a new file while others write to it, and verifies the copy. */
export async function runLedgerBackup(
  file: string,
  flags: PlaceFlags & { readonly json?: boolean },
  { version, signal }: { readonly version: string; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const place = await ledgerPlace(flags, here())
  const store = await ledgerAt(place, 'nothing-to-check', signal)
  try {
    const report = await store.backup(file, signal)
    const exitCode = report.isWhole ? EXIT.pass : EXIT.fail
    const text = (): string =>
      report.isWhole ? `${plainLine(file)}: ${count(report.rows, 'row')}, verified\n` : verifyText(report, file, [])
    const document = { backup: path.resolve(file), file: place.file, ...report }
    process.stdout.write(
      flags.json === true ? documentText({ version, command: 'ledger backup', exitCode }, document) : text(),
    )
    return exitCode
  } finally {
    await store.close()
  }
}
