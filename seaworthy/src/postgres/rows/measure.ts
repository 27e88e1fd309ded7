import type { Client } from 'pg'
import { quotedName } from '../../sql/identifier.ts'
import { serverErrorOf } from '../server-error.ts'
import { type Reading, questionFrom } from './read.ts'

/** What a table holds as a whole, rows that nobody reads included. */
export interface Measured {
  readonly rows: number
  /** Of all of its rows as text. */
  readonly characters: number
  /** Digest of what each column holds, whatever the order of the rows; as the columns were asked for. */
  readonly columns: readonly string[]
}

export interface Size {
  readonly isReadable: boolean
  readonly measured: Measured | null
}

/** Of one table as text; more is measured only. */
const MOST_CHARACTERS = 20_000_000
/** Of all tables: they are kept in memory until they are compared. */
const MOST_IN_ALL = 120_000_000

/**
 * Which of these are small enough to be read, row for row up to the limit of each. Tables of a few pages always are;
 * what others hold is measured by the server, and null where that took too long. `further` times as much may be read as
 * is otherwise.
 */
export async function measureLarge(
  client: Client,
  readings: readonly Reading[],
  further = 1,
): Promise<readonly Size[]> {
  const answers: Size[] = []
  let left = MOST_IN_ALL * further
  for (const reading of readings) {
    if (!reading.relation.isLarge) {
      answers.push({ isReadable: true, measured: null })
      continue
    }
    const measured = await measure(client, reading)
    const share = measured === null ? 1 : Math.min(1, reading.limit / Math.max(1, measured.rows))
    const characters = measured === null ? Number.POSITIVE_INFINITY : Math.ceil(measured.characters * share)
    const isReadable = characters <= MOST_CHARACTERS * further && characters <= left
    if (isReadable) left -= characters
    answers.push({ isReadable, measured })
  }
  return answers
}

/** query_canceled, lock_not_available: a limit of time. */
const TOO_SLOW: ReadonlySet<string | null> = new Set(['57014', '55P03'])

async function measure(client: Client, { relation, columns }: Reading): Promise<Measured | null> {
  const fields = columns.map((column) => `it.${quotedName(column.name)}`)
  const digests = fields.map(
    (field) => `pg_catalog.sum(pg_catalog.hashtextextended(ROW(${field})::pg_catalog.text, 0))::pg_catalog.text`,
  )
  const text = `SELECT pg_catalog.count(*)::pg_catalog.text,
      pg_catalog.sum(pg_catalog.length(ROW(${fields.join(', ')})::pg_catalog.text))::pg_catalog.text
      ${digests.map((one) => `, ${one}`).join('')} FROM ${questionFrom(relation)}`
  try {
    const { rows } = await client.query<(string | null)[]>({ text, rowMode: 'array' })
    const [count, characters, ...sums] = rows[0] ?? []
    return { rows: Number(count ?? 0), characters: Number(characters ?? 0), columns: sums.map((one) => one ?? '') }
  } catch (error) {
    if (TOO_SLOW.has(serverErrorOf(error, text).sqlstate)) return null
    throw error
  }
}
