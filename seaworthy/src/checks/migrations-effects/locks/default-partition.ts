import { as, type Node, partsOf, quoteName, stringOf, walk } from '../../../sql/tree.ts'
import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { error, type Harms, NONE } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { duration, isSmall, sizeOf } from './sizes.ts'
import { bare, constraintOf, nodeOf } from '../sorts/constraint-text.ts'
import { ownName, plain, type Thing, thingOf, valueOf } from '../thing.ts'

/**
 * A new partition beside a default one: the server reads the default partition under the strongest lock, to see that no
 * row of it belongs to the new one. It does not where a validated check says so.
 */
export function judgeDefaultPartitions(scene: Scene): Harms {
  const bounds = [...scene.added, ...scene.changed.map(({ after }) => after)].flatMap((part) => {
    const bound = valueOf(part, 'partition of ')
    const at = bound?.indexOf(' FOR VALUES ') ?? -1
    const was = scene.before.get(part.object)
    if (bound === null || at === -1 || valueOf(was, 'partition of ') === bound) return []
    return [{ part, parent: bound.slice(0, at), values: bound.slice(at + ' FOR VALUES '.length) }]
  })
  const told = new Set<string>()
  return bounds.flatMap(({ part, parent, values }) => {
    const rest = [...scene.before.values()].find((one) => valueOf(one, 'partition of ') === `${parent} DEFAULT`)
    if (rest === undefined || told.has(rest.object) || isSmall(scene, sizeOf(scene, rest.object))) return NONE
    const wanted = boundOf(values)
    const column = columnOf(scene.before.get(`table ${parent}`))
    const checks = checksBefore(part, rest, scene)
    const isApart =
      wanted !== null && column !== null
        ? (one: Thing): boolean => isKeptOut(one, column, wanted)
        : (one: Thing): boolean => speaksOf(one, values)
    if (checks.some(isApart)) return NONE
    told.add(rest.object)
    const check = quoteName(`${ownName(part)}_apart`)
    return error(
      'lock/default-partition',
      `table ${plain(rest.name)}`,
      `reads ${rest.object}, the default partition, to make ${plain(part.name)} beside it, while nobody can read or write it${duration(sizeOf(scene, rest.object), 'reads')}`,
      {
        by: madeBy(part, rest, scene),
        proof: `${part.object} is new beside ${rest.object}, and no validated check keeps its rows out of it`,
        hint: `ALTER TABLE ${rest.name} ADD CONSTRAINT ${check} CHECK (${conditionOf(column, wanted)}) NOT VALID;\n-- next migration\nALTER TABLE ${rest.name} VALIDATE CONSTRAINT ${check};\n-- next migration\n-- the new partition, as it is here`,
      },
    )
  })
}

/** The constraints of the default partition when the other one came, in whatever migration they were validated. */
function checksBefore(part: Thing, rest: Thing, scene: Scene): Thing[] {
  const steps = scene.effects.steps.map(({ difference: { added, changed } }) => [
    ...added,
    ...changed.map(({ after }) => after),
  ])
  const at = steps.findIndex((step) => step.some((one) => one.object === part.object))
  const later = (at === -1 ? steps : steps.slice(0, at + 1)).flat().map(thingOf)
  return [...scene.before.values(), ...later].filter((one) => one.sort === 'constraint' && one.parent === rest.object)
}

/** The statement that locked the default partition for it. */
const madeBy = (part: Thing, rest: Thing, scene: Scene): TracedStatement | null =>
  scene.statements.find(
    ({ locks, events }) =>
      locks.some((one) => one.object === rest.object && one.mode === 'AccessExclusiveLock') &&
      events.some((one) => 'object' in one && one.object === part.object),
  ) ?? scene.doing((event) => event.kind !== 'write' && event.kind !== 'setting' && event.object === part.object)

/** The column of a partition key that is one plain column. */
function columnOf(parent: Thing | undefined): string | null {
  const [, column] = /^(?:RANGE|LIST) \(([^(),]+)\)$/.exec(valueOf(parent, 'partitioned by ') ?? '') ?? []
  return column === undefined ? null : plain(column)
}

type Bound = { readonly from: Node; readonly to: Node } | { readonly values: readonly Node[] }

/** `FROM ('a') TO ('b')` and `IN ('a', 'b')`, with one value a side. */
function boundOf(text: string): Bound | null {
  const create = as(nodeOf(`CREATE TABLE p PARTITION OF t FOR VALUES ${text}`), 'CreateStmt')
  const bound = create?.partbound
  if (bound?.strategy === 'l') return { values: bound.listdatums ?? [] }
  const [from, to] = [bound?.lowerdatums, bound?.upperdatums].map((one) => (one?.length === 1 ? one[0] : undefined))
  const isOpen = [from, to].some((one) => one !== undefined && as(one, 'ColumnRef') !== undefined)
  return from === undefined || to === undefined || isOpen ? null : { from, to }
}

