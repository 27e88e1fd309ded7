import type { Client } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'
import { quotedName } from '../../sql/identifier.ts'
import type { Relation, RelationColumn } from './relations.ts'

/** Values of a row as the server prints them, in the order of the columns that were asked for. */
export type Values = readonly (string | null)[]

/** What to read of a relation. */
export interface Reading {
  readonly relation: Relation
  readonly columns: readonly RelationColumn[]
  readonly limit: number
}

/** How many relations one statement reads. */
const AT_ONCE = 100
/** In all. Rows are kept in memory until they are compared. */
const MOST_CHARACTERS = 200_000_000

/**
 * Reads rows of many relations in few statements, as records. Values come through the types' own output: a cast to text may be a
 * function of the schema. Ordered by the key where there is one, so that a limit cuts at the same place again.
 * @throws SeaworthyError('limit') if they hold more than fits into memory.
 */
export async function readRecords(client: Client, readings: readonly Reading[]): Promise<string[][]> {
  const read: string[][] = readings.map(() => [])
  let characters = 0
  for (let from = 0; from < readings.length; from += AT_ONCE) {
    const questions = readings.slice(from, from + AT_ONCE).map((reading, index) => questionFor(reading, from + index))
    const { rows } = await client.query<[number, string]>({ text: questions.join(' UNION ALL '), rowMode: 'array' })
    for (const [index, record] of rows) {
      characters += record.length
      read[index]?.push(record)
    }
    if (characters > MOST_CHARACTERS) {
      throw new SeaworthyError('limit', `the rows to be compared hold more than ${MOST_CHARACTERS / 1e6} MB`, {
        hint: 'Give fewer or smaller rows by --seed-sql.',
      })
    }
  }
  return read
}

function questionFor({ relation, columns, limit }: Reading, index: number): string {
  const fields = columns.map((column) => `it.${quotedName(column.name)}`)
  const key = (relation.keys[0] ?? []).map((number) => relation.columns.find((column) => column.number === number))
  const names = key.map((column) => `it.${quotedName(column?.name ?? '')}`)
  const order = names.length === 0 || !relation.isLarge ? '' : `ORDER BY ${names.join(', ')}`
  return `(SELECT ${index}, ROW(${fields.join(', ')})::text FROM ${questionFrom(relation)} ${order} LIMIT ${limit})`
}

/** The rows of a relation as `it`. Tables that inherit from this one are read for themselves. */
export const questionFrom = ({ kind, sql }: Relation): string => `${kind === 'r' ? `ONLY ${sql}` : sql} AS it`

/** Splits a record as PostgreSQL prints it: nothing is NULL, quotes and backslashes are doubled inside of quotes. */
export function fieldsOf(record: string, count: number): Values {
  if (count === 0) return []
  const fields: (string | null)[] = []
  let at = 1
  const end = record.length - 1
  while (fields.length < count) {
    let text = ''
    let isNull = true
    let isQuoted = false
    for (; at < end; at += 1) {
      const character = record[at] ?? ''
      if (character === ',' && !isQuoted) break
      isNull = false
      if (character === '"') {
        if (isQuoted && record[at + 1] === '"') {
          text += '"'
          at += 1
        } else isQuoted = !isQuoted
      } else if (character === '\\') {
        at += 1
        text += record[at] ?? ''
      } else text += character
    }
    at += 1
    fields.push(isNull ? null : text)
  }
  return fields
}
