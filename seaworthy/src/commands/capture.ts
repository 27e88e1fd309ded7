import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { reasonOf, SeaworthyError } from '../gate/error.ts'
import { FORMATS, formatNamed } from '../migrations/formats.ts'
import type { FormatName, LedgerTable } from '../migrations/model.ts'
import { ledgerTableFor } from '../observers/ledger/table.ts'
import { captureShape } from '../postgres/shape/capture.ts'
import { shapeText } from '../postgres/shape/file.ts'
import { startProgress } from '../reports/progress.ts'

/** The flags of `capture`. */
export interface CaptureFlags {
  /** Where to write; stdout if it is left out or `-`. */
  readonly output?: string
  readonly format?: FormatName
  readonly ledgerTable?: string
}

/** Runs `capture` for a person: the shape to a file or to stdout, everything else to stderr. */
export async function runCapture(url: string | undefined, flags: CaptureFlags, signal: AbortSignal): Promise<void> {
  const from = url ?? process.env['SEAWORTHY_CAPTURE_URL'] ?? ''
  if (from === '') {
    throw new SeaworthyError('usage', 'capture needs the URL of the database', {
      hint: 'seaworthy capture "postgresql://host/database?user=reader" -o shape.json, or SEAWORTHY_CAPTURE_URL in the environment.',
    })
  }
  const progress = startProgress(process.stderr, { isTty: process.stderr.isTTY })
  const shape = await captureShape({
    url: from,
    ledgers: ledgersOf(flags),
    isLedgerNamed: flags.format !== undefined || flags.ledgerTable !== undefined,
    now: new Date(),
    signal,
    progress: (line) => progress.say(line),
  }).finally(() => progress.done())
  const target = flags.output ?? '-'
  if (target === '-') process.stdout.write(shapeText(shape))
  else writeWhole(target, shapeText(shape))
  for (const { part, why } of shape.unread) process.stderr.write(`not read: ${part}: ${why}\n`)
  const isSaid = shape.unread.some(({ part }) => part === 'queries')
  if (shape.queriesUnavailable !== null && !isSaid)
    process.stderr.write(`not read: queries: ${shape.queriesUnavailable}\n`)
}

/** The tables that may be the ledger: the one that was named, that of the named tool, or those of all tools. */
function ledgersOf({ format, ledgerTable }: CaptureFlags): LedgerTable[] {
  if (format === undefined && ledgerTable === undefined) return FORMATS.flatMap((one) => one.ledger ?? [])
  const table = ledgerTableFor(formatNamed(format ?? 'numbered'), ledgerTable ?? null)
  return table === null ? [] : [table]
}

/** A reader sees the old file or the new one, never a half. */
function writeWhole(file: string, text: string): void {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`)
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw new SeaworthyError('unreadable', `the shape could not be written to ${file}: ${reasonOf(error)}`, {
      hint: 'Name a file in a folder that you may write to, or leave -o out to print it.',
    })
  }
}
