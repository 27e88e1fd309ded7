import type { Values } from './read.ts'
import type { Relation, RelationColumn } from './relations.ts'

/** A column of before, and the one in which its values stand now; null if it is gone. */
export interface ColumnPair {
  readonly before: RelationColumn
  readonly after: RelationColumn | null
}

/** Where the rows of a table are to be looked for now. */
export interface Successor {
  readonly relation: Relation
  readonly pairs: readonly ColumnPair[]
}

/**
 * The table that holds now what another one held. It is followed by its OID, so a renamed or moved table is the same
 * one. But where another table now has its name (a copy was swapped in, or it was dropped and made again), that one is
 * what clients read, and counts. A view of that name stands in for a table that is gone. Columns alike: by their number,
 * unless another column now has the name.
 */
export function successorOf(before: Relation, now: readonly Relation[]): Successor | null {
  const byOid = (oid: number): Relation | null => now.find((one) => one.oid === oid) ?? null
  const own = byOid(before.oid)
  const same = own === null || own.root === null ? own : byOid(own.root)
  const named = now.find((one) => one.sql === before.sql) ?? null
  const isReplaced = named !== null && named.oid !== own?.oid && (own === null || named.kind !== 'v')
  const relation = isReplaced ? named : same
  if (relation === null) return null
  const isSame = relation.oid === before.oid
  const pairs = before.columns
    .filter((column) => !column.isGenerated)
    .map((column) => {
      const byName = relation.columns.find((one) => one.name === column.name)
      const byNumber = isSame ? relation.columns.find((one) => one.number === column.number) : undefined
      return { before: column, after: byName ?? byNumber ?? null }
    })
  return { relation, pairs }
}

/** Whether a table holds the very records that it held, in columns of the same types; whatever their order. */
export function isTheSame({ relation, pairs }: Successor, before: readonly string[], now: readonly string[]): boolean {
  const isSameShape = pairs.every(
    ({ before: was, after }) => after !== null && was.type === after.type && was.typmod === after.typmod,
  )
  if (relation.kind === 'v' || !isSameShape || before.length !== now.length) return false
  if (before.every((record, index) => record === now[index])) return true
  const sorted = now.toSorted()
  return before.toSorted().every((record, index) => record === sorted[index])
}

/** Rows of before with what they are now; undefined for those that are gone. In the order of before. */
export type Matching = readonly (Values | undefined)[]

/** At least this share of the values must be as before for a row without a key to be the same one. */
const ALIKE = 0.5

/**
 * Finds each row of before among those of now; the values of both stand in the order of the pairs. By each key in turn,
 * then by equality of everything beside the keys: a row whose key was changed is still that row. Without any key, what
 * is left is paired by likeness, so that an UPDATE is not taken for a loss.
 */
export function matchRows(
  keys: readonly (readonly number[])[],
  pairs: readonly ColumnPair[],
  before: readonly Values[],
  after: readonly Values[],
): Matching {
  const found: (Values | undefined)[] = before.map(() => undefined)
  const left = new Set(after)
  const places = pairs.flatMap((pair, index) => (pair.after === null ? [] : [index]))
  const placesOf = (key: readonly number[]): number[] =>
    key.map((number) => pairs.findIndex((pair) => pair.before.number === number && pair.after !== null))
  const usable = keys.map(placesOf).filter((key) => !key.includes(-1))
  for (const key of usable) matchBy(key, before, left, found)
  const inKeys = new Set(usable.flat())
  const beside = places.filter((place) => !inKeys.has(place))
  if (usable.length === 0) matchBy(places, before, left, found)
  // Without other columns every row would be like every other.
  else if (beside.length > 0) matchBy(beside, before, left, found)
  if (usable.length === 0) matchAlike(places, before, left, found)
  return found
}

function matchBy(
  places: readonly number[],
  before: readonly Values[],
  left: Set<Values>,
  found: (Values | undefined)[],
): void {
  const textOf = (row: Values): string => JSON.stringify(places.map((place) => row[place]))
  const waiting = new Map<string, Values[]>()
  for (const row of left) {
    const text = textOf(row)
    const same = waiting.get(text)
    if (same === undefined) waiting.set(text, [row])
    else same.push(row)
  }
  for (const [index, row] of before.entries()) {
    if (found[index] !== undefined) continue
    const match = waiting.get(textOf(row))?.shift()
    if (match === undefined) continue
    found[index] = match
    left.delete(match)
  }
}

/** Beyond this many pairs of rows nothing is compared for likeness, and what has no equal counts as lost. */
const MOST_PAIRS = 250_000

function matchAlike(
  places: readonly number[],
  before: readonly Values[],
  left: Set<Values>,
  found: (Values | undefined)[],
): void {
  const open = before.filter((_, index) => found[index] === undefined).length
  if (open * left.size > MOST_PAIRS) return
  for (const [index, row] of before.entries()) {
    if (found[index] !== undefined) continue
    let [best, most] = [undefined as Values | undefined, 0]
    for (const other of left) {
      const same = places.filter((place) => row[place] === other[place]).length
      if (same > most) [best, most] = [other, same]
    }
    if (best === undefined || most < places.length * ALIKE) continue
    found[index] = best
    left.delete(best)
  }
}