/** Whether a validated check lets no row in that the bound takes. */
function isKeptOut(thing: Thing, column: string, wanted: Bound): boolean {
  const check = constraintOf(thing.facets[0])
  if (check?.contype !== 'CONSTR_CHECK' || check.skip_validation === true || check.is_enforced !== true) return false
  return isOutside(check.raw_expr, column, wanted)
}

/** Of a bound over several columns or values that are no constants: a validated check with all its constants in it. */
function speaksOf(thing: Thing, values: string): boolean {
  const check = constraintOf(thing.facets[0])
  if (check?.contype !== 'CONSTR_CHECK' || check.skip_validation === true) return false
  const [wanted, found] = [new Set<string>(), new Set<string>()]
  const bound = as(nodeOf(`CREATE TABLE p PARTITION OF t FOR VALUES ${values}`), 'CreateStmt')?.partbound
  walk([bound], 'A_Const', (one) => wanted.add(constant({ A_Const: one })))
  walk([check.raw_expr], 'A_Const', (one) => found.add(constant({ A_Const: one })))
  return wanted.size > 0 && [...wanted].every((one) => found.has(one))
}

/** `NOT (c >= from AND c < to)`, `c < from OR c >= to`, `c <> ALL (…)`, `c <> v`, `NOT (c = ANY (…))`. */
function isOutside(node: Node | undefined, column: string, wanted: Bound): boolean {
  const logic = as(node, 'BoolExpr')
  const args = logic?.args ?? []
  if (logic?.boolop === 'AND_EXPR') return args.some((one) => isOutside(one, column, wanted))
  if (logic?.boolop === 'NOT_EXPR') {
    const inner = as(args[0], 'BoolExpr')
    if (inner?.boolop !== 'AND_EXPR') return isListed(args[0], '=', column, wanted)
    return (inner.args ?? []).every((one) => isSide(one, column, wanted, ['>=', '<'], 'IS_NOT_NULL'))
  }
  if (logic?.boolop === 'OR_EXPR')
    return args.every(
      (one) => isSide(one, column, wanted, ['<', '>='], 'IS_NULL') || isListed(one, '<>', column, wanted),
    )
  return isListed(node, '<>', column, wanted)
}

const isOf = (node: Node | undefined, column: string): boolean => {
  const cast = as(node, 'TypeCast')
  return cast === undefined ? stringOf(as(node, 'ColumnRef')?.fields?.at(-1)) === column : isOf(cast.arg, column)
}

const constant = (node: Node | undefined): string => {
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return constant(cast.arg)
  const value = as(node, 'A_Const')
  // A number may be written as a text.
  return value?.ival === undefined
    ? (value?.sval?.sval ?? value?.fval?.fval ?? bare(node))
    : String(value.ival.ival ?? 0)
}

function isSide(
  node: Node,
  column: string,
  wanted: Bound,
  operators: readonly [string, string],
  test: string,
): boolean {
  const isNull = as(node, 'NullTest')
  if (isNull !== undefined) return isNull.nulltesttype === test && isOf(isNull.arg, column)
  const operation = as(node, 'A_Expr')
  if (operation?.kind !== 'AEXPR_OP' || !isOf(operation.lexpr, column) || 'values' in wanted) return false
  const ends = [wanted.from, wanted.to].map(constant)
  return ends[operators.indexOf(partsOf(operation.name)[0] ?? '')] === constant(operation.rexpr)
}

function isListed(node: Node | undefined, operator: string, column: string, wanted: Bound): boolean {
  const operation = as(node, 'A_Expr')
  if (operation === undefined || !('values' in wanted) || partsOf(operation.name)[0] !== operator) return false
  if (!isOf(operation.lexpr, column)) return false
  const known = new Set(elements(operation.rexpr).map(constant))
  return wanted.values.every((one) => known.has(constant(one)))
}

function elements(node: Node | undefined): readonly Node[] {
  const cast = as(node, 'TypeCast')
  if (cast !== undefined && as(cast.arg, 'A_Const') === undefined) return elements(cast.arg)
  return as(node, 'A_ArrayExpr')?.elements ?? as(node, 'List')?.items ?? (node === undefined ? [] : [node])
}

/** A constant as SQL writes it. */
const written = (node: Node): string =>
  as(node, 'A_Const')?.sval === undefined ? constant(node) : `'${constant(node).replaceAll("'", "''")}'`

function conditionOf(column: string | null, wanted: Bound | null): string {
  if (column === null || wanted === null) return 'NOT (the bound of the new partition as a condition)'
  return 'values' in wanted
    ? `${quoteName(column)} NOT IN (${wanted.values.map(written).join(', ')})`
    : `NOT (${quoteName(column)} >= ${written(wanted.from)} AND ${quoteName(column)} < ${written(wanted.to)})`
}
