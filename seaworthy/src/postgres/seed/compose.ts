import { numberFrom, numbersFrom } from './chance.ts'
import type { SeedTable } from './schema.ts'
import { type Solved, nullOption } from './solve.ts'
import type { Option, Variable } from './variables.ts'

/** Values by column; a column that is not in it is left to its default. */
export type Row = ReadonlyMap<number, string | null>

/** One in so many rows has NULL in a column that may. */
const NULL_EVERY = 4
/** A new value counts for so much more where a repeated one would collide. */
const REPEATED = 10

/**
 * Puts rows together: the first has no NULL, the last as many as can be, and those between all values by turns.
 * Empty where a column has no value at all that could stand in it.
 */
export function composeRows(
  table: SeedTable,
  variables: readonly Variable[],
  solved: readonly Solved[],
  count: number,
  seed: number,
): Row[] {
  const bound = new Set(solved.flatMap((one) => one.variables))
  const free = variables.filter((variable) => !bound.has(variable))
  const spread = solved.map((one) => spreadOf(one, count))
  if (spread.some((combinations) => combinations.length === 0)) return []
  if (free.some((variable) => variable.options.length === 0 && !variable.mayBeNull)) return []
  return Array.from({ length: count }, (_, index) => {
    const row = new Map<number, string | null>()
    for (const [place, { variables: own }] of solved.entries()) {
      const combinations = spread[place] ?? []
      const combination = combinations[index % combinations.length] ?? []
      for (const [at, variable] of own.entries()) assign(row, variable, combination[at] ?? [])
    }
    for (const [place, variable] of free.entries()) {
      assign(row, variable, chosen(table, variable, { index, count, place, seed }))
    }
    return row
  })
}

function assign(row: Map<number, string | null>, variable: Variable, option: Option): void {
  for (const [at, column] of variable.columns.entries()) row.set(column, option[at] ?? null)
}

interface Turn {
  readonly index: number
  readonly count: number
  /** Of the variable among those of its table. */
  readonly place: number
  readonly seed: number
}

function chosen(table: SeedTable, variable: Variable, { index, count, place, seed }: Turn): Option {
  const { options } = variable
  const shift = numberFrom(seed, table.sql, ...variable.columns)
  const isNull = (row: number): boolean => variable.mayBeNull && row > 0 && (row + shift) % NULL_EVERY === 0
  const isLast = variable.mayBeNull && index > 0 && index === count - 1
  if (isNull(index) || isLast || options.length === 0) return nullOption(variable)
  // Together, several variables of which each has its turn meet in as many combinations as there are.
  if (variable.isDistinct) return options[(index + place * Math.floor(index / options.length)) % options.length] ?? []
  // Some rows are referred to more than once, some by none.
  if (variable.isReference) return options[numberFrom(shift, index) % options.length] ?? []
  // NULL takes no value's turn, and one value comes twice: what a new unique index would trip over.
  const filled = Array.from({ length: count }, (_, row) => row).filter((row) => !isNull(row))
  const turns = Math.max(Math.min(options.length, filled.length - (variable.mayBeNull ? 2 : 1)), 1)
  return options[filled.indexOf(index) % turns] ?? []
}

const key = (at: number, option: Option | undefined): string => JSON.stringify([at, option])

/** Combinations in an order in which as many different values as possible come first. */
function spreadOf({ combinations, variables }: Solved, count: number): (readonly Option[])[] {
  if (combinations.length <= 1) return [...combinations]
  const next = numbersFrom(combinations.length)
  const left = new Set(combinations)
  const seen = new Set<string>()
  const chosen: (readonly Option[])[] = []
  while (left.size > 0 && chosen.length < count) {
    let best: readonly Option[] | null = null
    let most = 0
    for (const combination of left) {
      const score = variables.reduce(
        (sum, variable, at) => sum + (seen.has(key(at, combination[at])) ? 0 : variable.isDistinct ? REPEATED : 1),
        0,
      )
      if (score > most) [best, most] = [combination, score]
    }
    best ??= [...left][next() % left.size] ?? []
    left.delete(best)
    chosen.push(best)
    for (const at of variables.keys()) seen.add(key(at, best[at]))
  }
  return chosen
}
