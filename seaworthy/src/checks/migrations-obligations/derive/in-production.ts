import { nameParts, quotedName, quotedQualified, quotedText } from '../../../sql/identifier.ts'
import { parseSql } from '../../../sql/parse.ts'
import { tokensOf } from '../../../sql/tokens.ts'
import { as, type Node, partsOf, rangeParts, stringOf, walk } from '../../../sql/tree.ts'
import type { Origin } from '../names.ts'
import { newIn } from '../source.ts'
import type { Stage } from './stage.ts'

/** A text of a migration, as production can run it before the release. */
export interface Asked {
  /** Every table with its schema. */
  readonly text: string
  /** As the catalogue names them. */
  readonly tables: readonly string[]
  readonly columns: readonly string[]
}

const HEAD = 'SELECT '

/**
 * An expression that a migration evaluates, such that production gives the same answer whatever its search path; null
 * where it names anything that the release makes or renames, or that a text does not tell. `around` are tables whose
 * columns it may name beside those that it reads.
 */
export function inProduction(expression: string, stage: Stage, around: readonly Origin[] = []): Asked | null {
  const parsed = parseSql(HEAD + expression)
  const node = parsed.ok ? parsed.statements[0]?.node : undefined
  if (node === undefined || newIn(expression, stage.production, stage.after) !== null) return null
  if (namesOwnThings(node, stage)) return null
  const ranges = new Map<number, Origin>()
  let isKnown = true
  walk([node], 'RangeVar', (range) => {
    const origin = originOf(rangeParts(range), stage)
    if (origin === null) isKnown = false
    else if (range.schemaname === undefined) ranges.set(range.location ?? 0, origin)
    else around = [...around, origin]
  })
  const origins = [...around, ...ranges.values()]
  const columns = new Set<string>()
  walk([node], 'ColumnRef', ({ fields }) => {
    const name = stringOf(fields?.at(-1))
    if (name === null) return
    columns.add(name)
    if (!origins.some(({ columns: known }) => known.get(name) === name)) isKnown = false
  })
  walk([node], 'CommonTableExpr', () => (isKnown = false))
  if (!isKnown) return null
  return { text: qualified(expression, ranges), tables: origins.map(({ table }) => table), columns: [...columns] }
}

/** The table of production that has this very name, and has it after the release as well. */
export function originOf(parts: readonly string[], stage: Stage): Origin | null {
  const name = stage.names.find(parts)
  const origin = name === null ? null : stage.names.originOf(name)
  return origin !== null && quotedQualified(origin.table) === name ? origin : null
}

/** Whether a text names functions, types or operators of the schema, which a search path alone finds. */
export function namesOwnThings(node: Node, { after }: Stage): boolean {
  const own = new Set<string>()
  for (const object of after.definitions.keys()) {
    const [sort = ''] = object.split(' ', 1)
    const open = object.indexOf('(')
    const name = object.slice(sort.length + 1, open === -1 ? undefined : open)
    if (OWN.has(sort)) own.add(nameParts(name).at(-1) ?? '')
  }
  let isOwn = false
  walk([node], 'FuncCall', ({ funcname }) => (isOwn ||= funcname?.length === 1 && own.has(partsOf(funcname)[0] ?? '')))
  walk([node], 'TypeCast', ({ typeName }) => {
    isOwn ||= typeName?.names?.length === 1 && own.has(partsOf(typeName.names)[0] ?? '')
  })
  walk([node], 'A_Expr', ({ name }) => (isOwn ||= own.has(stringOf(name?.at(-1)) ?? '')))
  return isOwn
}

const OWN: ReadonlySet<string> = new Set(['function', 'aggregate', 'type', 'domain', 'operator'])

/** The grammar tells places in bytes, from the beginning of what it was given. */
function qualified(expression: string, ranges: ReadonlyMap<number, Origin>): string {
  const bytes = Buffer.from(HEAD + expression)
  const places = new Map(
    [...ranges].map(([at, origin]) => [bytes.subarray(0, at).toString().length - HEAD.length, origin]),
  )
  return (tokensOf(expression) ?? []).toReversed().reduce((text, { start, end }) => {
    const origin = places.get(start)
    return origin === undefined ? text : text.slice(0, start) + quotedQualified(origin.table) + text.slice(end)
  }, expression)
}

/** A column by the name that it has in production too, or a NULL or a constant in place of one; null for anything else. */
export function valueText(node: Node | undefined, origin: Origin): string | null {
  const column = stringOf(as(node, 'ColumnRef')?.fields?.at(-1))
  if (column !== null) return origin.columns.get(column) === column ? quotedName(column) : null
  const call = as(node, 'A_Expr')
  const isNullIf = call?.kind === 'AEXPR_NULLIF'
  const [value, other] = isNullIf ? [call.lexpr, call.rexpr] : (as(node, 'CoalesceExpr')?.args ?? [])
  const inner = value === undefined ? null : valueText(value, origin)
  const text = as(other, 'A_Const')?.sval?.sval
  if (inner === null || text === undefined) return null
  return `${isNullIf ? 'NULLIF' : 'COALESCE'}(${inner}, ${quotedText(text)})`
}
