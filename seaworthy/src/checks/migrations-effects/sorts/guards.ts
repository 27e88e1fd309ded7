import { as, commandsOf, type Node, rangeParts, stringOf } from '../../../sql/tree.ts'
import { constraintOf } from './constraint-text.ts'
import type { Scene } from '../scene.ts'

/** The column of `column IS NOT NULL`. */
function guarded(node: Node | undefined): string | null {
  const test = as(node, 'NullTest')
  return test?.nulltesttype === 'IS_NOT_NULL' ? stringOf(as(test.arg, 'ColumnRef')?.fields?.at(-1)) : null
}

/** Columns of a table that a check keeps from being NULL: one of before, of now, or that stood in between. */
export function guardedColumns(scene: Scene, table: string | null): ReadonlySet<string> {
  const found = new Set<string>()
  for (const catalogue of [scene.before, scene.after]) {
    for (const thing of catalogue.values()) {
      if (thing.sort !== 'constraint' || thing.parent !== table) continue
      const column = guarded(constraintOf(thing.facets[0])?.raw_expr)
      if (column !== null) found.add(column)
    }
  }
  for (const statement of scene.statements) {
    for (const node of scene.nodesOf(statement)) {
      const alter = as(node, 'AlterTableStmt')
      if (alter === undefined || rangeParts(alter.relation).at(-1) !== lastPart(table)) continue
      for (const command of commandsOf(alter.cmds)) {
        const constraint = as(command.def, 'Constraint')
        const column = constraint?.skip_validation === true ? guarded(constraint.raw_expr) : null
        if (column !== null) found.add(column)
      }
    }
  }
  return found
}

const lastPart = (table: string | null): string => table?.slice(table.lastIndexOf('.') + 1).replaceAll('"', '') ?? ''
