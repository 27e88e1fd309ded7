import { sha256 } from '../../gate/canonical.ts'
import { type Followed, keyOf } from './compare.ts'
import type { Values } from './read.ts'

/** Types whose new values two runs of one release need not share: now(), random keys. */
const UNLIKE: ReadonlySet<string> = new Set(['date', 'time', 'timetz', 'timestamp', 'timestamptz', 'uuid'])

const CHANGED = '~'
const LOST = 'lost'

/**
 * A digest of what became of the rows that were watched, whatever their order. It leaves out rows and columns that the
 * release added, and of a changed moment or uuid it only says that it changed: now() and random values differ between
 * two runs that did the same.
 */
export function digestRows(followed: Followed): string {
  const { rows, pairs, matching } = followed
  const lines = rows.map((row, index) => {
    const now = matching[index]
    return JSON.stringify([keyOf(followed, row), now === undefined ? LOST : valuesOf(row, now)])
  })
  const shape = pairs.map((pair) => [pair.before.name, pair.after === null])
  return sha256(JSON.stringify([shape, lines.toSorted()]))

  function valuesOf(row: Values, now: Values): (string | null)[] {
    return pairs.map((pair, place) => {
      const [was, is] = [row[place] ?? null, now[place] ?? null]
      const isUnlike = was !== is && is !== null && UNLIKE.has(pair.after?.builtin ?? '')
      return isUnlike ? CHANGED : is
    })
  }
}
