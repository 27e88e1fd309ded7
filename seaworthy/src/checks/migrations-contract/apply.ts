import {
  as,
  kindOf,
  commandsOf,
  type Node,
  type NodeKind,
  type NodeOf,
  optionOf,
  partsOf,
  rangeParts,
  stringOf,
  typeText,
} from '../../sql/tree.ts'
import { alterTable, createTable } from './apply-table.ts'
import { dropObjects, moveToSchema, renameObject } from './apply-names.ts'
import {
  forgetWhatIsNew,
  isInUnknownSchema,
  makesNew,
  objectKey,
  type ObjectSort,
  qualify,
  type Routine,
  type SchemaState,
  type Session,
  TEMPORARY,
} from './state.ts'

type Apply<K extends NodeKind> = (state: SchemaState, session: Session, node: NodeOf<K>, text: string) => void

const addObject = (state: SchemaState, session: Session, sort: ObjectSort, name: string, isOptional = false): void => {
  if (isInUnknownSchema(name)) return
  state.objects[objectKey(sort, name)] ??= { isNew: makesNew(session) && (state.isComplete || !isOptional) }
}

const addType = (state: SchemaState, session: Session, names: readonly Node[] | undefined): void =>
  addObject(state, session, 'type', qualify(session, partsOf(names)))

/** What the columns of a view are called; null where the query does not say. */
export function viewColumns(query: Node | undefined, aliases: readonly Node[] | undefined): string[] | null {
  if ((aliases ?? []).length > 0) return partsOf(aliases)
  let select = as(query, 'SelectStmt')
  while (select?.larg !== undefined) select = select.larg
  if (select?.targetList === undefined) return null
  const names: string[] = []
  for (const node of select.targetList) {
    const target = as(node, 'ResTarget')
    const last = as(target?.val, 'ColumnRef')?.fields?.at(-1)
    const name = target?.name ?? stringOf(last)
    if (name === null) return null
    names.push(name)
  }
  return names
}

/** The types by which a routine is told from its namesakes: those of its input arguments. */
export const routineArguments = (parameters: readonly Node[] | undefined): string[] =>
  (parameters ?? [])
    .flatMap((node) => as(node, 'FunctionParameter') ?? [])
    .filter((one) => one.mode !== 'FUNC_PARAM_OUT' && one.mode !== 'FUNC_PARAM_TABLE')
    .map((one) => typeText(one.argType) ?? '?')

export function routineOf(node: NodeOf<'CreateFunctionStmt'>, text: string, isNew: boolean): Routine {
  const returned = node.returnType
  return {
    args: routineArguments(node.parameters),
    returns: returned === undefined ? null : `${returned.setof === true ? 'setof ' : ''}${typeText(returned) ?? '?'}`,
    isNew,
    language: (stringOf(optionOf(node.options, 'language')?.arg) ?? 'sql').toLowerCase(),
    text,
    body: partsOf(as(optionOf(node.options, 'as')?.arg, 'List')?.items)[0] ?? '',
    isVolatile: !['immutable', 'stable'].includes(stringOf(optionOf(node.options, 'volatility')?.arg) ?? 'volatile'),
  }
}

function createRoutine(state: SchemaState, session: Session, node: NodeOf<'CreateFunctionStmt'>, text: string): void {
  const name = qualify(session, partsOf(node.funcname))
  if (isInUnknownSchema(name)) return
  const known = (state.routines[name] ??= [])
  const made = routineOf(node, text, makesNew(session))
  const at = known.findIndex((one) => one.args.join() === made.args.join())
  if (at === -1) known.push(made)
  else known[at] = { ...made, isNew: known[at]?.isNew ?? false }
}

function createIndex(state: SchemaState, session: Session, node: NodeOf<'IndexStmt'>): void {
  const table = qualify(session, rangeParts(node.relation))
  const columns = (node.indexParams ?? []).map((one) => as(one, 'IndexElem')?.name ?? 'expr')
  const own = node.idxname ?? `${table.slice(table.indexOf('.') + 1)}_${columns.join('_')}_idx`
  const name = `${table.slice(0, table.indexOf('.'))}.${own}`
  state.indexes[name] ??= { table, isNew: makesNew(session), isUnique: node.unique === true }
}

function createView(state: SchemaState, session: Session, node: NodeOf<'ViewStmt'>): void {
  const name = qualify(session, rangeParts(node.view))
  if (isInUnknownSchema(name)) return
  const isNew = state.views[name]?.isNew ?? makesNew(session)
  state.views[name] = { isNew, columns: viewColumns(node.query, node.aliases) }
}

function createFromQuery(state: SchemaState, session: Session, node: NodeOf<'CreateTableAsStmt'>): void {
  const range = node.into?.rel
  if (node.objtype === 'OBJECT_MATVIEW') {
    addObject(state, session, 'materialized view', qualify(session, rangeParts(range)), node.if_not_exists === true)
    return
  }
  createTable(state, session, {
    ...(range === undefined ? {} : { relation: range }),
    ...(node.if_not_exists === true ? { if_not_exists: true } : {}),
    ...(node.into?.onCommit === undefined ? {} : { oncommit: node.into.onCommit }),
  })
}

