import type { Row } from './compose.ts'
import type { SeedSchema, SeedTable } from './schema.ts'
import { canBeNull } from './variables.ts'

/** One in so many rows is a root. */
const ROOT_EVERY = 3

/**
 * Lets rows refer to rows before them in the same table. Columns that the reference shares with its key (a tenant's, in
 * a composite one) stay, and only rows that agree on them are referred to. A row that cannot be a root is its own.
 */
export function referToOwnRows(table: SeedTable, rows: readonly Row[], schema: SeedSchema): readonly Row[] {
  const keys = table.foreignKeys.filter((key) => key.parent === table.oid)
  if (keys.length === 0) return rows
  const filled: Map<number, string | null>[] = rows.map((row) => new Map(row))
  for (const key of keys) {
    const pairs = key.columns.map((column, index) => [column, key.parentColumns[index] ?? 0] as const)
    const shared = pairs.filter(([column, parent]) => column === parent)
    const own = pairs.filter(([column, parent]) => column !== parent)
    const isNullable = own.some(([column]) => {
      const found = table.columns.find((one) => one.number === column)
      return found !== undefined && canBeNull(found, schema)
    })
    for (const [index, row] of filled.entries()) {
      const fitting = filled
        .slice(0, index)
        .filter((other) => shared.every(([column]) => row.get(column) === other.get(column)))
      const isRoot = index % ROOT_EVERY === 0 || fitting.length === 0
      const parent = isRoot ? (isNullable ? null : row) : (fitting[index % fitting.length] ?? row)
      for (const [column, of] of own) row.set(column, parent?.get(of) ?? null)
    }
  }
  return filled
}
