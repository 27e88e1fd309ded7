import {
  as,
  commandsOf,
  type Node,
  objectParts,
  optionOf,
  partsOf,
  type RangeVar,
  rangeParts,
  typeText,
  walk,
} from '../../../sql/tree.ts'
import { isAlwaysTrue } from '../../migrations-contract/predicates.ts'
import { assigned } from '../rows/assigned.ts'
import { callsIn } from './routines.ts'
import type { Scene } from '../scene.ts'
import { shortType } from '../sorts/types-of-columns.ts'
import { hasFacet, ownName, RELATIONS, schemaOf, type Thing, thingOf, valueOf } from '../thing.ts'

/** What a statement that was not seen to run would do in production. */
export interface Unseen {
  /** A finding's code; null where its words do not tell whether it harms. */
  readonly code: string | null
  readonly table: string | null
  readonly what: string
}

/** What the statement would do to what is there; empty if nothing that matters. */
export function wouldDo(node: Node, scene: Scene): readonly Unseen[] {
  const found = [...writes(node, scene)]
  const call = callsIn(node).find((name) => ACTING.test(name))
  const isStored = 'CreateFunctionStmt' in node
  if (!isStored && call !== undefined) found.push(unclear(`calls ${call}()`))
  if (!isHarmless(node, scene)) found.push(unclear(`runs ${wordsOf(node)}`))
  return found
}

/** Functions of the server that are called for what they do, and not for what they return. */
export const ACTING =
  /^(?:setval|pg_sleep\w*|lo_\w+|lowrite|set_config|pg_(?:try_)?advisory\w*|pg_terminate_backend|pg_cancel_backend|pg_(?:create|drop|copy)_\w*slot|pg_replication_\w+|pg_logical_\w+|pg_switch_wal|pg_promote|pg_reload_conf|pg_(?:clear|restore)_\w+_stats|pg_stat_reset\w*|dblink\w*|query_to_\w+|cursor_to_\w+|pg_import_system_collations|pg_extension_config_dump)$/

