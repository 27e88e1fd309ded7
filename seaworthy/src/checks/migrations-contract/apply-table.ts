import {
  type AlterTableCmd,
  as,
  type ColumnDef,
  commandsOf,
  type Constraint,
  type Node,
  type NodeOf,
  partsOf,
  rangeParts,
  stringOf,
  typeText,
} from '../../sql/tree.ts'
import {
  type Column,
  columnOf,
  isInUnknownSchema,
  makesNew,
  objectKey,
  qualify,
  type SchemaState,
  type Session,
  type Table,
  type TableConstraint,
  TEMPORARY,
} from './state.ts'

const SERIAL = new Set(['serial', 'serial4', 'bigserial', 'serial8', 'smallserial', 'serial2'])

/** Whether a column's type makes a sequence of its own and fills every row from it. */
export const isSerial = (definition: ColumnDef | undefined): boolean => SERIAL.has(typeText(definition?.typeName) ?? '')

/** The constraints that are written with a column. */
export function columnConstraints(definition: ColumnDef | undefined): Constraint[] {
  const constraints: Constraint[] = []
  for (const node of definition?.constraints ?? []) {
    const constraint = as(node, 'Constraint')
    if (constraint !== undefined) constraints.push(constraint)
  }
  return constraints
}

const KINDS: Readonly<Record<string, TableConstraint['kind']>> = {
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'foreign',
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primary',
  CONSTR_EXCLUSION: 'exclude',
  CONSTR_NOTNULL: 'not-null',
}
const SUFFIX: Readonly<Record<TableConstraint['kind'], string>> = {
  check: 'check',
  foreign: 'fkey',
  unique: 'key',
  primary: 'pkey',
  exclude: 'excl',
  'not-null': 'not_null',
}

/** The column that a `CHECK (column IS NOT NULL)` guards; null for any other expression. */
function guardedColumn(expression: Node | undefined): string | null {
  const test = as(expression, 'NullTest')
  if (test?.nulltesttype !== 'IS_NOT_NULL') return null
  const fields = as(test.arg, 'ColumnRef')?.fields ?? []
  return fields.length === 1 ? stringOf(fields[0]) : null
}

function constraintOf(name: string, constraint: Constraint, column: string | null): TableConstraint | null {
  const kind = KINDS[constraint.contype ?? '']
  if (kind === undefined) return null
  const keys = kind === 'foreign' ? constraint.fk_attrs : constraint.keys
  const columns = column === null ? partsOf(keys) : [column]
  const table = name.slice(name.indexOf('.') + 1)
  const middle = kind === 'primary' || columns.length === 0 ? '' : `_${columns.join('_')}`
  return {
    name: constraint.conname ?? `${table}${middle}_${SUFFIX[kind]}`,
    kind,
    columns,
    isValid: constraint.skip_validation !== true,
    guards: kind === 'check' ? guardedColumn(constraint.raw_expr) : kind === 'not-null' ? (columns[0] ?? null) : null,
  }
}

function addColumn(state: SchemaState, name: string, table: Table, definition: ColumnDef, isNew: boolean): void {
  const column = definition.colname ?? ''
  const constraints = columnConstraints(definition)
  const serial = isSerial(definition)
  const isIdentity = constraints.some((one) => one.contype === 'CONSTR_IDENTITY')
  if (serial || isIdentity) state.objects[objectKey('sequence', `${name}_${column}_seq`)] ??= { isNew }
  if (table.isNew || columnOf(table, column) !== undefined) return
  const has = (type: string): boolean => constraints.some((one) => one.contype === type)
  table.columns.push({
    name: column,
    type: typeText(definition.typeName),
    isNotNull: serial || isIdentity || has('CONSTR_NOTNULL') || has('CONSTR_PRIMARY'),
    hasDefault: serial || isIdentity || has('CONSTR_DEFAULT') || has('CONSTR_GENERATED'),
    isIdentity,
    isGenerated: has('CONSTR_GENERATED'),
    isNew,
  })
  for (const constraint of constraints) {
    const built = constraintOf(name, constraint, column)
    if (built !== null && built.kind !== 'not-null') addConstraint(state, name, table, built, isNew)
  }
}

function addConstraint(state: SchemaState, name: string, table: Table, built: TableConstraint, isNew: boolean): void {
  table.constraints.push(built)
  if (built.kind === 'unique' || built.kind === 'primary' || built.kind === 'exclude') {
    state.indexes[`${name.slice(0, name.indexOf('.'))}.${built.name}`] ??= { table: name, isNew, isUnique: true }
  }
  if (built.kind !== 'primary') return
  for (const column of table.columns) if (built.columns.includes(column.name)) column.isNotNull = true
}

