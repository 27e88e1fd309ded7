import type { Effects } from '../../../observers/effects/kind.ts'
import { nameParts } from '../../../sql/identifier.ts'
import type { Names, Origin } from '../names.ts'
import type { Rule, Schema, Table } from '../schema.ts'
import { type Source, sourceOf } from '../source.ts'
import type { PendingStatement } from '../statements.ts'

/** One step of the release: what it leaves, and what production has. */
export interface Stage {
  /** Production, before the release. */
  readonly production: Schema
  /** Before this step, and after it. */
  readonly earlier: Schema
  readonly after: Schema
  /** As it is after this step. */
  readonly names: Names
  readonly statements: readonly PendingStatement[]
  /** Whether the release writes to rows of this table (its present name), in this step or before. */
  readonly isWritten: (table: string) => boolean
  /** Major version of the server that was rehearsed on. */
  readonly major: number
  /** What failed on made-up rows. */
  readonly conflicts: Effects['conflicts']
}

/** A question as SQL, and what shows a person the rows or groups that stand in the way. */
export interface Asked {
  readonly sql: string
  readonly rowsSql: string
}

/** Something that the release asks of production's rows. */
export interface Wanted {
  readonly code: string
  /** `column public.users.handle`, `constraint users_org_fkey on public.users`. */
  readonly subject: string
  readonly question: string
  readonly consequence: string
  /** Present names: the table that is asked, and the columns that the answer depends on. */
  readonly table: string
  readonly columns: readonly string[]
  /** Other tables that the answer depends on. */
  readonly others?: readonly string[]
  /** The name by which the server's error, or the statement, calls it. */
  readonly name: string
  /** The statement that asks, where it is known from the start. */
  readonly statement?: PendingStatement
  readonly sql: Asked | Exclude<Source, { from: string }>
}

/** More rows than this are not counted: the answer is then "at least so many". */
export const MOST_COUNTED = 1_000

/** So many a person is shown. */
const MOST_SHOWN = 20

/** One SELECT that counts what another one finds, up to a limit; `shown` and the same rest show it. */
export const counting = (select: string, shown: string, rest: string): Asked => ({
  sql: `SELECT pg_catalog.count(*)::pg_catalog.int8 FROM (SELECT ${select} ${rest} LIMIT ${MOST_COUNTED}) AS found`,
  rowsSql: showing(`SELECT ${shown} ${rest}`),
})

/** A SELECT for a person to run. */
export const showing = (select: string): string => `${select} LIMIT ${MOST_SHOWN};`

/** Statements of this step that failed on made-up rows with one of these codes, with what the server said. */
export const conflicting = (
  { statements, conflicts }: Stage,
  sqlstates: readonly string[],
): { readonly statement: PendingStatement; readonly message: string }[] =>
  conflicts.flatMap(({ failure: { error, file, statement: failed } }) => {
    if (!sqlstates.includes(error.sqlstate ?? '')) return []
    const statement = statements.find(({ where }) => where.file === file && where.line === failed?.line)
    return statement === undefined ? [] : [{ statement, message: error.message }]
  })

/** Tables of this step that production has too. */
export function* knownTables(stage: Stage): Generator<{ table: Table; origin: Origin }> {
  for (const table of stage.after.tables.values()) {
    const origin = stage.names.originOf(table.name)
    if (origin !== null) yield { table, origin }
  }
}

/** The source of a question about a table of this step. */
export const sourceFor = (
  stage: Stage,
  { table, origin }: { table: Table; origin: Origin },
  columns: readonly string[],
): Source =>
  sourceOf(
    {
      table,
      origin,
      before: stage.production,
      after: stage.after,
      isWritten: stage.isWritten(table.name),
    },
    columns,
  )

/** Constraints (or indexes) of a table that this step made, or made count. */
export function newRules(stage: Stage, table: Table, of: 'constraints' | 'indexes'): Rule[] {
  return newOf(stage, of).filter((rule) => rule.of === `table ${table.name}`)
}

const known = { constraints: new WeakMap<Stage, Rule[]>(), indexes: new WeakMap<Stage, Rule[]>() }

/** Of all tables. Every table asks for its own, and there are few. */
function newOf(stage: Stage, of: 'constraints' | 'indexes'): Rule[] {
  const found = known[of].get(stage)
  if (found !== undefined) return found
  const rules = [...stage.after[of].values()].filter((rule) => {
    if (!rule.isValid) return false
    const earlier = stage.earlier[of].get(rule.object)
    return earlier === undefined || !earlier.isValid || earlier.definition !== rule.definition
  })
  known[of].set(stage, rules)
  return rules
}

/** Valid rules that a table had before this step, under its present name or production's. */
export const earlierRules = (stage: Stage, { table, origin }: { table: Table; origin: Origin }): Rule[] => [
  ...rulesOf(stage.earlier, table.name),
  ...rulesOf(stage.production, origin.table),
]

const rulesOf = ({ constraints, indexes }: Schema, table: string): Rule[] =>
  [...constraints.values(), ...indexes.values()].filter((rule) => rule.of === `table ${table}` && rule.isValid)

/** Whether production has the table as a partition: what is asked of its parent is then asked of it as well. */
export function isOldPartition(stage: Stage, { table, origin }: { table: Table; origin: Origin }): boolean {
  const parent = stage.production.tables.get(origin.table)?.partition?.parent
  return parent !== undefined && table.partition !== null && stage.production.tables.has(parent)
}

/** `users.handle`: for people. */
export const spoken = (table: string, columns: readonly string[]): string => {
  const name = nameParts(table)
    .join('.')
    .replace(/^public\./, '')
  if (columns.length === 0) return name
  return columns.length === 1 ? `${name}.${columns[0]}` : `${name} (${columns.join(', ')})`
}
