import { as, type Node, partsOf, rangeParts, walk } from '../../../sql/tree.ts'
import { assigned, type Assignment } from './assigned.ts'
import { type Harms, NONE, warning } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { bare } from '../sorts/constraint-text.ts'
import { expressionOf, isVolatile } from '../sorts/defaults.ts'
import { guardedColumns } from '../sorts/guards.ts'
import { hasFacet, ownName, type Thing, valueOf } from '../thing.ts'
import { inBodies } from './in-bodies.ts'
import { isOfOwnRow } from './own-rows.ts'
import { assignedFromQuery, assignmentsOf, isMerge, tableName, type Write, writesOf } from './writes.ts'

/**
 * Columns that production has and that are given a value where they hold NULL. No value is lost, but the running version
 * may read NULL as one: not deleted, not banned, never expires.
 */
export const judgeFilledValues = (scene: Scene): Harms => writesOf(scene).flatMap((write) => judgeOne(write, scene))

function judgeOne(write: Write, scene: Scene): Harms {
  const columns = valuesFilled(write, scene)
  if (columns.length === 0) return NONE
  const { by, event, rows, table } = write
  const names = columns.join(', ')
  const filled = (rows?.columns ?? []).flatMap((one) =>
    columns.includes(one.column) && one.filled > 0 ? `${one.filled} NULLs of ${one.column} filled` : [],
  )
  return warning(
    'data-loss/filled-values',
    tableName(table),
    `fills ${names} in rows of ${table} that hold NULL there, which the running version may read as a value: not yet, never, nobody`,
    {
      by,
      proof:
        filled.length > 0
          ? `${filled.join('; ')}, in ${rows?.rowsBefore ?? 0} rows`
          : `UPDATE of ${event.object}, which matched ${event.rows ?? 'an unknown number of'} rows`,
      hint: `If NULL only says that nobody filled it, make the value the default first, or ${columns.length === 1 ? 'the column' : 'the columns'} NOT NULL in this release; else leave NULL to what it says, and add a column.`,
    },
  )
}

/** Columns of before that a write fills with what NULL may not stand for. */
export function valuesFilled(write: Write, scene: Scene): string[] {
  const { event, table } = write
  if (event.operation !== 'update' || isOfOwnRow(write, scene)) return []
  const isSeed = event.isUpsert || isMerge(write, scene)
  const all = isSeed ? assignedFromQuery(write, scene) : assignmentsOf(write, scene)?.all
  const columns = (all ?? []).flatMap((one) =>
    asWritten(one, write, scene).every((two) => isMeant(two, table, scene)) ? [] : one.column,
  )
  return [...new Set(columns)]
}

/** What a block or function writes, where the server told it without its constants. */
function asWritten(one: Assignment, write: Write, scene: Scene): readonly Assignment[] {
  let isOpen = false
  walk([one.value], 'ParamRef', () => (isOpen = true))
  const found = isOpen
    ? inBodies(write, 'UpdateStmt', scene, ({ relation }) => rangeParts(relation).at(-1))
        .flatMap((update) => assigned(update.targetList, update.whereClause, update.relation))
        .filter(({ column }) => column === one.column)
    : []
  return found.length === 0 ? [one] : found
}

/** Whether a value is what NULL stood for all along, or the column is new, or not only filled. */
function isMeant({ column, isGuarded, value }: Assignment, table: string, scene: Scene): boolean {
  const now = scene.nameNow(table)
  const is = (one: Thing): boolean => one.sort === 'column' && one.parent === now && ownName(one) === column
  const before = [...scene.before.values()].find(is)
  const after = [...scene.after.values()].find(is)
  if (!isGuarded || value === undefined || before === undefined) return true
  if (hasFacet(before, 'not null') || hasFacet(after, 'not null') || guardedColumns(scene, now).has(column)) return true
  if (isFromRow(value)) return true
  const defaults = [before, after].map((one) => valueOf(one, 'default '))
  return as(value, 'SetToDefault') !== undefined || defaults.some((one) => one !== null && isSame(value, one))
}

/** A value that comes out of what the rows hold. One that asks a condition, or the clock, tells more than that. */
function isFromRow(value: Node): boolean {
  let isRead = false
  let isChosen = isVolatile(value)
  walk([value], 'ColumnRef', () => (isRead = true))
  walk([value], 'CaseExpr', () => (isChosen = true))
  return isRead && !isChosen
}

/** Whether two expressions are one but for how they are written: the server adds casts to its text of a default. */
const isSame = (value: Node, text: string): boolean => {
  const expression = expressionOf(text)
  return expression !== undefined && bare(plainForm(value)) === bare(plainForm(expression))
}

/** Without casts, numbers as their text, CURRENT_TIMESTAMP as `now()`. */
function plainForm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainForm)
  if (typeof value !== 'object' || value === null) return value
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is no node has no key of one, as in `walk`
  const node = value as Node
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return plainForm(cast.arg)
  const isNow = partsOf(as(node, 'FuncCall')?.funcname).at(-1) === 'now'
  if (isNow || as(node, 'SQLValueFunction')?.op === 'SVFOP_CURRENT_TIMESTAMP') return 'now()'
  const constant = as(node, 'A_Const')
  if (constant?.ival !== undefined) return `${constant.ival.ival ?? 0}`
  if (constant !== undefined) return constant.fval?.fval ?? constant.sval?.sval ?? constant
  return Object.fromEntries(Object.entries(value).map(([key, member]: [string, unknown]) => [key, plainForm(member)]))
}
