import type { Client } from 'pg'
import { quotedName } from '../../sql/identifier.ts'
import { numbersFrom } from './chance.ts'
import type { Pool } from './pool.ts'
import type { SeedTable } from './schema.ts'
import type { Option, Surroundings, Variable } from './variables.ts'

/** How many combinations are tried of what some checks ask for: first a few, then more. */
const TRIALS = [240, 2_000] as const
const ENOUGH = 4
const MOST_OPTIONS = 60
/** So many combinations take every option in its turn; those after them are drawn. */
const IN_TURN = 40
const NAMED_FIRST = 3

/** Variables that checks bind together, and the combinations of their options that satisfy those checks. */
export interface Solved {
  readonly variables: readonly Variable[]
  /** For each combination, an option of each variable. */
  readonly combinations: readonly (readonly Option[])[]
  /** False where the server could not be asked: the combinations are then only attempts. */
  readonly isProven: boolean
}

interface Component {
  readonly variables: readonly Variable[]
  readonly expressions: readonly string[]
}

/**
 * Finds values for the columns that CHECK constraints speak of: tries combinations of the candidates, and lets the
 * server itself say which of them hold, without any row.
 */
export async function solveChecks(
  client: Client,
  table: SeedTable,
  variables: readonly Variable[],
  { pool, seed, candidatesOf, answers }: Surroundings,
): Promise<Solved[]> {
  const solved: Solved[] = []
  for (const component of componentsOf(table, variables, candidatesOf)) {
    solved.push(await solve({ client, answers }, table, component, pool, seed))
  }
  return solved
}

function componentsOf(
  table: SeedTable,
  variables: readonly Variable[],
  candidatesOf: Surroundings['candidatesOf'],
): Component[] {
  let components: Component[] = []
  for (const definition of table.checks) {
    const { byColumn, expression } = candidatesOf(definition)
    if (expression === null) continue
    const numbers = new Set(table.columns.filter((column) => byColumn.has(column.name)).map((column) => column.number))
    const own = variables.filter((variable) => variable.columns.some((column) => numbers.has(column)))
    const touching = components.filter((one) => one.variables.some((variable) => own.includes(variable)))
    components = [
      ...components.filter((one) => !touching.includes(one)),
      {
        variables: [...new Set([...touching.flatMap((one) => one.variables), ...own])],
        expressions: [...touching.flatMap((one) => one.expressions), expression],
      },
    ]
  }
  return components.filter((component) => component.variables.length > 0)
}

/** The option in which every column is NULL. */
export const nullOption = (variable: Variable): Option => variable.columns.map(() => null)

/** Who answers: the server, or its answer to the same question about another table. */
interface Oracle {
  readonly client: Client
  readonly answers: Surroundings['answers']
}

async function solve(
  oracle: Oracle,
  table: SeedTable,
  { variables, expressions }: Component,
  pool: Pool,
  seed: number,
): Promise<Solved> {
  const choices = variables.map((variable) => [
    ...variable.options.slice(0, MOST_OPTIONS),
    ...(variable.mayBeNull ? [nullOption(variable)] : []),
  ])
  let combinations: readonly (readonly Option[])[] = []
  for (const most of TRIALS) {
    const tried = combinationsOf(choices, variables, most, seed)
    try {
      combinations = await satisfying(oracle, table, { variables, expressions }, pool, tried)
    } catch {
      return { variables, combinations: tried, isProven: false }
    }
    if (combinations.length >= ENOUGH || tried.length < most) break
  }
  return { variables, combinations, isProven: true }
}

/** All combinations if there are few, else some: each option in its turn, then any. */
function combinationsOf(
  choices: readonly (readonly Option[])[],
  variables: readonly Variable[],
  most: number,
  seed: number,
): Option[][] {
  if (choices.some((options) => options.length === 0)) return []
  const count = choices.reduce((product, options) => product * options.length, 1)
  const next = numbersFrom(seed)
  const pick = (index: number): Option[] => {
    let rest = index
    return choices.map((options) => {
      const option = options[rest % options.length] ?? []
      rest = Math.floor(rest / options.length)
      return option
    })
  }
  if (count <= most) return Array.from({ length: count }, (_, index) => pick(index))
  return Array.from({ length: most }, (_, index) =>
    choices.map((options, at) => {
      if (index < IN_TURN) return options[index % options.length] ?? []
      // Checks often want several columns to be NULL together, and others to hold what the check itself names.
      if (variables[at]?.mayBeNull === true && index % 3 > 0 && next() % 2 === 0) return options.at(-1) ?? []
      return options[next() % (index % 3 === 1 ? options.length : Math.min(options.length, NAMED_FIRST))] ?? []
    }),
  )
}

async function satisfying(
  { client, answers }: Oracle,
  table: SeedTable,
  { variables, expressions }: Component,
  pool: Pool,
  combinations: readonly (readonly Option[])[],
): Promise<(readonly Option[])[]> {
  const columns = variables.flatMap((variable) => variable.columns)
  const values = columns.map(() => combinations.map((): string | null => null))
  for (const [row, combination] of combinations.entries()) {
    for (const [index, value] of combination.flat().entries()) {
      const column = values[index]
      if (column !== undefined) column[row] = value
    }
  }
  const names = columns.map((_, index) => `c${index}`)
  const casts = columns.map((number, index) => {
    const column = table.columns.find((one) => one.number === number)
    return `v.c${index}::${column === undefined ? 'text' : plainType(pool, column)} AS ${quotedName(column?.name ?? '')}`
  })
  const question = `SELECT "seaworthy place" AS place FROM (SELECT ${casts.join(', ')}, v.place AS "seaworthy place"
       FROM unnest(${columns.map((_, index) => `$${index + 1}::text[]`).join(', ')})
         WITH ORDINALITY AS v(${[...names, 'place'].join(', ')})) AS candidate
      WHERE ${expressions.map((expression) => `(${expression}) IS NOT FALSE`).join(' AND ')} ORDER BY 1`
  const key = JSON.stringify([question, values])
  const known = answers.get(key)
  const places = known ?? (await client.query<{ place: string }>(question, values)).rows.map((row) => Number(row.place))
  if (known === undefined) answers.set(key, places)
  return places.map((place) => combinations[place - 1] ?? [])
}

/** A domain's own checks have been met when its values were found; a failing cast would end the question here. */
function plainType(pool: Pool, column: { type: number; typmod: number; typeSql: string }): string {
  const { type } = pool.baseOf(column.type, column.typmod)
  return type === null || type.oid === column.type ? column.typeSql : type.sql
}
