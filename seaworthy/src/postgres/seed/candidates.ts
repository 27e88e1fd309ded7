import { parseSql } from '../../sql/parse.ts'
import { as, type Node, partsOf, walk } from '../../sql/tree.ts'
import { likeSample, regexSample } from './pattern.ts'

/** What a constraint says of its columns: values that it names, or that lie at the border of what it allows. */
export interface Candidates {
  /** By column, or `value` for a domain. */
  readonly byColumn: ReadonlyMap<string, readonly string[]>
  /** The expression's text without `CHECK (…)`, to be asked of the server; null if it is not understood. */
  readonly expression: string | null
}

/** Reads `CHECK (…)` as the server writes it. */
export function candidatesOfCheck(definition: string): Candidates {
  const prefix = 'ALTER TABLE t ADD '
  const parsed = parseSql(`${prefix}${definition}`)
  const statement = parsed.ok ? as(parsed.statements[0]?.node, 'AlterTableStmt') : undefined
  const command = as(statement?.cmds?.[0], 'AlterTableCmd')
  const expression = as(command?.def, 'Constraint')?.raw_expr
  const byColumn = new Map<string, Set<string>>()
  const note = (column: string, values: readonly string[]): void => {
    const known = byColumn.get(column) ?? new Set<string>()
    for (const value of values) known.add(value)
    byColumn.set(column, known)
  }
  if (expression !== undefined) {
    walk(expression, 'ColumnRef', (reference) => note(partsOf(reference.fields).at(-1) ?? '', []))
    walk(expression, 'A_Expr', (operation) => noteOperation(operation, note))
  }
  return {
    byColumn: new Map([...byColumn].map(([column, values]) => [column, [...values]])),
    expression: expression === undefined ? null : insideOf(definition),
  }
}

/** `CHECK ((x > 0)) NOT VALID` → `(x > 0)`. The server always writes the parentheses. */
function insideOf(definition: string): string | null {
  const start = definition.indexOf('(')
  const end = definition.lastIndexOf(')')
  return start < 0 || end < start ? null : definition.slice(start + 1, end)
}

/** String constants of an expression, such as a default. */
export function constantsOf(expression: string): string[] {
  const parsed = parseSql(`SELECT ${expression}`)
  if (!parsed.ok) return []
  const found: string[] = []
  // A call such as nextval('seq') names no value of the column.
  let isComputed = false
  walk(parsed.statements[0]?.node, 'FuncCall', () => {
    isComputed = true
  })
  if (isComputed) return []
  walk(parsed.statements[0]?.node, 'A_Const', (constant) => {
    const text = textOf(constant)
    if (text !== null) found.push(text)
  })
  return found
}

type Operation = NonNullable<ReturnType<typeof as<'A_Expr'>>>
type Constant = NonNullable<ReturnType<typeof as<'A_Const'>>>
type Note = (column: string, values: readonly string[]) => void

function noteOperation(operation: Operation, note: Note): void {
  const name = partsOf(operation.name).at(-1) ?? ''
  const [left, right] = [targetOf(operation.lexpr), targetOf(operation.rexpr)]
  const target = left ?? right
  if (target === null) return
  const constants = left === null ? constantsIn(operation.lexpr) : constantsIn(operation.rexpr)
  for (const constant of constants) note(target.column, valuesFor(target.through, name, constant))
}

/** A column, with what is asked of it: its value, its length, the type of its JSON. */
function targetOf(node: Node | undefined): { column: string; through: string } | null {
  const reference = as(node, 'ColumnRef')
  if (reference !== undefined) return { column: partsOf(reference.fields).at(-1) ?? '', through: 'value' }
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return targetOf(cast.arg)
  const collate = as(node, 'CollateClause')
  if (collate !== undefined) return targetOf(collate.arg)
  const coalesce = as(node, 'CoalesceExpr')
  if (coalesce !== undefined) return targetOf(coalesce.args?.[0])
  const call = as(node, 'FuncCall')
  if (call === undefined) return null
  const through = partsOf(call.funcname).at(-1) ?? ''
  for (const argument of call.args ?? []) {
    const target = targetOf(argument)
    if (target !== null) return { column: target.column, through }
  }
  return null
}

