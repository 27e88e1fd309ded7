import { constants, open } from 'node:fs/promises'
import { sha256 } from '../../gate/canonical.ts'
import { reasonOf, SeaworthyError } from '../../gate/error.ts'
import { parseCsv } from './csv.ts'

/** A row of a ledger table, column by column. */
export type LedgerRecord = Readonly<Record<string, unknown>>

/** A snapshot of a ledger table. */
export interface Snapshot {
  /** The columns; null where there are no rows to tell them from (an empty JSON list). */
  readonly columns: readonly string[] | null
  readonly records: readonly LedgerRecord[]
}

/** The largest ledger file that is read, in bytes. */
export const LEDGER_LIMIT_BYTES = 50 * 1024 * 1024

const HINT =
  'A ledger file is the ledger table with its header, as COPY (SELECT * FROM the_table) TO STDOUT WITH (FORMAT csv, HEADER) writes it, or a JSON list of its rows.'

/** Reads a ledger file under the limit, as UTF-8; `digest` is the SHA-256 of its bytes. Throws SeaworthyError('unreadable' or 'limit') that names the file. */
export async function readSnapshotFile(path: string): Promise<Snapshot & { readonly digest: string }> {
  const bytes = await readLimited(path)
  if (bytes[0] === 0xff || bytes[0] === 0xfe || bytes.includes(0)) {
    throw unreadable(path, 'it is not UTF-8 text (a redirect in PowerShell writes UTF-16)')
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable(path, 'it is not UTF-8 text')
  }
  try {
    return { ...parseSnapshot(text), digest: sha256(bytes) }
  } catch (error) {
    if (!(error instanceof SeaworthyError)) throw error
    throw new SeaworthyError(error.code, `the ledger file ${path} is no ledger: ${error.message}`, {
      hint: error.hint ?? HINT,
      cause: error,
    })
  }
}

async function readLimited(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = await file.stat()
    if (!stat.isFile()) throw unreadable(path, 'it is not a file')
    if (stat.size > LEDGER_LIMIT_BYTES) {
      throw new SeaworthyError(
        'limit',
        `the ledger file ${path} has ${stat.size} bytes; at most ${LEDGER_LIMIT_BYTES} are read`,
        {
          hint: 'Export only the ledger table.',
        },
      )
    }
    return await file.readFile()
  } catch (error) {
    if (error instanceof SeaworthyError) throw error
    throw unreadable(path, reasonOf(error))
  }
}

/** Reads a JSON list of objects, JSON lines, or CSV with a header. Throws SeaworthyError('unreadable') that says what was found. */
export function parseSnapshot(text: string): Snapshot {
  const trimmed = text.trim()
  if (trimmed === '') throw found('it is empty; a ledger without rows is its header line alone, or the JSON list []')
  const records = /^[[{]/.test(trimmed) ? jsonRecords(trimmed) : null
  if (records === null) return csvSnapshot(text.trimStart())
  const columns = records[0] === undefined ? null : Object.keys(records[0])
  return { columns, records }
}

function jsonRecords(text: string): LedgerRecord[] {
  const whole = parseJson(text)
  const values = Array.isArray(whole)
    ? whole
    : whole === undefined && text.startsWith('{')
      ? text
          .split(/\r?\n/)
          .filter((line) => line.trim() !== '')
          .map((line, index) => jsonLine(line, index))
      : [whole]
  return values.map((value: unknown, index) => {
    if (isRecord(value)) return value
    throw found(
      whole === undefined
        ? 'it begins like JSON and cannot be parsed'
        : `entry ${index + 1} of its JSON list is no row`,
    )
  })
}

function jsonLine(line: string, index: number): unknown {
  const value = parseJson(line)
  if (value === undefined) throw found(`its line ${index + 1} is no JSON`)
  return value
}

/** Undefined if it is no JSON. A whole number beyond what a double holds exactly is kept as its digits. */
function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
        ? context?.source
        : value,
    )
    return value
  } catch {
    return undefined
  }
}

function csvSnapshot(text: string): Snapshot {
  const [header, ...rows] = parseCsv(text)
  const columns = header?.map((cell) => cell ?? '') ?? []
  if (!columns.every((column) => /^[A-Za-z_][A-Za-z0-9_$ ]*$/.test(column)) || new Set(columns).size < columns.length) {
    const first = columns.join(',').slice(0, 80)
    throw found(`its first line must be the header with the names of the columns, and is ${JSON.stringify(first)}`)
  }
  return {
    columns,
    records: rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))),
  }
}

const isRecord = (value: unknown): value is LedgerRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const found = (what: string): SeaworthyError => new SeaworthyError('unreadable', what, { hint: HINT })

const unreadable = (path: string, what: string): SeaworthyError =>
  new SeaworthyError('unreadable', `the ledger file ${path} cannot be read: ${what}`, { hint: HINT })
