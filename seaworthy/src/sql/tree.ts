import type { AlterTableCmd, AlterTableType, DefElem, Node, RangeVar, TypeName } from 'libpg-query'

export type {
  AlterTableCmd,
  AlterTableType,
  ColumnDef,
  Constraint,
  CreateFunctionStmt,
  DefElem,
  DeleteStmt,
  DropStmt,
  FuncCall,
  Node,
  ObjectType,
  RangeVar,
  RenameStmt,
  RoleSpec,
  SelectStmt,
  TypeName,
  UpdateStmt,
} from 'libpg-query'

type KeysOf<T> = T extends unknown ? keyof T : never

/** Every name that the grammar has for a node, such as `AlterTableStmt`. */
export type NodeKind = KeysOf<Node>
/** What stands under that name. */
export type NodeOf<K extends NodeKind> =
  Extract<Node, { readonly [P in K]: unknown }> extends infer W ? (K extends keyof W ? W[K] : never) : never
export type CommandKind = AlterTableType

/** What stands under `kind` if the node is of that kind; undefined otherwise. */
export function as<K extends NodeKind>(node: Node | undefined, kind: K): NodeOf<K> | undefined {
  // The one key of a node names its shape: that is how the grammar's JSON is written.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (node as unknown as Readonly<Record<K, NodeOf<K>>> | undefined)?.[kind]
}

/** The name of a node's shape. */
export function kindOf(node: Node): string {
  for (const kind in node) return kind
  return ''
}

/** The text of a String node, or null. */
export const stringOf = (node: Node | undefined): string | null => as(node, 'String')?.sval ?? null

/** The parts of a dotted name that is written as a list of strings: `a.b` → `['a', 'b']`. */
export function partsOf(nodes: readonly Node[] | undefined): string[] {
  const parts: string[] = []
  if (nodes === undefined) return parts
  for (const node of nodes) {
    const text = as(node, 'String')?.sval
    if (text !== undefined) parts.push(text)
  }
  return parts
}

/** The parts of a name as DROP, COMMENT and ALTER … OWNER write it, whatever sort of object it is. */
export function objectParts(node: Node | undefined): string[] {
  const list = as(node, 'List')
  if (list !== undefined) return partsOf(list.items)
  const callable = as(node, 'ObjectWithArgs')
  if (callable !== undefined) return partsOf(callable.objname)
  const type = as(node, 'TypeName')
  if (type !== undefined) return partsOf(type.names)
  const one = stringOf(node)
  return one === null ? [] : [one]
}

export const rangeParts = (range: RangeVar | undefined): string[] =>
  range?.relname === undefined
    ? []
    : range.schemaname === undefined
      ? [range.relname]
      : [range.schemaname, range.relname]

/** A type in one spelling: `varchar(20)`, `numeric(10,2)`, `int4[]`, `app.mood`. */
export function typeText(type: TypeName | undefined): string | null {
  if (type === undefined) return null
  const names = partsOf(type.names)
  const name = (names.length === 1 ? names[0] : (names[0] === 'pg_catalog' ? names.slice(1) : names).join('.')) ?? ''
  if (name === '') return null
  if (type.typmods === undefined && type.arrayBounds === undefined) return name
  const args = (type.typmods ?? []).map((node) => as(node, 'A_Const')?.ival?.ival ?? 0)
  // The grammar writes an interval without fields but with a precision as two numbers, of which the first means "all".
  const shown = name === 'interval' && args.length === 2 ? args.slice(1) : args
  const text = shown.length === 0 ? name : `${name}(${shown.join(',')})`
  return (type.arrayBounds ?? []).length > 0 ? `${text}[]` : text
}

/** An option such as `WITH (name = …)`, `FULL`, `CONCURRENTLY`, by its name. */
export const optionOf = (options: readonly Node[] | undefined, name: string): DefElem | undefined =>
  options?.map((node) => as(node, 'DefElem')).find((option) => option?.defname === name)

/** Whether an option is set: present without a value, or with one that is not off. */
export function isOptionOn(options: readonly Node[] | undefined, name: string): boolean {
  const option = optionOf(options, name)
  if (option === undefined) return false
  if (option.arg === undefined) return true
  const word = stringOf(option.arg)?.toLowerCase()
  if (word !== undefined) return !['false', 'off', '0', 'no'].includes(word)
  const boolean = as(option.arg, 'Boolean')
  if (boolean !== undefined) return boolean.boolval === true
  const integer = as(option.arg, 'Integer')
  return integer === undefined || (integer.ival ?? 0) !== 0
}

/** The commands of an ALTER TABLE. */
export function commandsOf(nodes: readonly Node[] | undefined): AlterTableCmd[] {
  const commands: AlterTableCmd[] = []
  for (const node of nodes ?? []) {
    const command = as(node, 'AlterTableCmd')
    if (command !== undefined) commands.push(command)
  }
  return commands
}

/** Calls `visit` for every node of one kind below a value, in the order of the text. */
export function walk<K extends NodeKind>(value: unknown, kind: K, visit: (node: NodeOf<K>) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, kind, visit)
    return
  }
  if (typeof value !== 'object' || value === null) return
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- pairs of Object.entries for each node take twice the time
  const members = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(members)) {
    const member = members[key]
    if (typeof member !== 'object' || member === null) continue
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key names the shape, as in `as`
    if (key === kind) visit(member as NodeOf<K>)
    walk(member, kind, visit)
  }
}

const PLAIN = /^[a-z_][a-z0-9_$]*$/

/** A name as SQL writes it: quoted only where it has to be. Only for messages and hints, never for SQL that is run. */
export const quoteName = (name: string): string => (PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`)
