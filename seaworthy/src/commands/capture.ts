import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { notWritten, SeaworthyError } from '../gate/error.ts'
import { FORMATS, formatNamed } from '../migrations/formats.ts'
import type { FormatName, LedgerTable } from '../migrations/model.ts'
import type { Shape } from '../migrations/shape.ts'
import { ledgerTableFor } from '../observers/ledger/table.ts'
import { captureShape } from '../postgres/shape/capture.ts'
import { shapeText } from '../postgres/shape/file.ts'
import { plainLine } from '../reports/plain-text.ts'
import { startProgress } from '../reports/progress.ts'
import { count } from '../reports/wording.ts'
import { ownFile } from './own-file.ts'

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
  const target = flags.output ?? '-'
  const file = target === '-' ? null : await ownFile(target, ['formatVersion', 'capturedAt', 'catalogue'], '-o')
  const progress = startProgress(process.stderr, { isTty: process.stderr.isTTY })
  const shape = await captureShape({
    url: from,
    ledgers: ledgersOf(flags),
    isLedgerNamed: flags.format !== undefined || flags.ledgerTable !== undefined,
    now: new Date(),
    signal,
    progress: (line) => progress.say(line),
  }).finally(() => progress.done())
  if (file === null) process.stdout.write(shapeText(shape))
  else {
    writeWhole(file, shapeText(shape))
    process.stderr.write(`${written(target, shape)}\n`)
  }
  for (const { part, why } of shape.unread) process.stderr.write(`not read: ${part}: ${why}\n`)
  const isSaid = shape.unread.some(({ part }) => part === 'queries')
  if (shape.queriesUnavailable !== null && !isSaid)
    process.stderr.write(`not read: queries: ${shape.queriesUnavailable}\n`)
}

/** What was written, in a line: enough to notice the wrong database. */
function written(file: string, { database, catalogue, roles, queries, ledger }: Shape): string {
  const tables = catalogue.filter(({ object }) => object.startsWith('table ')).length
  const parts = [count(tables, 'table'), count(roles.length, 'role'), count(queries.length, 'query', 'queries')]
  const applied = ledger === null ? 'no ledger' : `ledger ${ledger.table}`
  return plainLine(`${file}: the shape of ${database.name}, with ${parts.join(', ')}, ${applied}; no rows`)
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
    // It is made to be committed, so the umask decides; an earlier one keeps its mode.
    const mode = statSync(file, { throwIfNoEntry: false })?.mode
    writeFileSync(draft, text, { flag: 'wx', ...(mode === undefined ? {} : { mode: mode & 0o777 }) })
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw notWritten(`the shape could not be written to ${file}`, error, {
      code: 'unreadable',
      hint: 'Name a file in a folder that you may write to, or leave -o out to print it.',
    })
  }
}
