import { as, commandsOf, type NodeOf, rangeParts, walk } from '../../../sql/tree.ts'
import { error, type Harms } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { ownName, thingOf } from '../thing.ts'
import { tableName } from './writes.ts'

type Operation = 'update' | 'delete' | 'truncate'

/** A table of before whose rows go the way of the rows of another one: its child, or one that refers to it and cascades. */
interface Tie {
  /** By its own name. */
  readonly to: string
  readonly table: string
  readonly how: string
  readonly passes: ReadonlySet<Operation>
}

const ALL: ReadonlySet<Operation> = new Set(['update', 'delete', 'truncate'])
/** CASCADE, SET NULL, SET DEFAULT, as the grammar writes them. */
const CASCADING = new Set(['c', 'n', 'd'])

/**
 * Writes to a table of the release that reach rows of before, because the release tied the two together; also where it
 * took the tie away again, and left nothing of it in the catalogue.
 */
export function judgeTies(scene: Scene): Harms {
  const kept = scene.statements.filter((one) => !scene.undone.has(one))
  const ties = kept.flatMap((one) => {
    const found: Tie[] = []
    walk(scene.nodesOf(one), 'AlterTableStmt', (alter) => found.push(...tiesOf(alter, scene)))
    return found
  })
  if (ties.length === 0) return []
  return kept.flatMap((by) => {
    const nodes = scene.nodesOf(by)
    const written = new Set<string>()
    const add = (name: string | undefined, operation: Operation): unknown => written.add(`${operation} ${name ?? ''}`)
    walk(nodes, 'DeleteStmt', (one) => add(rangeParts(one.relation).at(-1), 'delete'))
    walk(nodes, 'UpdateStmt', (one) => add(rangeParts(one.relation).at(-1), 'update'))
    walk(nodes, 'MergeStmt', (one) => {
      add(rangeParts(one.relation).at(-1), 'update')
      add(rangeParts(one.relation).at(-1), 'delete')
    })
    walk(nodes, 'TruncateStmt', (one) => {
      for (const relation of one.relations ?? []) add(rangeParts(as(relation, 'RangeVar')).at(-1), 'truncate')
    })
    for (const event of by.events)
      if (event.kind === 'write' && event.operation !== 'insert')
        add(ownName(thingOf({ object: event.object, definition: '' })), event.operation)
    for (const { operation, object } of by.ownWrites ?? [])
      if (operation !== 'insert') add(ownName(thingOf({ object, definition: '' })), operation)
    return ties.flatMap((tie) => {
      const operation = [...tie.passes].find((one) => written.has(`${one} ${tie.to}`))
      if (operation === undefined) return []
      const isUpdate = operation === 'update'
      return error(
        isUpdate ? 'data-loss/update-rows' : 'data-loss/delete-rows',
        tableName(tie.table),
        `${isUpdate ? 'changes' : 'deletes'} rows of ${tie.table} by way of ${tie.to}, ${tie.how}`,
        {
          by,
          proof: `${operation.toUpperCase()} of ${tie.to}`,
          hint: 'Write to the rows of a table of before by its own name, and by a condition that names them.',
        },
      )
    })
  })
}

function tiesOf(alter: NodeOf<'AlterTableStmt'>, scene: Scene): Tie[] {
  const own = rangeParts(alter.relation).at(-1) ?? ''
  return commandsOf(alter.cmds).flatMap((command): Tie[] => {
    const parent = rangeParts(as(command.def, 'RangeVar')).at(-1)
    if (command.subtype === 'AT_AddInherit' && parent !== undefined)
      return tie(own, parent, 'which it inherited from', ALL, scene)
    const part = rangeParts(as(command.def, 'PartitionCmd')?.name).at(-1)
    if (command.subtype === 'AT_AttachPartition' && part !== undefined)
      return tie(part, own, 'of which it was a partition', ALL, scene)
    const column = as(command.def, 'ColumnDef')?.constraints ?? []
    return [command.def, ...column].flatMap((one) => {
      const constraint = as(one, 'Constraint')
      const to = rangeParts(constraint?.pktable).at(-1)
      if (constraint?.contype !== 'CONSTR_FOREIGN' || to === undefined) return []
      return tie(own, to, 'which it referred to with an action that cascades', passesOf(constraint), scene)
    })
  })
}

function passesOf(constraint: NodeOf<'Constraint'>): ReadonlySet<Operation> {
  const passes = new Set<Operation>()
  if (CASCADING.has(constraint.fk_del_action ?? '')) passes.add('delete')
  if (CASCADING.has(constraint.fk_upd_action ?? '')) passes.add('update')
  return passes
}

/** Only between a table of before and one that is not: writes to tables of before are judged as such. */
function tie(own: string, to: string, how: string, passes: ReadonlySet<Operation>, scene: Scene): Tie[] {
  const isOld = (name: string): string | undefined =>
    scene.effects.before.find((one) => one.object.startsWith('table ') && ownName(thingOf(one)) === name)?.object
  const table = isOld(own)
  return table === undefined || isOld(to) !== undefined || passes.size === 0 ? [] : [{ to, table, how, passes }]
}
