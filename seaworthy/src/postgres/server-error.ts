import type { ServerError } from '../migrations/engine.ts'

/** The fields of an error that `pg` reports from the server's ErrorResponse message. */
interface DriverError {
  readonly code?: unknown
  readonly message: string
  readonly detail?: unknown
  readonly hint?: unknown
  readonly position?: unknown
  readonly schema?: unknown
  readonly table?: unknown
  readonly column?: unknown
  readonly constraint?: unknown
  readonly severity?: unknown
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** SQLSTATE codes that speak of the server's health or of a time limit, and not of what the statement means. */
const INFRASTRUCTURE = new Set([
  '57014',
  '57P01',
  '57P02',
  '57P03',
  '53100',
  '53200',
  '53300',
  '58030',
  'XX001',
  'XX002',
])

/** Whether the error is one that the server reported about a statement; a lost connection or a limit of ours is not. */
export const isInfrastructure = (error: ServerError): boolean =>
  error.sqlstate === null || INFRASTRUCTURE.has(error.sqlstate) || error.sqlstate.startsWith('08')

/** Only a server's answer has a severity; the driver's own errors carry codes such as ECONNRESET. */
export const isAnswer = (error: unknown): error is Error =>
  error instanceof Error && 'severity' in error && typeof error.severity === 'string'

/** The driver's own words for a connection that ended; they have no code. */
const ENDED = /^(?:Connection terminated|Client has encountered a connection error|timeout expired)/

/** Whether it came from the server or from the way to it, and not from our own code. */
export const isFromServer = (error: unknown): error is Error =>
  isAnswer(error) || (error instanceof Error && (ENDED.test(error.message) || ('code' in error && 'syscall' in error)))

/** Numbers that the server gives out anew each time: of objects, sessions, transactions and processes. Our own names have some as well. */
const GIVEN_OUT: readonly (readonly [name: RegExp, same: string])[] = [
  [/\b(RI_ConstraintTrigger_[ac])_\d+/g, '$1'],
  [/\b(pg_toast|pg_temp|pg_toast_temp)_\d+/g, '$1'],
  [/\b(pg_seaworthy)_[0-9a-f]{12}/g, '$1'],
  [/\b(process|transaction|OID|of database) \d+(?:\/\d+)?/gi, '$1 #'],
  [/\b(relation) \d+ (of database)/g, '$1 # $2'],
]

/** A text of the server without numbers that another run would not have: evidence of one candidate is the same each time. */
const withoutNumbers = (text: string): string =>
  GIVEN_OUT.reduce((told, [name, same]) => told.replaceAll(name, same), text)

const toldOrNull = (value: unknown): string | null => (typeof value === 'string' ? withoutNumbers(value) : null)

/**
 * Turns what the driver threw into data. `sent` is the text that was sent: the server counts its position in
 * characters (code points) from 1, and ours count UTF-16 code units from 0.
 */
export function serverErrorOf(error: unknown, sent: string): ServerError {
  const from: DriverError = error instanceof Error ? error : { message: String(error) }
  const isAnswered = typeof from.severity === 'string'
  const position = isAnswered ? Number(textOrNull(from.position) ?? '0') : 0
  return {
    sqlstate: isAnswered ? textOrNull(from.code) : null,
    message: isAnswered ? withoutNumbers(from.message) : from.message,
    detail: toldOrNull(from.detail),
    hint: toldOrNull(from.hint),
    offset: position > 0 ? offsetOfCharacter(sent, position - 1) : null,
    schema: textOrNull(from.schema),
    table: textOrNull(from.table),
    column: textOrNull(from.column),
    constraint: textOrNull(from.constraint),
  }
}

function offsetOfCharacter(text: string, characters: number): number {
  let offset = 0
  for (let seen = 0; seen < characters && offset < text.length; seen += 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  }
  return offset
}
