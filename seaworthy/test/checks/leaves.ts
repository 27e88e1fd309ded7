/** The places of a JSON value: every leaf, and every member of a list. */
export type Place = readonly (string | number)[]

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every leaf of a JSON value. */
export function leaves(value: unknown, at: Place = []): Place[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => leaves(one, [...at, index]))
  if (isRecord(value)) return Object.entries(value).flatMap(([key, one]) => leaves(one, [...at, key]))
  return [at]
}

/** Every member of every list in a JSON value. */
export function members(value: unknown, at: Place = []): Place[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => [[...at, index], ...members(one, [...at, index])])
  if (isRecord(value)) return Object.entries(value).flatMap(([key, one]) => members(one, [...at, key]))
  return []
}

/** The value with another leaf at that place. */
export const changed = <T>(value: T, place: Place): T => shaped<T>(edited(value, place, other))

/** The value without that member of a list. */
export const without = <T>(value: T, place: Place): T => {
  const [index, list] = [place.at(-1), place.slice(0, -1)]
  return shaped<T>(
    edited(value, list, (found) => (Array.isArray(found) ? found.filter((_, at) => at !== index) : found)),
  )
}

/** The value with every list the other way round. */
export const turned = <T>(value: T): T => shaped<T>(reversed(value))

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => reversed(one)).toReversed()
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, reversed(one)]))
  return value
}

// Each edit keeps the shape of what it edits.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters
const shaped = <T>(value: unknown): T => value as T

function edited(value: unknown, [first, ...rest]: Place, edit: (found: unknown) => unknown): unknown {
  if (first === undefined) return edit(value)
  if (Array.isArray(value)) return value.map((one: unknown, index) => (index === first ? edited(one, rest, edit) : one))
  return isRecord(value) ? { ...value, [first]: edited(value[first], rest, edit) } : value
}

function other(leaf: unknown): unknown {
  if (typeof leaf === 'boolean') return !leaf
  if (typeof leaf === 'number') return leaf + 1
  return typeof leaf === 'string' ? `${leaf}?` : 'was null'
}
