import { parseSql } from '../../sql/parse.ts'
import { as, partsOf, stringOf, walk } from '../../sql/tree.ts'
import { nameParts, quotedName, quotedQualified, quotedText } from '../../sql/identifier.ts'
import type { Origin } from './names.ts'
import type { Column, Schema, Table } from './schema.ts'
import { isWidening } from './derive/types.ts'

/** A table of production as the release will see it, or why there is no such thing to ask. */
export type Source =
  | { readonly from: string }
  /** The values come from the release itself. */
  | { readonly settled: string }
  | { readonly unaskable: string }

/** What a source is made from. */
export interface SourceInput {
  readonly table: Table
  readonly origin: Origin
  /** Production's catalogue, and the one that the question is about. */
  readonly before: Schema
  readonly after: Schema
  readonly isWritten: boolean
}

/**
 * The table in a form in which a text of the new catalogue can be evaluated against production: renamed columns under
 * their new names, new ones as the expression or constant that they will hold.
 */
export function sourceOf(input: SourceInput, columns: readonly string[]): Source {
  const { table, origin } = input
  const wanted = new Set(columns)
  const computed = new Map<string, string>()
  for (const name of columns) {
    const column = table.columns.get(name)
    if (column?.generated === null || column === undefined || origin.columns.has(name)) continue
    for (const one of columnsOf(column.generated, table) ?? []) wanted.add(one)
    computed.set(name, column.generated)
    wanted.delete(name)
  }
  const values: string[] = []
  let isPlain = computed.size === 0 && nameParts(origin.table).at(-1) === nameParts(table.name).at(-1)
  for (const name of wanted) {
    const value = valueOf(input, name)
    if (typeof value !== 'string') return value
    const isSame = value === quotedName(name)
    isPlain &&= isSame
    values.push(isSame ? value : `${value} AS ${quotedName(name)}`)
  }
  const alias = quotedName(nameParts(table.name).at(-1) ?? '')
  const from = quotedQualified(origin.table)
  if (isPlain) return { from }
  const inner = `(SELECT ${values.join(', ') || 'NULL'} FROM ${from}) AS ${alias}`
  if (computed.size === 0) return { from: inner }
  const more = [...computed].map(([name, expression]) => `(${expression}) AS ${quotedName(name)}`)
  return { from: `(SELECT *, ${more.join(', ')} FROM ${inner}) AS ${alias}` }
}

/** What production holds for a column of the new catalogue. */
function valueOf(input: SourceInput, name: string): string | Exclude<Source, { from: string }> {
  const { table, origin, before, after } = input
  const column = table.columns.get(name)
  if (column === undefined) return { unaskable: `it names a column ${name} that the catalogue does not list` }
  const old = origin.columns.get(name)
  const known = old === undefined ? undefined : before.tables.get(origin.table)?.columns.get(old)
  if (old === undefined || known === undefined) return newValue(column, input.isWritten)
  if (known.type === column.type) return quotedName(old)
  if (!isWidening(known.type, column.type)) {
    return { unaskable: `the release also changes the type of ${name} from ${known.type} to ${column.type}` }
  }
  const isNewType = after.types.has(column.type) && !before.types.has(column.type)
  if (isNewType) return { unaskable: `the type ${column.type} of ${name} is new` }
  return `${quotedName(old)}::${column.type}`
}

function newValue(column: Column, isWritten: boolean): string | { settled: string } {
  if (isWritten || (column.default !== null && !isConstant(column.default))) {
    return { settled: `the values of ${column.name} come from the release itself` }
  }
  return `(${column.default ?? 'NULL'})::${column.type}`
}

/** Whether a default is one value for all rows: nothing is called, nothing is read. */
function isConstant(expression: string): boolean {
  const parsed = parseSql(`SELECT ${expression}`)
  if (!parsed.ok) return false
  const [statement] = parsed.statements
  let value = as(as(statement?.node, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val
  for (let cast = as(value, 'TypeCast'); cast !== undefined; cast = as(value, 'TypeCast')) value = cast.arg
  return as(value, 'A_Const') !== undefined
}

/** The columns that an expression of the server reads, unquoted; null if it cannot be read. A whole row is all of them. */
export function columnsOf(expression: string, table: Table): string[] | null {
  const parsed = parseSql(`SELECT ${expression}`)
  if (!parsed.ok) return null
  const columns = new Set<string>()
  for (const { node } of parsed.statements) {
    walk({ node }, 'ColumnRef', ({ fields }) => {
      const name = stringOf(fields?.at(-1))
      if (name !== null && table.columns.has(name)) columns.add(name)
      else for (const one of table.columns.keys()) columns.add(one)
    })
  }
  return [...columns]
}

/** Why production cannot evaluate an expression yet: it uses something that the release makes or changes. Null if it can. */
export function newIn(expression: string, before: Schema, after: Schema): string | null {
  const parsed = parseSql(`SELECT ${expression}`)
  if (!parsed.ok) return 'its text could not be read'
  let found: string | null = null
  for (const { node } of parsed.statements) {
    walk({ node }, 'FuncCall', (call) => {
      const parts = partsOf(call.funcname)
      if (parts.length < 2 || parts[0] === 'pg_catalog') return
      if (routines(before, parts) !== routines(after, parts))
        found ??= `the release makes or changes ${parts.join('.')}`
    })
    walk({ node }, 'TypeCast', (cast) => {
      const parts = partsOf(cast.typeName?.names)
      if (parts.length < 2 || parts[0] === 'pg_catalog') return
      const name = [...after.types.keys()].find((one) => nameParts(one).join('\0') === parts.join('\0'))
      if (name === undefined) return
      const old = before.types.get(name)
      const label = as(cast.arg, 'A_Const')?.sval?.sval
      const isKnown = label === undefined || (old?.values ?? '').includes(quotedText(label))
      if (old === undefined || (old.values !== null && !isKnown)) found ??= `the release makes ${parts.join('.')}`
    })
  }
  return found
}

/** Every overload of a function, in one text. */
const routines = (schema: Schema, parts: readonly string[]): string =>
  [...schema.definitions]
    .filter(([object]) => {
      const [sort = ''] = object.split(' ', 1)
      if (!['function', 'aggregate'].includes(sort)) return false
      const name = object.slice(sort.length + 1, object.indexOf('('))
      return nameParts(name).join('\0') === parts.join('\0')
    })
    .map((entry) => entry.join('\n'))
    .toSorted()
    .join('\n')
