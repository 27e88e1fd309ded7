import { type NodeOf, objectParts, as, type ObjectType, rangeParts, typeText } from '../../sql/tree.ts'
import { columnOf, objectKey, type ObjectSort, qualify, type SchemaState, type Session, TEMPORARY } from './state.ts'

/** The sorts that are filed under `objects`, by the grammar's word. */
export const SORT_OF: Partial<Record<ObjectType, ObjectSort>> = {
  OBJECT_SCHEMA: 'schema',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'type',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_POLICY: 'policy',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_EXTENSION: 'extension',
  OBJECT_ROLE: 'role',
}

/** A policy or a trigger is named by its table and its own name; schemas, extensions and roles have no schema. */
export function objectName(session: Session, sort: ObjectSort, parts: readonly string[]): string {
  if (sort === 'policy' || sort === 'trigger') return `${qualify(session, parts.slice(0, -1))}.${parts.at(-1) ?? ''}`
  if (sort === 'schema' || sort === 'extension' || sort === 'role') return parts.at(-1) ?? ''
  return qualify(session, parts)
}

function move<T>(from: Record<string, T>, before: string, after: string): void {
  const value = from[before]
  if (value === undefined) return
  delete from[before]
  from[after] ??= value
}

function moveTable(state: SchemaState, before: string, after: string): void {
  move(state.tables, before, after)
  for (const [name, index] of Object.entries(state.indexes)) {
    if (index.table === before) state.indexes[name] = { ...index, table: after }
  }
}

const inSchemaOf = (name: string, own: string): string => `${name.slice(0, name.indexOf('.'))}.${own}`

/** ALTER … RENAME. */
export function renameObject(state: SchemaState, session: Session, node: NodeOf<'RenameStmt'>): void {
  if (session.isPending && !session.isCertain) return
  const target = node.newname ?? ''
  const relation = qualify(session, rangeParts(node.relation))
  const table = state.tables[relation]
  switch (node.renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
      moveTable(state, relation, inSchemaOf(relation, target))
      return
    case 'OBJECT_VIEW':
      move(state.views, relation, inSchemaOf(relation, target))
      return
    case 'OBJECT_INDEX':
      // The server takes a table here too.
      if (state.indexes[relation] === undefined) moveTable(state, relation, inSchemaOf(relation, target))
      move(state.indexes, relation, inSchemaOf(relation, target))
      return
    case 'OBJECT_COLUMN': {
      if (table === undefined || node.subname === undefined) return
      const column = columnOf(table, node.subname)
      table.columns = table.columns.map((one) => (one === column ? { ...one, name: target } : one))
      table.dropped = table.dropped.filter((one) => one.name !== target)
      table.dropped.push({ name: node.subname, file: session.file })
      return
    }
    case 'OBJECT_TABCONSTRAINT':
      for (const one of table?.constraints ?? []) if (one.name === node.subname) one.name = target
      return
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_MATVIEW': {
      const sort = SORT_OF[node.renameType] ?? 'sequence'
      move(state.objects, objectKey(sort, relation), objectKey(sort, inSchemaOf(relation, target)))
      return
    }
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const name = qualify(session, objectParts(node.object))
      move(state.objects, objectKey('type', name), objectKey('type', inSchemaOf(name, target)))
      return
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE': {
      const name = qualify(session, objectParts(node.object))
      move(state.routines, name, inSchemaOf(name, target))
      return
    }
    case 'OBJECT_SCHEMA':
      moveSchema(state, node.subname ?? '', target)
      return
    default:
  }
}

function moveSchema(state: SchemaState, before: string, after: string): void {
  for (const name of Object.keys(state.tables)) {
    if (name.startsWith(`${before}.`)) moveTable(state, name, `${after}.${name.slice(before.length + 1)}`)
  }
  move(state.objects, objectKey('schema', before), objectKey('schema', after))
}

/** ALTER … SET SCHEMA. */
export function moveToSchema(state: SchemaState, session: Session, node: NodeOf<'AlterObjectSchemaStmt'>): void {
  if (node.relation === undefined || (session.isPending && !session.isCertain)) return
  const before = qualify(session, rangeParts(node.relation))
  const after = `${node.newschema ?? ''}.${before.slice(before.indexOf('.') + 1)}`
  moveTable(state, before, after)
  move(state.views, before, after)
}

/** DROP. What depended on it is not tracked: to know less only makes later judgements stricter. */
export function dropObjects(state: SchemaState, session: Session, node: NodeOf<'DropStmt'>): void {
  if (session.isPending && !session.isCertain) return
  const type = node.removeType
  for (const object of node.objects ?? []) {
    const parts = objectParts(object)
    const sort = type === undefined ? undefined : SORT_OF[type]
    if (sort !== undefined) delete state.objects[objectKey(sort, objectName(session, sort, parts))]
    const name = qualify(session, parts)
    if (type === 'OBJECT_TABLE' || type === 'OBJECT_FOREIGN_TABLE') dropTable(state, session, name)
    else if (type === 'OBJECT_VIEW') delete state.views[name]
    else if (type === 'OBJECT_INDEX') delete state.indexes[name]
    else if (type === 'OBJECT_SCHEMA') dropSchema(state, parts.at(-1) ?? '')
    else if (type === 'OBJECT_FUNCTION' || type === 'OBJECT_PROCEDURE' || type === 'OBJECT_ROUTINE') {
      const callable = as(object, 'ObjectWithArgs')
      const args = (callable?.objargs ?? []).map((one) => typeText(as(one, 'TypeName')) ?? '?').join()
      const rest = (state.routines[name] ?? []).filter(
        (one) => callable?.args_unspecified !== true && one.args.join() !== args,
      )
      if (rest.length === 0) delete state.routines[name]
      else state.routines[name] = rest
    }
  }
}

function dropTable(state: SchemaState, session: Session, name: string): void {
  delete state.tables[name]
  if (name.startsWith(`${TEMPORARY}.`)) session.temporary.delete(name.slice(name.indexOf('.') + 1))
  for (const [index, one] of Object.entries(state.indexes)) if (one.table === name) delete state.indexes[index]
}

function dropSchema(state: SchemaState, schema: string): void {
  for (const group of [state.tables, state.views, state.indexes, state.routines]) {
    for (const name of Object.keys(group)) if (name.startsWith(`${schema}.`)) delete group[name]
  }
}
