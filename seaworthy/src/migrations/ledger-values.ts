import { SeaworthyError } from '../gate/error.ts'
import { bareNumber, isNumber } from './naming.ts'

/** A ledger row as a driver, a CSV or a JSON export gives it. */
export type Row = Readonly<Record<string, unknown>>

/** A schema-qualified name as SQL, quoted: `public.schema_migrations` becomes `"public"."schema_migrations"`. */
export const quotedName = (name: string): string =>
  name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')

/** A column as text; null for NULL, which a CSV export writes as an empty field. A missing column is null as well. */
export function textOf(row: Row, column: string): string | null {
  const value = row[column]
  if (typeof value === 'string') return value === '' ? null : value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return null
}

/** A whole number as its digits without leading zeros (with a `-` where it is negative); null for NULL. */
export function integerOf(row: Row, column: string): string | null {
  const text = textOf(row, column)?.trim() ?? null
  if (text === null) return null
  const digits = text.startsWith('-') ? text.slice(1) : text
  if (!isNumber(digits))
    throw notALedger(`its column ${column} holds ${JSON.stringify(text.slice(0, 40))}, which is no whole number`)
  return (text.startsWith('-') ? '-' : '') + bareNumber(digits)
}

/** A boolean as a driver (`true`), JSON (`true`) or COPY (`t`) gives it; null for NULL. */
export function booleanOf(row: Row, column: string): boolean | null {
  const value = row[column]
  if (typeof value === 'boolean') return value
  const text = textOf(row, column)?.toLowerCase() ?? null
  if (text === null) return null
  if (['t', 'true', '1', 'yes', 'on'].includes(text)) return true
  if (['f', 'false', '0', 'no', 'off'].includes(text)) return false
  throw notALedger(`its column ${column} holds ${JSON.stringify(text.slice(0, 40))}, which is neither true nor false`)
}

/** Bytes as lower-case hexadecimal: from a driver's buffer, or from the `\x…` of COPY and JSON exports; null for NULL. */
export function bytesOf(row: Row, column: string): string | null {
  const value = row[column]
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  const text = textOf(row, column)
  if (text === null) return null
  // Text-format COPY doubles the backslash; CSV and JSON, once parsed, do not.
  const hex = text.replace(/^\\{1,2}x/, '').toLowerCase()
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) throw notALedger(`its column ${column} holds no bytes in hexadecimal`)
  return hex
}

/** A time as ISO 8601; without an offset where the column has none. Null for NULL and for what is no time. */
export function timeOf(row: Row, column: string): string | null {
  const value = row[column]
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  const text = textOf(row, column)
  if (text === null) return null
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/.exec(text)
  if (match === null) return null
  const [, date = '', time = '', zone] = match
  if (zone === undefined) return `${date}T${time}`
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  const parsed = new Date(`${date}T${time.slice(0, 12)}${offset}`)
  return Number.isNaN(parsed.getTime()) ? null : parsed.toISOString()
}

/** Throws unless every one of these columns is there. */
export function requireColumns(row: Row, columns: readonly string[], table: string): void {
  const missing = columns.filter((column) => row[column] === undefined)
  if (missing.length === 0) return
  const has = Object.keys(row).slice(0, 12).join(', ')
  throw notALedger(
    `${table} has the columns ${columns.join(', ')}; here ${missing.join(', ')} is missing (there are: ${has})`,
  )
}

export const notALedger = (what: string): SeaworthyError =>
  new SeaworthyError('unreadable', `this is not a row of the migration ledger: ${what}`, {
    hint: 'Export the ledger table itself, with its header: COPY (SELECT * FROM the_table) TO STDOUT WITH (FORMAT csv, HEADER).',
  })