const unclear = (what: string): Unseen => ({ code: null, table: null, what })
const wordsOf = (node: Node): string =>
  (Object.keys(node)[0] ?? '')
    .replace(/Stmt$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase()

function* writes(node: Node, scene: Scene): Generator<Unseen> {
  if ('CreateFunctionStmt' in node || 'RuleStmt' in node) return
  const found: Unseen[] = []
  const add = (range: RangeVar | undefined, code: string, what: string): void => {
    const table = oldRelation(range, scene)
    if (table !== null) found.push({ code, table, what: `${what} ${table}` })
  }
  each(node, 'DeleteStmt', (one) => {
    const isAll = isAlwaysTrue(one.whereClause, undefined, one.relation)
    add(one.relation, isAll ? 'data-loss/delete-all' : 'data-loss/delete-rows', 'deletes rows of')
  })
  each(node, 'UpdateStmt', (one) => {
    const table = oldRelation(one.relation, scene)
    const columns = assigned(one.targetList, one.whereClause, one.relation)
    if (columns.every(({ column, isGuarded }) => isGuarded || !isOldColumn(table, column, scene))) return
    const isAll = isAlwaysTrue(one.whereClause, undefined, one.relation)
    add(one.relation, isAll ? 'data-loss/update-all' : 'data-loss/update-rows', 'overwrites values in rows of')
  })
  each(node, 'InsertStmt', (one) => {
    if (one.onConflictClause?.action === 'ONCONFLICT_UPDATE')
      add(one.relation, 'data-loss/upsert', 'overwrites rows of')
  })
  each(node, 'MergeStmt', (one) => {
    const commands = new Set((one.mergeWhenClauses ?? []).map((when) => as(when, 'MergeWhenClause')?.commandType))
    if (commands.has('CMD_DELETE')) add(one.relation, 'data-loss/merge-delete', 'deletes rows of')
    else if (commands.has('CMD_UPDATE')) add(one.relation, 'data-loss/upsert', 'overwrites rows of')
  })
  for (const one of as(node, 'TruncateStmt')?.relations ?? [])
    add(as(one, 'RangeVar'), 'data-loss/truncate', 'removes every row of')
  yield* found
}

const each: typeof walk = (node, kind, visit) => walk([node], kind, visit)

/** The table of before that a name may mean, as findings name it; null if it means none. */
function oldRelation(range: RangeVar | undefined, scene: Scene): string | null {
  const parts = rangeParts(range)
  const found = oldThings(scene).find((one) => RELATIONS.has(one.sort) && isCalled(one, parts))
  return found === undefined ? null : `${found.sort} ${found.name}`
}

const isCalled = (thing: Thing, parts: readonly string[]): boolean =>
  ownName(thing) === parts.at(-1) && (parts.length < 2 || schemaOf(thing) === parts.at(-2))

const OLD = new WeakMap<Scene, readonly Thing[]>()

/** Everything of before, by its names of then and of today. */
function oldThings(scene: Scene): readonly Thing[] {
  const known = OLD.get(scene) ?? [...scene.before.values(), ...scene.effects.before.map((entry) => thingOf(entry))]
  OLD.set(scene, known)
  return known
}

const isOldColumn = (table: string | null, column: string, scene: Scene): boolean =>
  table !== null &&
  oldThings(scene).some((one) => one.sort === 'column' && one.parent === table && ownName(one) === column)

const isOld = (parts: readonly string[], scene: Scene): boolean =>
  parts.length > 0 && oldThings(scene).some((one) => isCalled(one, parts))

/** A guard that asks whether it is there did not let it be made again. */
const isThere = (parts: readonly string[], scene: Scene): boolean =>
  [...scene.after.values()].some((one) => isCalled(one, parts))

const QUIET = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'TruncateStmt',
  'CallStmt',
  'CommentStmt',
  'CreateStmt',
  'CreateTableAsStmt',
  'CreateSeqStmt',
  'CreateSchemaStmt',
  'CreateEnumStmt',
  'CompositeTypeStmt',
  'CreateRangeStmt',
  'CreateDomainStmt',
  'CreateExtensionStmt',
  'DefineStmt',
  'NotifyStmt',
  'ExplainStmt',
  'DeallocateStmt',
  'VacuumStmt',
  'ConstraintsSetStmt',
  'DeclareCursorStmt',
  'ClosePortalStmt',
  'FetchStmt',
])
/** Settings that change whose rights count, what fires, or what a text means; others only how values are shown. */
const TELLING = new Set([
  'role',
  'session_authorization',
  'session_replication_role',
  'row_security',
  'search_path',
  'standard_conforming_strings',
  'default_transaction_read_only',
])
const POWERS = ['superuser', 'createrole', 'bypassrls', 'isreplication']

/** Whether nobody can lose anything by it, or it cannot run where the objects are those that the migrations made. */
function isHarmless(node: Node, scene: Scene): boolean {
  const kind = Object.keys(node)[0] ?? ''
  if (QUIET.has(kind)) return kind !== 'DefineStmt' || as(node, 'DefineStmt')?.replace !== true
  const made = as(node, 'CreateFunctionStmt')
  if (made !== undefined) return made.replace !== true || !isOld(partsOf(made.funcname), scene)
  const view = as(node, 'ViewStmt')
  if (view !== undefined) return view.replace !== true || !isOld(rangeParts(view.view), scene)
  const role = as(node, 'CreateRoleStmt')
  if (role !== undefined) return !POWERS.some((power) => optionOf(role.options, power) !== undefined)
  const set = as(node, 'VariableSetStmt')
  if (set !== undefined) return set.name !== undefined && !TELLING.has(set.name)
  const refreshed = as(node, 'RefreshMatViewStmt')
  if (refreshed !== undefined) return oldRelation(refreshed.relation, scene) === null
  const value = as(node, 'AlterEnumStmt')
  if (value !== undefined) return value.oldVal === undefined
  return isTiedHarmless(node, scene) || isGoneAnyway(node, scene)
}

