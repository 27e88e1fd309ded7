import { parseSql } from '../../../sql/parse.ts'
import { as, type Node, partsOf, stringOf } from '../../../sql/tree.ts'

type Value = number | string | null
/** Null stands for both unknowns: SQL's own, and what is not understood here. A check takes either. */
type Truth = boolean | null

const MOST_COLUMNS = 3

/**
 * Whether no values meet a check (`CHECK (n > 10 AND n < 5)`), as far as it compares columns with constants: tried are the
 * constants themselves, what lies beside and between them, and NULL for columns that may be none.
 */
export function isContradiction(definition: string, isRequired: (column: string) => boolean): boolean {
  const parsed = parseSql(`SELECT ${definition.slice('CHECK '.length, definition.lastIndexOf(')') + 1)}`)
  const target = parsed.ok ? as(parsed.statements[0]?.node, 'SelectStmt')?.targetList?.[0] : undefined
  const test = as(target, 'ResTarget')?.val
  if (test === undefined) return false
  const constants = new Map<string, Set<number | string>>()
  truthOf(test, (column, values) => {
    const known = constants.get(column) ?? new Set()
    constants.set(column, known)
    for (const value of values) if (value !== null) known.add(value)
    return null
  })
  if (constants.size === 0 || constants.size > MOST_COLUMNS) return false
  let rows: ReadonlyMap<string, Value>[] = [new Map()]
  for (const [column, values] of constants) {
    const tried = [...beside([...values]), ...(isRequired(column) ? [] : [null])]
    rows = rows.flatMap((row) => tried.map((value) => new Map([...row, [column, value]])))
  }
  return rows.every((row) => truthOf(test, (column) => row.get(column) ?? null) === false)
}

/** Values of each range that the constants part all values into. */
function beside(constants: readonly (number | string)[]): Value[] {
  const texts = constants.filter((one) => typeof one === 'string')
  const numbers = constants.filter((one) => typeof one === 'number').toSorted((a, b) => a - b)
  const between = numbers.flatMap((one, at) => [one - 1, one, (one + (numbers[at + 1] ?? one + 2)) / 2])
  return [...texts, ...(texts.length === 0 ? [] : [`${texts.join('')} and more`]), ...between]
}

/** `valueOf` is given the constants that a column is compared with. */
function truthOf(node: Node | undefined, valueOf: (column: string, constants: readonly Value[]) => Value): Truth {
  const all = as(node, 'BoolExpr')
  if (all !== undefined) {
    const truths = (all.args ?? []).map((one) => truthOf(one, valueOf))
    if (all.boolop === 'NOT_EXPR') return truths[0] === null || truths[0] === undefined ? null : !truths[0]
    const decisive = all.boolop === 'OR_EXPR'
    return truths.includes(decisive) ? decisive : truths.includes(null) ? null : !decisive
  }
  const nulls = as(node, 'NullTest')
  if (nulls !== undefined) {
    const column = columnOf(nulls.arg)
    return column === null ? null : (valueOf(column, []) === null) === (nulls.nulltesttype === 'IS_NULL')
  }
  const test = as(node, 'A_Expr')
  const column = columnOf(test?.lexpr)
  if (test === undefined || column === null) return null
  const operator = stringOf(test.name?.at(-1)) ?? ''
  const list = as(bare(test.rexpr), 'A_ArrayExpr')?.elements
  const constants = (test.kind === 'AEXPR_OP' ? [test.rexpr] : (list ?? [])).map(constantOf)
  if (constants.length === 0 || constants.includes(null)) return null
  const value = valueOf(column, constants)
  const truths = constants.map((one) => compared(value, operator, one))
  if (test.kind === 'AEXPR_OP') return truths[0] ?? null
  if (test.kind === 'AEXPR_OP_ANY') return truths.includes(true) ? true : truths.includes(null) ? null : false
  if (test.kind === 'AEXPR_OP_ALL') return truths.includes(false) ? false : truths.includes(null) ? null : true
  return null
}

/** How texts are ordered depends on their collation. */
function compared(value: Value, operator: string, constant: Value): Truth {
  if (value === null || constant === null || typeof value !== typeof constant) return null
  if (operator === '=') return value === constant
  if (operator === '<>') return value !== constant
  if (typeof value === 'string') return null
  const difference = value - Number(constant)
  return { '<': difference < 0, '<=': difference <= 0, '>': difference > 0, '>=': difference >= 0 }[operator] ?? null
}

function bare(node: Node | undefined): Node | undefined {
  const cast = as(node, 'TypeCast')
  return cast === undefined ? node : bare(cast.arg)
}

function columnOf(node: Node | undefined): string | null {
  const parts = partsOf(as(bare(node), 'ColumnRef')?.fields)
  return parts.length === 1 ? (parts[0] ?? null) : null
}

/** Null for what is none: of a cast to something else than text nobody here knows what it makes of a value. */
function constantOf(node: Node | undefined): Value {
  const cast = as(node, 'TypeCast')
  const constant = as(bare(node), 'A_Const')
  const text = constant?.sval?.sval
  const type = partsOf(cast?.typeName?.names).at(-1)
  if (text !== undefined) return type === undefined || TEXTS.has(type) ? text : NUMBERS.has(type) ? Number(text) : null
  if (constant?.fval !== undefined) return Number(constant.fval.fval)
  return constant?.ival === undefined ? null : (constant.ival.ival ?? 0)
}

const TEXTS = new Set(['text', 'varchar', 'bpchar'])
const NUMBERS = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'])
