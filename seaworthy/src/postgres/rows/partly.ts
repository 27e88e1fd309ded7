import type { PartlySeen } from '../../migrations/effects.ts'
import type { Followed } from './compare.ts'
import type { Successor } from './follow.ts'
import type { HeldTable } from './held.ts'
import type { Size } from './measure.ts'

/** How many rows a table had beyond those that are remembered, and how many of all are missing. `now` is null where nobody counted. */
export function beyondOf({ whole, records }: HeldTable, now: number | null): Followed['beyond'] {
  if (whole === null) return null
  const rowsBefore = whole.measured?.rows ?? Math.max(1, records.length)
  return { rowsBefore, fewer: now === null ? 0 : Math.max(0, rowsBefore - now) }
}

/** What is known of a table that is not compared row for row, before or now; null of one that is. */
export function partlySeen(
  { relation, records, whole }: HeldTable,
  successor: Successor,
  size: Size | null,
): PartlySeen | null {
  const { object } = relation
  if (whole === null) {
    if (size === null || size.isReadable) return null
    return { object, extent: 'it holds more text after the release than can be compared', differing: null }
  }
  const { measured } = whole
  const count = measured === null ? 'more rows than can be counted in time' : `${measured.rows} rows`
  const extent = `${records.length === 0 ? 'none' : records.length} of ${count} are compared`
  const now = size?.measured ?? null
  if (measured === null || now === null) return { object, extent, differing: null }
  let next = 0
  const differing = successor.pairs.flatMap(({ before, after }, index) => {
    if (after === null) return []
    const digest = now.columns[next++]
    return digest === measured.columns[index] ? [] : [before.name]
  })
  return { object, extent, differing }
}
