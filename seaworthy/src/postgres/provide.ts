import type { Client } from 'pg'
import type { Node } from 'libpg-query'
import type { Provided, ServerError } from '../migrations/engine.ts'
import type { Statement } from '../sql/parse.ts'
import type { Place } from './host.ts'
import { quotedName } from '../sql/identifier.ts'
import { type Roles, SCHEMAS_SQL } from './roles.ts'
import { isCreateRoleSafe, isOrdinary } from './sandbox.ts'

/** What stood in the way of a script, and what was done about it. */
export interface Provision {
  readonly provided: Provided
  /** Whether the failing statement was carried out for the script, which is to be sent again without it. */
  readonly isDone: boolean
}

/** What is known of a failure when something might be provided. */
export interface Obstacle {
  readonly error: ServerError
  /** The statement at fault, where it could be found. */
  readonly statement: Statement | null
  readonly phase: 'baseline' | 'pending'
  /** Who sent it. */
  readonly role: string
}

/** The extension that this server does not have at all, from the server's own words (English: lc_messages is C). */
export function missingExtensionOf(error: ServerError): string | null {
  const match =
    /^extension "(.+)" is not available$/.exec(error.message) ??
    /could not open extension control file ".*\/([^/]+)\.control"/.exec(error.message)
  return match?.[1] ?? null
}

/**
 * Provides what production has and a bare server has not: a role that is only named, a membership, an extension that a
 * deploy role may not create, the right to create roles. Null if there is nothing to provide: the failure is the
 * migration's own. What a pending migration would have needed more rights for is marked as unproven.
 */
export async function provide(place: Place, roles: Roles, obstacle: Obstacle): Promise<Provision | null> {
  const { error } = obstacle
  if (error.sqlstate === '42704') return await provideRole(place, roles, obstacle)
  if (error.sqlstate === '3D000') return await provideDatabase(place, obstacle)
  if (error.sqlstate !== '42501' || obstacle.statement === null) return null
  const node = obstacle.statement.node
  if ('CreateExtensionStmt' in node) return await provideExtension(place, obstacle, node)
  if (isAboutRoles(node) || MAY_NOT_MAKE_ROLES.test(error.message)) return await provideCreateRole(place, obstacle)
  if (switchesAllTriggers(node)) return leaveTriggersOn(obstacle)
  const newOwner = newOwnerIn(node)
  return newOwner === null ? null : await provideOwnership(place, roles, obstacle, newOwner)
}

/** The role that ALTER … OWNER TO names; null for other statements. */
function newOwnerIn(node: Node): string | null {
  if ('AlterOwnerStmt' in node) return node.AlterOwnerStmt.newowner?.rolename ?? null
  if (!('AlterTableStmt' in node)) return null
  for (const command of node.AlterTableStmt.cmds ?? []) {
    if (!('AlterTableCmd' in command)) continue
    if (command.AlterTableCmd.subtype === 'AT_ChangeOwner') return command.AlterTableCmd.newowner?.rolename ?? null
  }
  return null
}

const provided = (
  obstacle: Obstacle,
  what: Provided['what'],
  name: string,
  why: string,
  isUnproven: boolean,
): Provided => ({ what, name, why, neededBy: obstacle.phase, isUnproven })

async function provideRole(place: Place, roles: Roles, obstacle: Obstacle): Promise<Provision | null> {
  const name = /^role "(.+)" does not exist$/.exec(obstacle.error.message)?.[1]
  if (name === undefined || name === roles.migrating || name === roles.owning) return null
  place.expectRole(name)
  await place.admin.query(`CREATE ROLE ${quotedName(name)} NOLOGIN`)
  const why = `a migration names the role ${name}; it is assumed to exist in production`
  return { provided: provided(obstacle, 'role', name, why, false), isDone: false }
}

/** GRANT … ON DATABASE and ALTER DATABASE name production's database, which has another name here. */
async function provideDatabase(place: Place, obstacle: Obstacle): Promise<Provision | null> {
  const name = /^database "(.+)" does not exist$/.exec(obstacle.error.message)?.[1]
  if (name === undefined) return null
  place.expectDatabase(name)
  await place.admin.query(`CREATE DATABASE ${quotedName(name)} OWNER ${quotedName(obstacle.role)}`)
  const why = `a migration names the database ${name}; an empty one of that name stands in for it`
  return { provided: provided(obstacle, 'database', name, why, false), isDone: false }
}

async function provideExtension(
  place: Place,
  obstacle: Obstacle,
  node: Extract<Node, { CreateExtensionStmt: unknown }>,
): Promise<Provision | null> {
  const name = node.CreateExtensionStmt.extname
  if (name === undefined) return null
  const schema = schemaOption(node)
  await createExtension(place.admin, name, schema)
  const why = `only a superuser may create the extension ${name}; the rehearsal created it`
  return { provided: provided(obstacle, 'extension', name, why, obstacle.phase === 'pending'), isDone: true }
}

