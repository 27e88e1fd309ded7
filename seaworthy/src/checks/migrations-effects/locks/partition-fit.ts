import { as, type Node, partsOf, stringOf } from '../../../sql/tree.ts'
import type { Scene } from '../scene.ts'
import { bare, constraintOf, nodeOf } from '../sorts/constraint-text.ts'
import { hasFacet, ownName, type Thing, valueOf } from '../thing.ts'

/**
 * Why the server does not read a table that is attached as a partition: a validated check says that its rows lie within
 * the bound, and there is no default partition whose rows would have to be looked at. Null if that cannot be told.
 */
export function whyFits(table: string, scene: Scene): string | null {
  const partition = valueOf(scene.after.get(table), 'partition of ')
  const at = partition?.indexOf(' FOR VALUES ') ?? -1
  if (partition === null || at === -1) return null
  const parent = partition.slice(0, at)
  const siblings = [...scene.after.values()].map((one) => valueOf(one, 'partition of '))
  if (siblings.some((one) => one === `${parent} DEFAULT`)) return null
  const wanted = limitsOf(partition.slice(at + ' FOR VALUES '.length))
  if (wanted === null) return null
  const check = [...scene.before.values()].find(
    (one) => one.parent === table && one.sort === 'constraint' && proves(one, wanted, scene),
  )
  return check === undefined ? null : `${check.object} proves that the rows fit, so that none is read`
}

interface Limits {
  readonly from: string
  readonly to: string
}

/** `FROM ('2027-01-01 00:00:00+00') TO ('2028-01-01 00:00:00+00')` of one column, as two constants. */
function limitsOf(bound: string): Limits | null {
  const select = as(nodeOf(`SELECT ${bound.replace(/^FROM /, 'ARRAY[').replace(' TO ', ',')}]`), 'SelectStmt')
  const array = as(as(select?.targetList?.[0], 'ResTarget')?.val, 'A_ArrayExpr')?.elements ?? []
  const [from, to] = array.map(constantText)
  return array.length === 2 && typeof from === 'string' && typeof to === 'string' ? { from, to } : null
}

function constantText(node: Node | undefined): string | null {
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return constantText(cast.arg)
  const constant = as(node, 'A_Const')
  if (constant === undefined) return null
  return (
    constant.sval?.sval ?? constant.fval?.fval ?? (constant.ival === undefined ? null : String(constant.ival.ival ?? 0))
  )
}

/** `column >= from AND column < to`, of a column that is NOT NULL. */
function proves(thing: Thing, wanted: Limits, scene: Scene): boolean {
  const check = constraintOf(thing.facets[0])
  const both = as(check?.raw_expr, 'BoolExpr')
  if (check?.skip_validation === true || check?.is_enforced !== true || both?.boolop !== 'AND_EXPR') return false
  const sides = (both.args ?? []).map((one) => as(one, 'A_Expr'))
  const side = (operator: string): { column: string | null; value: string | null } | null => {
    const found = sides.find((one) => partsOf(one?.name)[0] === operator)
    if (found === undefined) return null
    return { column: stringOf(as(found.lexpr, 'ColumnRef')?.fields?.at(-1)), value: constantText(found.rexpr) }
  }
  const [low, high] = [side('>='), side('<')]
  const isSame = low !== null && high !== null && bare(low.column) === bare(high.column)
  if (!isSame || sides.length !== 2 || low.value !== wanted.from || high.value !== wanted.to) return false
  const column = [...scene.before.values()].find(
    (one) => one.sort === 'column' && one.parent === thing.parent && ownName(one) === low.column,
  )
  return hasFacet(column, 'not null')
}
