import { canonicalJson } from '../gate/canonical.ts'
import { badBundle, shown } from './problem.ts'

/** Nothing that is observed is nested deeper. */
const DEEPEST = 64

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a file of a bundle. Throws for what is not UTF-8. */
export function textOf(bytes: Uint8Array, file: string): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw badBundle('bundle/not-json', file, `${shown(file)} is not UTF-8 text`)
  }
}

/**
 * The value that a canonical JSON text holds. Another order of keys, a space, a key that stands there twice, or a number
 * that is written in another way or cannot be held is refused: two readers could read two things in such a text.
 * @throws SeaworthyError with a `BundleProblem`.
 */
export function valueOf(text: string, file: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badBundle('bundle/not-json', file, `${shown(file)} is no JSON`)
  }
  const isSorted = typeof value === 'object' && value !== null ? sortedTo(value, DEEPEST) : true
  if (isSorted === null)
    throw badBundle('bundle/not-json', file, `${shown(file)} is nested deeper than ${DEEPEST} levels`)
  if (!(isSorted && JSON.stringify(value) === text) && canonicalOf(value) !== text) {
    throw badBundle('bundle/not-canonical', file, `${shown(file)} is not written in the one form that Seaworthy writes`)
  }
  return value
}

/**
 * Its canonical form; null for a number that was too large to be held. Only for the rare keys that look like numbers, which
 * JavaScript puts first: writing it natively, where the keys were in order, is six times as fast and gives the same.
 */
function canonicalOf(value: unknown): string | null {
  try {
    return canonicalJson(value)
  } catch {
    return null
  }
}

/** Whether the keys of every object are in canonical order; null where it is nested deeper than that. */
function sortedTo(value: object, depth: number): boolean | null {
  if (depth === 0) return null
  let isSorted = true
  if (!Array.isArray(value)) {
    let before = ''
    for (const key of Object.keys(value)) {
      if (key < before) isSorted = false
      before = key
    }
  }
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  for (const member of members) {
    if (typeof member !== 'object' || member === null) continue
    const inner = sortedTo(member, depth - 1)
    if (inner === null) return null
    isSorted &&= inner
  }
  return isSorted
}

/** Whether a value is nested deeper than so many levels: what takes it apart level by level would take the whole stack. */
export const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' && value !== null && sortedTo(value, levels) === null

/** Up to so many bytes of JSON cannot fill the memory, whatever is in them. */
const LIGHT_BYTES = 64 * 1024 * 1024
/** Values that a large bundle may hold: some gigabytes of memory once they are parsed. */
const MOST_VALUES = 40_000_000

/** How many values a JSON text holds, and more where its strings hold signs of JSON. */
export function valuesIn(bytes: Uint8Array): number {
  let values = 0
  for (const byte of bytes) {
    // Each value stands behind a comma or an opening bracket, and a member behind one as well.
    if (byte === 0x2c || byte === 0x5b || byte === 0x7b) values += 1
  }
  return values
}

/**
 * Looks whether JSON texts, of so many bytes in all, can be held in memory once they are parsed: a text of two bytes a
 * value takes thirty times its size. Each is given to what is returned, which throws where they cannot.
 */
export function weigher(totalBytes: number): (file: string, bytes: Uint8Array) => void {
  let values = 0
  return (file, bytes) => {
    if (totalBytes <= LIGHT_BYTES) return
    values += valuesIn(bytes)
    if (values > MOST_VALUES)
      throw badBundle('bundle/limit', file, `up to ${shown(file)} there are more than ${MOST_VALUES} values`)
  }
}