/** CREATE TABLE. What is known already stays as it is: an existing table never becomes a new one. */
export function createTable(state: SchemaState, session: Session, node: NodeOf<'CreateStmt'>): void {
  const parts = rangeParts(node.relation)
  const isTemporary = node.relation?.relpersistence === 't'
  if (isTemporary && session.isPending && !session.isCertain) return
  if (isTemporary) session.temporary.add(parts.at(-1) ?? '')
  if (isTemporary && node.oncommit === 'ONCOMMIT_DROP')
    session.dropOnCommit.set(parts.at(-1) ?? '', session.transaction)
  const name = isTemporary ? `${TEMPORARY}.${parts.at(-1) ?? ''}` : qualify(session, parts)
  if (isTemporary) delete state.tables[name]
  // What is live somewhere, nobody knows where: then IF NOT EXISTS cannot tell any more.
  if (!session.isPending && isInUnknownSchema(name)) state.isComplete = false
  if (state.tables[name] !== undefined || isInUnknownSchema(name)) return
  const isCertainlyNew = state.isComplete || node.if_not_exists !== true
  const isNew = isTemporary || (makesNew(session) && isCertainlyNew)
  const root = node.partspec === undefined ? {} : { isPartitioned: true as const }
  const table: Table = { isNew, ...root, columns: [], constraints: [], dropped: [] }
  state.tables[name] = table
  for (const element of node.tableElts ?? []) {
    const definition = as(element, 'ColumnDef')
    if (definition !== undefined) addColumn(state, name, table, definition, isNew)
  }
  if (isNew) return
  for (const element of node.tableElts ?? []) {
    const built = constraintOf(name, as(element, 'Constraint') ?? {}, null)
    if (built !== null) addConstraint(state, name, table, built, isNew)
  }
}

/** ALTER TABLE, all its commands. Of a table that is not known, nothing is learned. */
export function alterTable(state: SchemaState, session: Session, node: NodeOf<'AlterTableStmt'>): void {
  const name = qualify(session, rangeParts(node.relation))
  const table = state.tables[name]
  if (table === undefined) return
  for (const command of commandsOf(node.cmds)) alter(state, session, { name, table, command })
}

/** All that a command which may not run is taken to do: what is there may be in the way, what is gone may be there. */
const ADDS: ReadonlySet<string> = new Set(['AT_AddColumn', 'AT_AddConstraint'])

interface Altered {
  readonly name: string
  readonly table: Table
  readonly command: AlterTableCmd
}

function alter(state: SchemaState, session: Session, { name, table, command }: Altered): void {
  if (session.isPending && !session.isCertain && !ADDS.has(command.subtype ?? '')) return
  const column = columnOf(table, command.name)
  switch (command.subtype) {
    case 'AT_AddColumn': {
      const definition = as(command.def, 'ColumnDef')
      if (definition === undefined) return
      addColumn(state, name, table, definition, makesNew(session))
      if (table.dropped.length > 0) table.dropped = table.dropped.filter((one) => one.name !== definition.colname)
      return
    }
    case 'AT_DropColumn':
      table.columns = table.columns.filter((one) => one !== column)
      table.constraints = table.constraints.filter((one) => !one.columns.includes(command.name ?? ''))
      table.dropped.push({ name: command.name ?? '', file: session.file })
      return
    case 'AT_AddConstraint': {
      const built = table.isNew ? null : constraintOf(name, as(command.def, 'Constraint') ?? {}, null)
      if (built === null) return
      addConstraint(
        state,
        name,
        table,
        session.isPending && !session.isCertain ? { ...built, guards: null } : built,
        makesNew(session),
      )
      if (built.kind === 'not-null' && built.isValid && session.isCertain) {
        for (const one of table.columns) if (built.columns.includes(one.name)) one.isNotNull = true
      }
      if (!built.isValid) session.notValidSince.set(`${name} ${built.name}`, session.transaction)
      return
    }
    case 'AT_DropConstraint':
      table.constraints = table.constraints.filter((one) => one.name !== command.name)
      return
    case 'AT_ValidateConstraint':
      for (const one of table.constraints) if (one.name === command.name) one.isValid = true
      return
    default:
      if (column !== undefined) alterColumn(column, command)
  }
}

function alterColumn(column: Column, command: AlterTableCmd): void {
  switch (command.subtype) {
    case 'AT_AlterColumnType':
      column.type = typeText(as(command.def, 'ColumnDef')?.typeName)
      return
    case 'AT_SetNotNull':
      column.isNotNull = true
      return
    case 'AT_DropNotNull':
      column.isNotNull = false
      return
    case 'AT_ColumnDefault':
      column.hasDefault = command.def !== undefined
      return
    case 'AT_AddIdentity':
      column.isIdentity = true
      column.hasDefault = true
      return
    case 'AT_DropIdentity':
      column.isIdentity = false
      column.hasDefault = false
      return
    case 'AT_DropExpression':
      column.isGenerated = false
      column.hasDefault = false
      return
    default:
  }
}
