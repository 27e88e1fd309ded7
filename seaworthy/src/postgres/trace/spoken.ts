import type { TraceEvent, Via } from '../../migrations/effects.ts'
import { parseSql } from '../../sql/parse.ts'
import { as, type Node, type NodeOf, quoteName, stringOf } from '../../sql/tree.ts'

/** The via of what is only known from the text of a nested statement. */
const NESTED: Via = 'a nested statement'

/** What no event trigger sees, from the words: roles, memberships, databases, tablespaces, settings of the server. */
export function spokenEvents(top: readonly Node[], nested: readonly Node[]): TraceEvent[] {
  return [
    ...top.flatMap((node) => sharedEvents(node, null)),
    ...nested.flatMap((node) => [...sharedEvents(node, NESTED), ...passingSettings(node)]),
  ]
}

/** The statements in a text; none where the grammar cannot read it. */
export function nodesOf(text: string): Node[] {
  const parsed = parseSql(text)
  return parsed.ok ? parsed.statements.map(({ node }) => node) : []
}

const role = (name: string | undefined): string => `role ${quoteName(name ?? '?')}`

function sharedEvents(node: Node, via: Via): TraceEvent[] {
  const created = as(node, 'CreateRoleStmt')
  if (created !== undefined) return [{ kind: 'created', object: role(created.role), command: 'CREATE ROLE', via }]
  const altered = as(node, 'AlterRoleStmt')
  if (altered !== undefined) {
    return [{ kind: 'altered', object: role(altered.role?.rolename), command: 'ALTER ROLE', via }]
  }
  const dropped = as(node, 'DropRoleStmt')
  if (dropped !== undefined) {
    return (dropped.roles ?? []).map((one) => dropOf(role(as(one, 'RoleSpec')?.rolename), 'DROP ROLE', via))
  }
  const granted = as(node, 'GrantRoleStmt')
  if (granted !== undefined) return membershipEvents(granted, via)
  return [...databaseEvents(node, via), ...systemEvents(node)]
}

const dropOf = (object: string, command: string, via: Via): TraceEvent => ({
  kind: 'dropped',
  object,
  isDirect: true,
  cause: null,
  command,
  via,
})

function membershipEvents(granted: NodeOf<'GrantRoleStmt'>, via: Via): TraceEvent[] {
  const command = granted.is_grant === true ? 'GRANT ROLE' : 'REVOKE ROLE'
  return (granted.grantee_roles ?? []).flatMap((member) =>
    (granted.granted_roles ?? []).map((group): TraceEvent => {
      const names = [as(member, 'RoleSpec')?.rolename, as(group, 'AccessPriv')?.priv_name]
      const [one, other] = names.map((name) => quoteName(name ?? '?'))
      return { kind: 'altered', object: `membership of ${one} in ${other}`, command, via }
    }),
  )
}

function databaseEvents(node: Node, via: Via): TraceEvent[] {
  const owned = as(node, 'ReassignOwnedStmt')
  if (owned !== undefined) {
    return (owned.roles ?? []).map((one) => ({
      kind: 'altered',
      object: `objects of ${role(as(one, 'RoleSpec')?.rolename)}`,
      command: 'REASSIGN OWNED',
      via,
    }))
  }
  if (as(node, 'AlterDatabaseStmt') !== undefined || as(node, 'AlterDatabaseSetStmt') !== undefined) {
    return [{ kind: 'altered', object: 'database', command: 'ALTER DATABASE', via }]
  }
  const made = as(node, 'CreatedbStmt')?.dbname
  if (made !== undefined) {
    return [{ kind: 'created', object: `database ${quoteName(made)}`, command: 'CREATE DATABASE', via }]
  }
  const gone = as(node, 'DropdbStmt')?.dbname
  if (gone !== undefined) return [dropOf(`database ${quoteName(gone)}`, 'DROP DATABASE', via)]
  const space = as(node, 'DropTableSpaceStmt')?.tablespacename
  return space === undefined ? [] : [dropOf(`tablespace ${quoteName(space)}`, 'DROP TABLESPACE', via)]
}

function systemEvents(node: Node): TraceEvent[] {
  const set = as(node, 'AlterSystemStmt')?.setstmt
  if (set === undefined) return []
  return [{ kind: 'setting', name: set.name ?? 'all', value: valueOf(set.args), scope: 'system', subject: null }]
}

/** SET and set_config inside of something: taken back or not by the time one can look, they were in force for a while. */
function passingSettings(node: Node): TraceEvent[] {
  const set = as(node, 'VariableSetStmt')
  if (set !== undefined) {
    if (set.name === undefined || (set.kind !== 'VAR_SET_VALUE' && set.kind !== 'VAR_SET_CURRENT')) return []
    return [{ kind: 'setting', name: set.name, value: valueOf(set.args), scope: 'transaction', subject: null }]
  }
  let isConfigured = false
  const targets = as(node, 'SelectStmt')?.targetList ?? []
  for (const target of targets) {
    const call = as(as(target, 'ResTarget')?.val, 'FuncCall')
    isConfigured ||= stringOf(call?.funcname?.at(-1)) === 'set_config'
  }
  // Its arguments are constants, and those are left out of the text.
  return isConfigured ? [{ kind: 'setting', name: '?', value: null, scope: 'transaction', subject: null }] : []
}

function valueOf(args: readonly Node[] | undefined): string | null {
  const values = (args ?? []).map((arg) => {
    const constant = as(arg, 'A_Const')
    return constant?.sval?.sval ?? (constant?.ival === undefined ? null : String(constant.ival.ival ?? 0))
  })
  return values.length === 0 || values.includes(null) ? null : values.join(', ')
}