/** What is tied to a table: harmless if the table is the release's own, or the thing is there already. */
function isTiedHarmless(node: Node, scene: Scene): boolean {
  const index = as(node, 'IndexStmt')
  if (index !== undefined) return isFree(index.relation, index.idxname, scene)
  const trigger = as(node, 'CreateTrigStmt')
  if (trigger !== undefined) return trigger.replace !== true && isFree(trigger.relation, trigger.trigname, scene)
  const policy = as(node, 'CreatePolicyStmt')
  if (policy !== undefined) return isFree(policy.table, policy.policy_name, scene)
  const alter = as(node, 'AlterTableStmt')
  if (alter === undefined) return false
  const table = oldRelation(alter.relation, scene)
  return table === null || commandsOf(alter.cmds).every((command) => isCommandHarmless(command, table, scene))
}

const isFree = (relation: RangeVar | undefined, name: string | undefined, scene: Scene): boolean =>
  oldRelation(relation, scene) === null || (name !== undefined && isThere([name], scene))

function isCommandHarmless(command: ReturnType<typeof commandsOf>[number], table: string, scene: Scene): boolean {
  const isPart = (sort: string, name: string | undefined, things: Iterable<Thing>): boolean =>
    [...things].some((one) => one.sort === sort && one.parent === table && ownName(one) === name)
  const column = as(command.def, 'ColumnDef')
  const constraint = as(command.def, 'Constraint')
  switch (command.subtype) {
    case 'AT_AddColumn':
      return isPart('column', column?.colname, scene.after.values()) || (column?.constraints ?? []).length === 0
    case 'AT_AddConstraint':
      return constraint?.skip_validation === true || isPart('constraint', constraint?.conname, scene.after.values())
    case 'AT_DropColumn':
      return !isPart('column', command.name, oldThings(scene))
    case 'AT_DropConstraint':
      return !isPart('constraint', command.name, oldThings(scene))
    case 'AT_SetNotNull':
    case 'AT_AlterColumnType':
      return isSoAlready(command, table, scene)
    default:
      return false
  }
}

/** Whether the column is required, or of that type, before the release and after it: the branch asks for that. */
function isSoAlready(command: ReturnType<typeof commandsOf>[number], table: string, scene: Scene): boolean {
  const definition = as(command.def, 'ColumnDef')
  const type = typeText(definition?.typeName)
  const isPlain = definition?.collClause === undefined && definition?.raw_default === undefined
  return [scene.before, scene.after].every((catalogue) => {
    const column = [...catalogue.values()].find(
      (one) => one.sort === 'column' && one.parent === table && ownName(one) === command.name,
    )
    if (command.subtype === 'AT_SetNotNull') return hasFacet(column, 'not null')
    return isPlain && type !== null && shortType(valueOf(column, 'type ') ?? '') === shortType(type)
  })
}

/** It takes, renames or opens something that the migrations do not know, so that their production has none either. */
function isGoneAnyway(node: Node, scene: Scene): boolean {
  const drop = as(node, 'DropStmt')
  if (drop !== undefined) return (drop.objects ?? []).every((one) => !isOld(droppedParts(one, drop.removeType), scene))
  const rename = as(node, 'RenameStmt')
  if (rename !== undefined) {
    const whole = rename.relation === undefined ? objectParts(rename.object) : rangeParts(rename.relation)
    const table = oldRelation(rename.relation, scene)
    if (rename.renameType === 'OBJECT_COLUMN') return !isOldColumn(table, rename.subname ?? '', scene)
    return rename.subname === undefined ? !isOld(whole, scene) : !isOld([rename.subname], scene)
  }
  const grant = as(node, 'GrantStmt')
  if (grant === undefined || grant.is_grant !== true || grant.targtype !== 'ACL_TARGET_OBJECT') return false
  // A right for a role that is named, on what is there, weakens nothing and is told nowhere else either.
  const isForNamed = (grant.grantees ?? []).every((one) => as(one, 'RoleSpec')?.roletype === 'ROLESPEC_CSTRING')
  if (isForNamed && grant.grant_option !== true) return true
  return (grant.objects ?? []).every((one) => {
    const range = as(one, 'RangeVar')
    return !isOld(range === undefined ? objectParts(one) : rangeParts(range), scene)
  })
}

/** Triggers, rules and policies are named after their table; the last part is their own name. */
const droppedParts = (node: Node, type: string | undefined): string[] =>
  ['OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY'].includes(type ?? '')
    ? objectParts(node).slice(-1)
    : objectParts(node)
