import { ROWS_WATCHED, type TracedStatement } from '../../../observers/effects/kind.ts'
import { as, type Node, rangeParts, stringOf } from '../../../sql/tree.ts'
import { keysOf } from './keys.ts'
import type { Scene } from '../scene.ts'
import { ownName, thingOf } from '../thing.ts'
import type { Write } from './writes.ts'

/**
 * Whether a DELETE met rows of before, all of which are still there: it put them back, or elsewhere. Rows that the
 * release inserted itself may be what it met, and what becomes of more rows than are watched nobody saw.
 */
export function hasKeptOldRows({ event, table }: Write, scene: Scene): boolean {
  const held = scene.effects.seeding.tables.find((one) => one.object === table)?.rows ?? 0
  const isPartly = scene.effects.partly?.some((one) => one.object === table) === true
  return held < ROWS_WATCHED && !isPartly && (event.rows ?? 0) > insertedInto(event.object, scene)
}

/** How many rows the release inserted there; of a write that nobody counted, any number. */
function insertedInto(object: string, scene: Scene): number {
  let rows = 0
  for (const { events } of scene.statements)
    for (const event of events)
      if (event.kind === 'write' && event.operation === 'insert' && event.object === object)
        rows += event.rows ?? Number.POSITIVE_INFINITY
  return rows
}

/**
 * Whether a statement names its rows by a key that the release gave to a row of its own: since that went in, no row of
 * before has it.
 */
export function isOfOwnRow({ by, event, table }: Write, scene: Scene): boolean {
  const node = scene.reading.ownNode(by)
  const written = as(node ?? undefined, 'DeleteStmt') ?? as(node ?? undefined, 'UpdateStmt')
  if (event.via !== null || written === undefined) return false
  const keys = keysOf(table, scene)
  return equalities(written.whereClause).some(
    ([column, value]) => keys.has(column) && isInsertedBefore(by, { object: event.object, column, value }, scene),
  )
}

/** `column = constant`, where the whole condition is that or needs it. */
function equalities(node: Node | undefined): (readonly [column: string, value: string])[] {
  const logic = as(node, 'BoolExpr')
  if (logic?.boolop === 'AND_EXPR') return (logic.args ?? []).flatMap(equalities)
  const test = as(node, 'A_Expr')
  if (test?.kind !== 'AEXPR_OP' || stringOf(test.name?.[0]) !== '=') return []
  const column = stringOf(as(test.lexpr, 'ColumnRef')?.fields?.at(-1))
  const value = constantOf(test.rexpr)
  return column === null || value === null ? [] : [[column, value]]
}

function constantOf(node: Node | undefined): string | null {
  const constant = as(node, 'A_Const')
  if (constant === undefined || constant.isnull === true) return null
  const { ival, fval, sval } = constant
  return ival !== undefined ? String(ival.ival ?? 0) : (fval?.fval ?? sval?.sval ?? null)
}

/** Whether a row with that value was inserted, by an INSERT that would have failed on another one that has it. */
function isInsertedBefore(
  by: TracedStatement,
  { object, column, value }: { object: string; column: string; value: string },
  scene: Scene,
): boolean {
  const own = ownName(thingOf({ object, definition: '' }))
  return scene.statements.slice(0, scene.statements.indexOf(by)).some((earlier) => {
    const insert = as(scene.reading.ownNode(earlier) ?? undefined, 'InsertStmt')
    const isThere = earlier.events.some(
      (event) => event.kind === 'write' && event.operation === 'insert' && event.object === object,
    )
    if (insert === undefined || !isThere || scene.undone.has(earlier)) return false
    if (insert.onConflictClause !== undefined || rangeParts(insert.relation).at(-1) !== own) return false
    const at = (insert.cols ?? []).findIndex((one) => as(one, 'ResTarget')?.name === column)
    const rows = as(insert.selectStmt, 'SelectStmt')?.valuesLists ?? []
    return at !== -1 && rows.some((row) => constantOf(as(row, 'List')?.items?.[at]) === value)
  })
}
