import type { Client } from 'pg'
import { serverErrorOf } from '../server-error.ts'

/** Two texts of a value whose column got another type: do they still mean the same in the old one? */
export interface Retyped {
  /** The server's own type that the column had, by its name; null for any other. */
  readonly type: string | null
  readonly before: string
  readonly after: string
}

/** Types of which a value has several spellings; of all others (texts, enums, arrays, …) the spelling is the value. */
const SPELLINGS: ReadonlySet<string> = new Set([
  'int2',
  'int4',
  'int8',
  'numeric',
  'float4',
  'float8',
  'bool',
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
  'interval',
  'inet',
  'cidr',
  'jsonb',
  'bit',
  'varbit',
  'money',
])

/**
 * Whether each value is still the same: read by the old type's own input, which no cast of the schema can replace. What
 * that does not take is another value.
 */
export async function areSame(client: Client, values: readonly Retyped[]): Promise<boolean[]> {
  const same = values.map((value) => value.before === value.after || isSamePadded(value))
  const byType = Map.groupBy(
    values.flatMap((value, index) => (same[index] === true ? [] : [{ ...value, index }])),
    (value) => value.type,
  )
  for (const [type, list] of byType) {
    if (type === null || !SPELLINGS.has(type)) continue
    const answers = await ask(client, type, list)
    for (const [index, value] of list.entries()) same[value.index] = answers[index] === true
  }
  return same
}

/** char(n) is padded with blanks that mean nothing. */
const isSamePadded = ({ type, before, after }: Retyped): boolean =>
  type === 'bpchar' && before.replace(/ +$/, '') === after.replace(/ +$/, '')

async function ask(client: Client, type: string, values: readonly Retyped[]): Promise<boolean[]> {
  // The name is one of the list above.
  const question = `SELECT v.before OPERATOR(pg_catalog.=) v.after AS same
    FROM unnest($1::pg_catalog.${type}[], $2::pg_catalog.${type}[]) WITH ORDINALITY AS v(before, after, place) ORDER BY v.place`
  try {
    const { rows } = await client.query<{ same: boolean }>(question, [
      values.map((value) => value.before),
      values.map((value) => value.after),
    ])
    return rows.map((row) => row.same)
  } catch (error) {
    if (serverErrorOf(error, question).sqlstate === null) throw error
    if (values.length === 1) return [false]
  }
  const answers: boolean[] = []
  for (const value of values) answers.push(...(await ask(client, type, [value])))
  return answers
}