function selectInto(state: SchemaState, session: Session, node: NodeOf<'SelectStmt'>): void {
  const range = node.intoClause?.rel
  if (range !== undefined) createTable(state, session, { relation: range })
}

/** Whether a schema is there for certain: one that is not is left out of the search path without a word. */
const isThere = (state: SchemaState, schema: string): boolean =>
  state.objects[objectKey('schema', schema)] !== undefined ||
  Object.entries(state.tables).some(([name, table]) => !table.isNew && name.startsWith(`${schema}.`))

function setVariable(state: SchemaState, session: Session, node: NodeOf<'VariableSetStmt'>): void {
  if (node.kind === 'VAR_RESET_ALL') {
    session.defaultSchema = null
    return
  }
  if (node.name !== 'search_path') return
  session.pathUntil = node.is_local === true ? session.transaction : null
  if (!session.isCertain) {
    session.defaultSchema = null
    session.temporary.clear()
    return
  }
  if (node.kind !== 'VAR_SET_VALUE') {
    session.defaultSchema = 'public'
    return
  }
  const path = (node.args ?? []).map((one) => as(one, 'A_Const')?.sval?.sval)
  // A path that names pg_temp may look there last: a temporary table then hides nothing.
  if (path.includes(TEMPORARY)) session.temporary.clear()
  const first = path.find((one) => one !== '$user')
  const others = path.filter((one) => one !== '$user').length - 1
  if (session.isPending && others > 0 && first !== undefined && first !== TEMPORARY && !isThere(state, first)) {
    state.isComplete = false
  }
  session.defaultSchema = first === undefined || first === '' ? null : first
}

function createSchema(state: SchemaState, session: Session, node: NodeOf<'CreateSchemaStmt'>): void {
  const name = node.schemaname ?? node.authrole?.rolename ?? '?'
  addObject(state, session, 'schema', name, node.if_not_exists === true)
  const before = session.defaultSchema
  session.defaultSchema = name
  for (const element of node.schemaElts ?? []) applyNode(state, session, element, '')
  session.defaultSchema = before
}

function endTransaction(state: SchemaState, session: Session, node: NodeOf<'TransactionStmt'>): void {
  if (node.kind?.startsWith('TRANS_STMT_ROLLBACK') === true) forgetWhatIsNew(state, session)
}

function discard(state: SchemaState, session: Session, node: NodeOf<'DiscardStmt'>): void {
  if (node.target === 'DISCARD_ALL' || node.target === 'DISCARD_TEMP') forgetWhatIsNew(state, session)
}

const APPLY: { readonly [K in NodeKind]?: Apply<K> } = {
  CreateStmt: createTable,
  AlterTableStmt: (state, session, node) => {
    if (commandsOf(node.cmds).length > 0) alterTable(state, session, node)
  },
  IndexStmt: createIndex,
  ViewStmt: createView,
  CreateTableAsStmt: createFromQuery,
  SelectStmt: selectInto,
  CreateFunctionStmt: createRoutine,
  CreateSchemaStmt: createSchema,
  CreateEnumStmt: (state, session, node) => addType(state, session, node.typeName),
  CreateRangeStmt: (state, session, node) => addType(state, session, node.typeName),
  CreateDomainStmt: (state, session, node) => addType(state, session, node.domainname),
  CompositeTypeStmt: (state, session, node) =>
    addObject(state, session, 'type', qualify(session, rangeParts(node.typevar))),
  CreateSeqStmt: (state, session, node) =>
    addObject(state, session, 'sequence', qualify(session, rangeParts(node.sequence)), node.if_not_exists === true),
  CreateExtensionStmt: (state, session, node) =>
    addObject(state, session, 'extension', node.extname ?? '', node.if_not_exists === true),
  CreateRoleStmt: (state, session, node) => addObject(state, session, 'role', node.role ?? ''),
  CreatePolicyStmt: (state, session, node) =>
    addObject(state, session, 'policy', `${qualify(session, rangeParts(node.table))}.${node.policy_name ?? ''}`),
  CreateTrigStmt: (state, session, node) =>
    addObject(state, session, 'trigger', `${qualify(session, rangeParts(node.relation))}.${node.trigname ?? ''}`),
  VariableSetStmt: setVariable,
  TransactionStmt: endTransaction,
  DiscardStmt: discard,
  RenameStmt: renameObject,
  AlterObjectSchemaStmt: moveToSchema,
  DropStmt: dropObjects,
}

/** Changes the state as the statement would change the schema. `text` is the statement's own text. */
export function applyNode(state: SchemaState, session: Session, node: Node, text: string): void {
  const kind = kindOf(node)
  if (!(kind in APPLY)) return
  // The table above is typed by kind; the node's one key is that kind.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const apply = APPLY[kind as NodeKind] as Apply<NodeKind> | undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  apply?.(state, session, as(node, kind as NodeKind) as NodeOf<NodeKind>, text)
}
