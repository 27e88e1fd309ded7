import { as, type Node, partsOf, type RangeVar, stringOf } from '../../sql/tree.ts'
import { columnOf, type Table } from './state.ts'

const isConstant = (node: Node | undefined): boolean => {
  const cast = as(node, 'TypeCast')
  return cast === undefined ? as(node, 'A_Const') !== undefined : isConstant(cast.arg)
}

/** Whether both are one column as far as that shows: of another table, or by another alias, it is another one. */
function isSameColumn(left: Node | undefined, right: Node | undefined): boolean {
  const [a, b] = [left, right].map((node) => partsOf(as(node, 'ColumnRef')?.fields))
  if (a === undefined || b === undefined || a.length === 0 || a.at(-1) !== b.at(-1)) return false
  return a.length === 1 || b.length === 1 || a.at(-2) === b.at(-2)
}

const columnName = (node: Node | undefined): string | null => stringOf(as(node, 'ColumnRef')?.fields?.at(-1))

/**
 * Whether a condition lets every row through, as far as that shows: no condition at all, TRUE, `1 = 1`, `id = id`,
 * `id IS NOT NULL` on a NOT NULL column, `name LIKE '%'`, EXISTS over nothing, and what AND, OR and NOT make of them.
 */
export function isAlwaysTrue(node: Node | undefined, table: Table | undefined, own: RangeVar | undefined): boolean {
  if (node === undefined) return true
  const constant = as(node, 'A_Const')
  if (constant !== undefined)
    return constant.boolval?.boolval === true || ['t', 'true'].includes(constant.sval?.sval ?? '')
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return isAlwaysTrue(cast.arg, table, own)
  const logic = as(node, 'BoolExpr')
  if (logic !== undefined) {
    const args = logic.args ?? []
    if (logic.boolop === 'AND_EXPR') return args.every((one) => isAlwaysTrue(one, table, own))
    if (logic.boolop === 'OR_EXPR') return args.some((one) => isAlwaysTrue(one, table, own)) || isExhaustive(args)
    return args.every(isAlwaysFalse)
  }
  const test = as(node, 'NullTest')
  if (test !== undefined) {
    return test.nulltesttype === 'IS_NOT_NULL' && columnOf(table, columnName(test.arg) ?? '')?.isNotNull === true
  }
  const link = as(node, 'SubLink')
  if (link !== undefined) return isWholeTable(link.subselect, link.subLinkType, own)
  return isTrueOperation(node)
}

/** `x IS NULL OR x IS NOT NULL`. */
function isExhaustive(args: readonly Node[]): boolean {
  const tests = args.flatMap((one) => as(one, 'NullTest') ?? [])
  const named = (type: string): (string | null)[] =>
    tests.filter((one) => one.nulltesttype === type).map((one) => columnName(one.arg))
  const nullable = named('IS_NULL')
  return named('IS_NOT_NULL').some((name) => name !== null && nullable.includes(name))
}

function isAlwaysFalse(node: Node): boolean {
  const constant = as(node, 'A_Const')
  return constant?.boolval !== undefined && constant.boolval.boolval !== true
}

function isTrueOperation(node: Node): boolean {
  const operation = as(node, 'A_Expr')
  if (operation === undefined) return false
  const { lexpr, rexpr } = operation
  if (operation.kind === 'AEXPR_LIKE' || operation.kind === 'AEXPR_ILIKE') {
    return partsOf(operation.name)[0]?.startsWith('~~') === true && as(rexpr, 'A_Const')?.sval?.sval === '%'
  }
  if (operation.kind !== 'AEXPR_OP') return false
  // A comparison of two constants is a way to write "always"; nobody writes one that is false.
  if (isConstant(lexpr) && isConstant(rexpr)) return true
  return isSameColumn(lexpr, rexpr) && ['=', '>=', '<='].includes(partsOf(operation.name)[0] ?? '')
}

/** `EXISTS (SELECT 1)` and `id IN (SELECT id FROM the_same_table)`, both without a condition. */
function isWholeTable(query: Node | undefined, type: string | undefined, own: RangeVar | undefined): boolean {
  const select = as(query, 'SelectStmt')
  if (select === undefined || select.whereClause !== undefined || select.limitCount !== undefined) return false
  if (select.havingClause !== undefined || select.larg !== undefined) return false
  const from = select.fromClause ?? []
  if (type === 'EXISTS_SUBLINK') return from.length === 0
  const source = as(from[0], 'RangeVar')
  return type === 'ANY_SUBLINK' && from.length === 1 && source !== undefined && source.relname === own?.relname
}
