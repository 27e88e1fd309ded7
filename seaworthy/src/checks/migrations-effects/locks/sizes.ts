import type { Shape } from '../../../observers/shape/kind.ts'
import type { Scene } from '../scene.ts'
import { valueOf } from '../thing.ts'

/** Stated in the documentation: what an ordinary disk reads and writes while others use it. */
const READ_BYTES_PER_SECOND = 100_000_000
const REWRITE_BYTES_PER_SECOND = 50_000_000

export interface Size {
  readonly rows: number | null
  readonly bytes: number
}

/**
 * The size of a table in production, by its name of before or of today; null where nobody knows. A partitioned table has
 * no rows but those of its partitions.
 */
export function sizeOf(scene: Scene, table: string | null): Size | null {
  if (scene.shape === null || table === null) return null
  const parts = partitionsOf(scene, table).flatMap((one) => sizeOf(scene, one) ?? [])
  return parts.length === 0 ? ownSize(scene, scene.shape, table) : parts.reduce(sum)
}

const sum = (a: Size, b: Size): Size => ({
  rows: a.rows === null || b.rows === null ? null : a.rows + b.rows,
  bytes: a.bytes + b.bytes,
})

function partitionsOf(scene: Scene, table: string): string[] {
  if (valueOf(scene.before.get(table), 'partitioned by ') === null) return []
  const name = table.slice(table.indexOf(' ') + 1)
  return [...scene.before.values()]
    .filter((one) => {
      const whole = valueOf(one, 'partition of ')
      return whole === `${name} DEFAULT` || whole?.startsWith(`${name} FOR VALUES `) === true
    })
    .map((one) => one.object)
}

function ownSize(scene: Scene, shape: Shape, table: string): Size | null {
  const names = new Set([table, ...scene.renames.filter((one) => one.to === table).map((one) => one.from)])
  return shape.tables.find((one) => names.has(one.object)) ?? null
}

/** A table that was never analysed is judged by its bytes alone. */
export function isLarge(scene: Scene, size: Size | null): boolean {
  if (size === null) return false
  const { rows, bytes } = scene.settings.largeTable
  return size.bytes >= bytes || (size.rows !== null && size.rows >= rows)
}

/** Only a table that is known to be small is small. */
export const isSmall = (scene: Scene, size: Size | null): boolean => size !== null && !isLarge(scene, size)

/** `; it has 3000000 rows in 1.2 GB, so that it takes about 24 s`. */
export function duration(size: Size | null, work: 'reads' | 'rewrites'): string {
  if (size === null) return ''
  const seconds = size.bytes / (work === 'reads' ? READ_BYTES_PER_SECOND : REWRITE_BYTES_PER_SECOND)
  const rows = size.rows === null ? 'an unknown number of rows' : `about ${size.rows} rows`
  return `; it has ${rows} in ${megabytes(size.bytes)}, which takes about ${Math.max(1, Math.round(seconds))} s`
}

const megabytes = (bytes: number): string =>
  bytes >= 1_000_000_000
    ? `${(bytes / 1_000_000_000).toFixed(1)} GB`
    : `${Math.max(1, Math.round(bytes / 1_000_000))} MB`

/** `; it has about 3000000 rows`. */
export const rowsOf = (size: Size | null): string =>
  size === null || size.rows === null ? '' : `; it has about ${size.rows} rows`
