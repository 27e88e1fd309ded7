import { as, type Node, partsOf, walk } from '../../../sql/tree.ts'
import type { Scene } from '../scene.ts'
import { hasFacet, ownName, plain, type Thing } from '../thing.ts'
import { nodeOf } from './constraint-text.ts'
import { sameUnique } from './indexes.ts'

/** An expression of the catalogue, parsed; undefined if it cannot be read. */
export function expressionOf(text: string): Node | undefined {
  const select = as(nodeOf(`SELECT ${text}`), 'SelectStmt')
  return as(select?.targetList?.[0], 'ResTarget')?.val
}

/** Why inserts of the running version that leave a column out fail with its new default; null if nothing shows that. */
export function harmOfDefault(before: Thing, after: Thing, to: string, scene: Scene): string | null {
  const expression = expressionOf(to)
  if (expression === undefined) return null
  const made = newFunction(expression, scene)
  if (made !== null) return `it calls ${made}, which is new in this release and may fail`
  const sequence = newSequence(expression, scene)
  if (sequence !== null) return `${sequence} is new, and may hand out numbers that are taken`
  const isUnique = sameUnique(scene, after.parent, ownName(after))
  // Without a default and without NULL nobody left the column out.
  const isLeftOut = !hasFacet(before, 'not null') || before.facets.some((one) => one.startsWith('default '))
  if (isUnique && isLeftOut && isConstant(expression)) return 'the second row that leaves it out is a duplicate'
  if (hasFacet(after, 'not null') && mayBeNull(expression)) return 'it may be NULL, which the column does not take'
  return null
}

const TEXTS = new Set(['text', 'varchar', 'bpchar'])

/** Whether an expression divides by, or converts, what stands in a row. What cannot be read may fail. */
export function mayFail(text: string): boolean {
  const expression = expressionOf(text)
  if (expression === undefined) return true
  let isFailing = false
  walk([expression], 'A_Expr', (one) => {
    const operator = partsOf(one.name).at(-1) ?? ''
    isFailing ||= (operator === '/' || operator === '%') && !isConstant(one.rexpr)
  })
  walk([expression], 'TypeCast', (one) => {
    isFailing ||= !isConstant(one.arg) && !TEXTS.has(partsOf(one.typeName?.names).at(-1) ?? '')
  })
  walk([expression], 'FuncCall', (one) => {
    isFailing ||= /^to_(?:date|timestamp|number)$/.test(partsOf(one.funcname).at(-1) ?? '')
  })
  return isFailing
}

/** Functions of the server that give every row its own value, or the moment. */
const VOLATILE = new Set(
  'now clock_timestamp statement_timestamp transaction_timestamp timeofday random random_normal gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v4 gen_random_bytes nextval'.split(
    ' ',
  ),
)

/** As the grammar names them: CURRENT_TIMESTAMP(3) and its like; CURRENT_USER and its like are none. */
const MOMENTS = ['SVFOP_CURRENT_DATE', 'SVFOP_CURRENT_TIME', 'SVFOP_LOCALTIME']

/** Whether an expression gives another value from row to row, or from moment to moment. */
export function isVolatile(expression: Node | undefined): boolean {
  let is = false
  walk([expression], 'FuncCall', (one) => (is ||= VOLATILE.has(partsOf(one.funcname).at(-1) ?? '')))
  walk([expression], 'SQLValueFunction', ({ op }) => (is ||= MOMENTS.some((one) => op?.startsWith(one) === true)))
  return is
}

function newFunction(expression: Node, scene: Scene): string | null {
  let found: string | null = null
  walk([expression], 'FuncCall', (call) => {
    const parts = partsOf(call.funcname)
    const isNamed = (one: Thing): boolean =>
      one.sort === 'function' &&
      ownName(one) === parts.at(-1) &&
      (parts.length === 1 || plain(one.name).startsWith(`${parts[0] ?? ''}.`))
    const all = [...scene.after.values()].filter(isNamed)
    if (all.length > 0 && all.every((one) => !scene.isOld(one.object))) found ??= `${parts.join('.')}()`
  })
  return found
}

function newSequence(expression: Node, scene: Scene): string | null {
  let found: string | null = null
  walk([expression], 'FuncCall', (call) => {
    if (partsOf(call.funcname).at(-1) !== 'nextval') return
    const text = as(as(call.args?.[0], 'TypeCast')?.arg ?? call.args?.[0], 'A_Const')?.sval?.sval
    if (text === undefined) return
    for (const one of scene.added)
      if (one.sort === 'sequence' && (one.name === text || one.name === `public.${text}`)) found ??= one.object
  })
  return found
}

function isConstant(node: Node | undefined): boolean {
  const cast = as(node, 'TypeCast')
  return cast === undefined ? as(node, 'A_Const') !== undefined : isConstant(cast.arg)
}

function mayBeNull(node: Node | undefined): boolean {
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return mayBeNull(cast.arg)
  const choice = as(node, 'CaseExpr')
  return (
    as(node, 'A_Const')?.isnull === true ||
    as(node, 'A_Expr')?.kind === 'AEXPR_NULLIF' ||
    (choice !== undefined && (choice.defresult === undefined || mayBeNull(choice.defresult)))
  )
}
