import type { CheckSettings } from '../../gate/check.ts'
import type { Shape } from '../../observers/shape/kind.ts'

/** Of a table; its rows are null where it was never analysed. */
export type Size = Pick<Shape['tables'][number], 'rows' | 'bytes'>

const PARTITION = /^partition of (.+?) (?:DEFAULT|FOR VALUES )/m

/** The size of each table by its name. A partitioned one has what its partitions have. */
export function sizesOf({ tables, catalogue }: Pick<Shape, 'tables' | 'catalogue'>): ReadonlyMap<string, Size> {
  const own = new Map(tables.map(({ object, rows, bytes }) => [object, { rows, bytes }]))
  const parts = Map.groupBy(catalogue, ({ definition }) => `table ${PARTITION.exec(definition)?.[1] ?? ''}`)
  const sizeOf = (object: string, depth: number): Size[] => {
    const found = parts.get(object) ?? []
    // No partition of a partition goes deeper.
    if (found.length === 0 || depth > MOST_DEPTH) return own.has(object) ? [own.get(object) ?? NONE] : []
    return found.flatMap((one) => sizeOf(one.object, depth + 1))
  }
  return new Map(
    [...own.keys()].map((object) => {
      const sizes = sizeOf(object, 0)
      return [object, sizes.reduce(sum, sizes.length === 0 ? (own.get(object) ?? NONE) : NONE)]
    }),
  )
}

const MOST_DEPTH = 16
const NONE: Size = { rows: 0, bytes: 0 }

const sum = (a: Size, b: Size): Size => ({
  rows: a.rows === null || b.rows === null ? null : a.rows + b.rows,
  bytes: a.bytes + b.bytes,
})

/** As the judge of effects has it: either is enough, and what was never analysed goes by its bytes. */
export const isLarge = ({ rows, bytes }: Size, limit: CheckSettings['largeTable']): boolean =>
  bytes >= limit.bytes || (rows !== null && rows >= limit.rows)
