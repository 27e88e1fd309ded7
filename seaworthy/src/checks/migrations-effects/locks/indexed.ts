import { as, type Node, partsOf } from '../../../sql/tree.ts'
import type { Scene } from '../scene.ts'
import { constraintOf, nodeOf } from '../sorts/constraint-text.ts'
import { hasFacet } from '../thing.ts'

/** The columns by which the server finds rows of these tables without reading all: the first ones of their indexes. */
export function leadingColumns(tables: readonly string[], scene: Scene): ReadonlySet<string> {
  const wanted = new Set(tables)
  const found = new Set<string>()
  if (wanted.size === 0) return found
  for (const thing of [...scene.before.values(), ...scene.after.values()]) {
    if (thing.parent === null || !wanted.has(thing.parent) || hasFacet(thing, 'invalid')) continue
    if (thing.sort === 'constraint') {
      const constraint = constraintOf(thing.facets[0])
      const isKey = constraint?.contype === 'CONSTR_PRIMARY' || constraint?.contype === 'CONSTR_UNIQUE'
      if (isKey) found.add(partsOf(constraint.keys)[0] ?? '')
    } else if (thing.sort === 'index') {
      const index = as(nodeOf(thing.facets.find((one) => one.startsWith('CREATE '))), 'IndexStmt')
      const isWhole = index?.whereClause === undefined && index?.accessMethod === 'btree'
      if (isWhole) found.add(as(index.indexParams?.[0], 'IndexElem')?.name ?? '')
    }
  }
  found.delete('')
  return found
}

const COMPARED = new Set(['=', '<', '>', '<=', '>='])

/** Whether a condition lets the server go by such a column, or lets no row through at all. */
export function isServed(condition: Node | undefined, leading: ReadonlySet<string>): boolean {
  if (condition === undefined) return false
  const constant = as(condition, 'A_Const')
  if (constant !== undefined) return constant.boolval !== undefined && constant.boolval.boolval !== true
  const logic = as(condition, 'BoolExpr')
  if (logic !== undefined) {
    const args = logic.args ?? []
    if (logic.boolop === 'AND_EXPR') return args.some((one) => isServed(one, leading))
    return logic.boolop === 'OR_EXPR' && args.every((one) => isServed(one, leading))
  }
  const isLeading = (node: Node | undefined): boolean =>
    leading.has(partsOf(as(node, 'ColumnRef')?.fields).at(-1) ?? '')
  const link = as(condition, 'SubLink')
  if (link !== undefined) return link.subLinkType === 'ANY_SUBLINK' && isLeading(link.testexpr)
  const test = as(condition, 'NullTest')
  if (test !== undefined) return test.nulltesttype === 'IS_NULL' && isLeading(test.arg)
  const operation = as(condition, 'A_Expr')
  if (operation === undefined) return false
  const { kind, lexpr, rexpr } = operation
  if (kind === 'AEXPR_BETWEEN') return isLeading(lexpr)
  if (kind !== 'AEXPR_OP' && kind !== 'AEXPR_IN' && kind !== 'AEXPR_OP_ANY') return false
  if (!COMPARED.has(partsOf(operation.name)[0] ?? '')) return false
  const isTie = as(lexpr, 'ColumnRef') !== undefined && as(rexpr, 'ColumnRef') !== undefined
  return !isTie && (isLeading(lexpr) || isLeading(rexpr))
}
