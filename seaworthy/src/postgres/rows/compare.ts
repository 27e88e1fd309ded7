import type { Client } from 'pg'
import type { RowChange, RowExample } from '../../migrations/effects.ts'
import type { ColumnPair, Matching } from './follow.ts'
import type { Values } from './read.ts'
import type { Relation } from './relations.ts'
import { atRandom } from './at-random.ts'
import { areSame } from './same-value.ts'

/** What a table held, and where it is now. */
export interface Followed {
  readonly before: Relation
  readonly rows: readonly Values[]
  readonly pairs: readonly ColumnPair[]
  /** Values in the order of the pairs. */
  readonly matching: Matching
  /** Whether there is nothing any more in which they could be. */
  readonly isGone: boolean
  /** Of a table with more rows than are remembered, how many it had, and how many fewer it has now; null for others. */
  readonly beyond: { readonly rowsBefore: number; readonly fewer: number } | null
}

type Column = RowChange['columns'][number]

const LONGEST = 80

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)

/** What became of the rows; null if nothing did. Asks the server only about values whose column got another type. */
export async function changeOf(client: Client, followed: Followed): Promise<RowChange | null> {
  const { before, rows, pairs, matching, beyond } = followed
  const lost = rows.filter((_, index) => matching[index] === undefined)
  const columns: Column[] = []
  // Of a table that is gone, its columns are not told as well.
  for (const [place, pair] of followed.isGone ? [] : pairs.entries()) {
    const column = pair.after === null ? droppedColumn(followed, place) : await comparedColumn(client, followed, place)
    if (column.isDropped || column.overwritten > 0 || column.filled > 0) columns.push(column)
  }
  const lostRows = Math.max(lost.length, beyond?.fewer ?? 0)
  if (lostRows === 0 && columns.length === 0) return null
  const [example] = lost
  return {
    object: before.object,
    rowsBefore: beyond?.rowsBefore ?? rows.length,
    lost: lostRows,
    lostExample: example === undefined ? null : shownKey(followed, example),
    columns,
  }
}

/** Of rows that are gone as a whole, nothing is told twice. */
function droppedColumn(followed: Followed, place: number): Column {
  const { rows, pairs, matching } = followed
  const held = rows.filter((row, index) => matching[index] !== undefined && (row[place] ?? null) !== null)
  const [first] = held
  return {
    column: pairs[place]?.before.name ?? '',
    overwritten: held.length,
    example: first === undefined ? null : exampleOf(followed, first, place, null),
    filled: 0,
    isRetyped: false,
    isDropped: true,
  }
}

async function comparedColumn(client: Client, followed: Followed, place: number): Promise<Column> {
  const { rows, pairs, matching } = followed
  const pair = pairs[place]
  const isRetyped = pair?.before.type !== pair?.after?.type || pair?.before.typmod !== pair?.after?.typmod
  const differing = rows.flatMap((row, index) => {
    const now = matching[index]
    return now === undefined || row[place] === now[place]
      ? []
      : [{ row, was: row[place] ?? null, is: now[place] ?? null }]
  })
  const filled = differing.filter((one) => one.was === null)
  const others = differing.filter((one) => one.was !== null)
  const asked = isRetyped ? others.filter((one) => one.is !== null) : []
  const answers = await areSame(
    client,
    asked.map(({ was, is }) => ({ type: pair?.before.builtin ?? null, before: was ?? '', after: is ?? '' })),
  )
  const same = new Set(asked.filter((_, index) => answers[index] === true))
  const overwritten = others.filter((one) => !same.has(one))
  const [first] = overwritten
  return {
    column: pair?.before.name ?? '',
    overwritten: overwritten.length,
    example: first === undefined ? null : exampleOf(followed, first.row, place, first.is),
    filled: filled.length,
    isRetyped,
    isDropped: false,
  }
}

function exampleOf(followed: Followed, row: Values, place: number, after: string | null): RowExample {
  const pair = followed.pairs[place]
  return {
    key: shownKey(followed, row),
    before: shown(row[place] ?? null, pair?.before.builtin),
    after: shown(after, pair?.after?.builtin),
  }
}

/** A value as evidence shows it: one that another run would not have goes by what it is. */
const shown = (value: string | null, type: string | null | undefined): string | null =>
  value === null ? null : (atRandom(value, type ?? null) ?? cut(value))

/** How many columns name a row that has no key. */
const NAMING = 3

/** What a row is called: by its first key, else by its first values. */
export const keyOf = (followed: Followed, row: Values): string => nameOf(followed, row, (value) => value)

/** The same for evidence. */
const shownKey = (followed: Followed, row: Values): string => nameOf(followed, row, shown)

function nameOf({ before, pairs }: Followed, row: Values, told: typeof shown): string {
  const [key] = before.keys
  const places =
    key === undefined
      ? pairs.slice(0, NAMING).map((_, index) => index)
      : key.map((number) => pairs.findIndex((pair) => pair.before.number === number)).filter((place) => place >= 0)
  return cut(
    places
      .map(
        (place) => `${pairs[place]?.before.name}=${told(row[place] ?? null, pairs[place]?.before.builtin) ?? 'NULL'}`,
      )
      .join(', '),
  )
}