/** The constants of one side: itself, or those of an array or a list. */
function constantsIn(node: Node | undefined): string[] {
  const constant = as(node, 'A_Const')
  if (constant !== undefined) {
    const text = textOf(constant)
    return text === null ? [] : text.startsWith('{') && text.endsWith('}') ? [text, ...arrayItems(text)] : [text]
  }
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return constantsIn(cast.arg)
  const list = as(node, 'List')?.items ?? as(node, 'A_ArrayExpr')?.elements
  if (list !== undefined) return list.flatMap(constantsIn)
  const minus = as(node, 'A_Expr')
  if (minus?.lexpr === undefined && partsOf(minus?.name).at(-1) === '-') {
    return constantsIn(minus?.rexpr).map((text) => `-${text}`)
  }
  return []
}

const arrayItems = (text: string): string[] =>
  text
    .slice(1, -1)
    .split(',')
    .map((item) => item.replace(/^"(.*)"$/, '$1'))

function textOf(constant: Constant): string | null {
  if (constant.sval !== undefined) return constant.sval.sval ?? ''
  if (constant.ival !== undefined) return String(constant.ival.ival ?? 0)
  if (constant.fval !== undefined) return constant.fval.fval ?? null
  if (constant.boolval !== undefined) return String(constant.boolval.boolval ?? false)
  return null
}

const LENGTHS: ReadonlySet<string> = new Set(['length', 'char_length', 'character_length', 'octet_length'])
const JSON_SAMPLES: Readonly<Record<string, readonly string[]>> = {
  object: ['{}', '{"a": 1}'],
  array: ['[]', '[1]'],
  string: ['"a"'],
  number: ['1'],
  boolean: ['true'],
  null: ['null'],
}
const MOST_CHARACTERS = 4_000
const VARIANTS = 12

function valuesFor(through: string, operator: string, constant: string): string[] {
  if (LENGTHS.has(through)) return lengths(Number(constant))
  if (through === 'jsonb_typeof' || through === 'json_typeof') return [...(JSON_SAMPLES[constant] ?? [])]
  if (through === 'cardinality' || through === 'array_length') return arraysOf(Number(constant))
  if (operator === '~' || operator === '~*') {
    const samples = Array.from({ length: VARIANTS }, (_, variant) => regexSample(constant, variant))
    return samples.filter((sample) => sample !== null)
  }
  if (operator === '~~' || operator === '~~*') return [likeSample(constant)]
  return [constant, ...neighbours(constant)]
}

function lengths(length: number): string[] {
  if (!Number.isInteger(length)) return []
  return [length, length + 1, length - 1]
    .filter((count) => count >= 0 && count <= MOST_CHARACTERS)
    .map((count) =>
      'Abc '
        .repeat(count / 4 + 1)
        .slice(0, count)
        .replace(/ $/, 'x'),
    )
}

const arraysOf = (length: number): string[] =>
  [length, length + 1, length - 1]
    .filter((count) => count >= 0 && count < 20)
    .map((count) => `{${Array.from({ length: count }, () => '1').join(',')}}`)

/** The values just below and above a bound: of a number, of a day. */
function neighbours(constant: string): string[] {
  if (/^-?\d{1,15}$/.test(constant)) return [String(Number(constant) + 1), String(Number(constant) - 1)]
  if (/^-?\d{1,12}\.\d{1,6}$/.test(constant)) return [String(Number(constant) + 1), String(Number(constant) - 1)]
  const date = /^(\d{4}-\d\d-\d\d)(.*)$/.exec(constant)
  if (date === null) return []
  return [1, -1].map((days) => `${dayAfter(date[1] ?? '', days)}${date[2] ?? ''}`)
}

/** A text as bytea prints its bytes; what already is printed so stays. */
export const bytesOf = (text: string): string =>
  text.startsWith('\\x') ? text : `\\x${Buffer.from(text).toString('hex')}`

/** Another day, that many later; the same text if it is no day. */
export function dayAfter(text: string, days: number): string {
  const moment = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(moment) ? text : new Date(moment + days * 86_400_000).toISOString().slice(0, 10)
}