function schemaOption(node: Extract<Node, { CreateExtensionStmt: unknown }>): string | null {
  for (const option of node.CreateExtensionStmt.options ?? []) {
    if (!('DefElem' in option) || option.DefElem.defname !== 'schema') continue
    const value = option.DefElem.arg
    if (value !== undefined && 'String' in value) return value.String.sval ?? null
  }
  return null
}

async function createExtension(admin: Client, name: string, schema: string | null): Promise<void> {
  const inSchema = schema === null ? '' : ` SCHEMA ${quotedName(schema)}`
  if (schema !== null) await admin.query(`CREATE SCHEMA IF NOT EXISTS ${quotedName(schema)}`)
  // Our connection has no search path, and without a schema of its own an extension goes into the first one of it.
  await admin.query(
    `SET LOCAL search_path = public; CREATE EXTENSION IF NOT EXISTS ${quotedName(name)}${inSchema} CASCADE`,
  )
}

const isAboutRoles = (node: Node): boolean =>
  'CreateRoleStmt' in node || 'AlterRoleStmt' in node || 'DropRoleStmt' in node || 'GrantRoleStmt' in node

/** The server's words when a DO block or a function makes or changes a role. */
const MAY_NOT_MAKE_ROLES = /^permission denied to (?:create|alter|drop) role$|^must have CREATEROLE privilege/

/** From 16 on, who makes a role with one of these attributes must have it: "Only roles with the BYPASSRLS attribute may …". */
const GIVEABLE = { CREATEROLE: 'rolcreaterole', BYPASSRLS: 'rolbypassrls', CREATEDB: 'rolcreatedb' } as const

function missingAttribute({ detail }: ServerError): keyof typeof GIVEABLE {
  const named = /^Only roles with the (\w+) attribute/.exec(detail ?? '')?.[1]
  return named === 'BYPASSRLS' || named === 'CREATEDB' ? named : 'CREATEROLE'
}

/** None of these attributes opens a file or a program, so the deploy role is still the wall of the sandbox. */
async function provideCreateRole(place: Place, obstacle: Obstacle): Promise<Provision | null> {
  const attribute = missingAttribute(obstacle.error)
  if (attribute === 'CREATEROLE' && !(await isCreateRoleSafe(place))) return null
  const { rows } = await place.admin.query<{ has: boolean }>(
    `SELECT ${GIVEABLE[attribute]} AS has FROM pg_roles WHERE rolname = $1`,
    [obstacle.role],
  )
  if (rows[0]?.has !== false) return null
  await place.admin.query(`ALTER ROLE ${quotedName(obstacle.role)} ${attribute}`)
  const why = `a migration makes or changes roles; ${obstacle.role} was given ${attribute}, which production may not give it`
  return {
    provided: provided(obstacle, 'role', `${obstacle.role} ${attribute}`, why, obstacle.phase === 'pending'),
    isDone: false,
  }
}

/** DISABLE or ENABLE TRIGGER ALL, which also switches the triggers behind foreign keys and so needs a superuser. */
function switchesAllTriggers(node: Node): boolean {
  if (!('AlterTableStmt' in node)) return false
  const commands = node.AlterTableStmt.cmds ?? []
  return (
    commands.length > 0 &&
    commands.every((command) => 'AlterTableCmd' in command && isTriggerAll(command.AlterTableCmd.subtype))
  )
}

const isTriggerAll = (subtype: string | undefined): boolean =>
  subtype === 'AT_DisableTrigAll' || subtype === 'AT_EnableTrigAll'

/** In a live history over empty tables it makes no difference; in a pending migration it is what there is to find. */
function leaveTriggersOn(obstacle: Obstacle): Provision | null {
  if (obstacle.phase === 'pending') return null
  const why = 'the live history switches all triggers of a table off and on again, which only a superuser may: left out'
  return { provided: provided(obstacle, 'triggers', 'ALL', why, false), isDone: true }
}

/**
 * OWNER TO needs membership in the new owner, which needs CREATE on the schema. Where roles are configured, a pending
 * migration that lacks them is what the rehearsal is there to find.
 */
async function provideOwnership(
  place: Place,
  roles: Roles,
  obstacle: Obstacle,
  newOwner: string,
): Promise<Provision | null> {
  const isFinding = obstacle.phase === 'pending' && roles.settings.isConfigured
  if (isFinding || newOwner === place.admin.user) return null
  if (!place.isOwnRole(newOwner) || !(await isOrdinary(place, newOwner))) return null
  const owner = quotedName(newOwner)
  if (newOwner !== obstacle.role) await place.admin.query(`GRANT ${owner} TO ${quotedName(obstacle.role)}`)
  const { rows } = await place.admin.query<{ nspname: string }>(SCHEMAS_SQL)
  for (const { nspname } of rows) {
    await place.admin.query(`GRANT USAGE, CREATE ON SCHEMA ${quotedName(nspname)} TO ${owner}`)
  }
  const why = `a migration hands objects to ${newOwner}; ${obstacle.role} is assumed to be a member of it`
  return { provided: provided(obstacle, 'ownership', newOwner, why, false), isDone: false }
}
