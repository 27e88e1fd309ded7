import { foldText } from '../../../sql/constant.ts'
import { as, type Node, optionOf, stringOf, walk } from '../../../sql/tree.ts'
import { bodiesOf } from '../code/bodies.ts'
import { error, type Harm, type Harms, NONE, warning } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { isNewRole } from '../sorts/grants.ts'

/** What the catalogue does not list: passwords, options that may hold one, other databases, files of the server. Statements tell. */
export function judgeUnlisted(scene: Scene): Harms {
  return scene.statements
    .filter((by) => !scene.undone.has(by))
    .flatMap((by) => {
      const own = scene.reading.ownNode(by)
      const nodes = scene.nodesOf(by)
      const inner = bodiesOf(by, scene).bodies.flatMap((one) => [
        ...one.statements.map(({ node }) => node),
        ...one.expressions,
      ])
      const harms = [
        ...nodes.flatMap((node) => [
          ...ofRole(node, scene),
          ...ofDatabase(node, scene),
          ...ofOptions(node, scene),
          ...ofLargeObject(node, node === own),
          ...ofSharedServer(node, scene),
        ]),
        // What a block puts together at run time stands in no text.
        ...[...(own === null ? [] : [own]), ...inner].flatMap(passwordsIn),
        ...[...nodes, ...inner].flatMap(reachingOut),
      ]
      return onceEach(harms).map((harm) => ({ by, ...harm }))
    })
}

const onceEach = (harms: readonly Harm[]): Harm[] => [
  ...new Map(harms.map((one) => [JSON.stringify([one.code, one.subject]), one])).values(),
]

const ELSEWHERE = 'Manage roles where the server is managed.'

function ofRole(node: Node, scene: Scene): Harms {
  const alter = as(node, 'AlterRoleStmt')
  const role = alter?.role?.rolename
  if (role === undefined || optionOf(alter?.options, 'password') === undefined || isNewRole(role, scene)) return NONE
  return error('security/alter-role', `role ${role}`, `changes the password of role ${role}`, {
    proof: 'the statement ran; what passwords are is not read',
    hint: ELSEWHERE,
  })
}

const isChanged = (object: string, scene: Scene): boolean =>
  [...scene.changed.map((one) => one.after), ...scene.added, ...scene.removed].some((one) => one.object === object)

/** The rehearsal's database has another name than production's: for that one a database of its own stands in. */
function ofDatabase(node: Node, scene: Scene): Harms {
  const renamed = as(node, 'RenameStmt')
  const owner = as(node, 'AlterOwnerStmt')
  const name =
    as(node, 'AlterDatabaseStmt')?.dbname ??
    as(node, 'DropdbStmt')?.dbname ??
    (renamed?.renameType === 'OBJECT_DATABASE' ? renamed.subname : undefined) ??
    (owner?.objectType === 'OBJECT_DATABASE' ? (stringOf(owner.object) ?? undefined) : undefined)
  if (name === undefined || isChanged('database', scene)) return NONE
  return error('security/alter-server', `database ${name}`, `changes the database ${name} itself`, {
    proof: 'the statement ran against a database that stands in for it',
    hint: 'Leave limits, names and owners of databases to where the server is managed.',
  })
}

/** Options of foreign servers, tables and mappings whose values may be secrets: the catalogue shows the names alone. */
function ofOptions(node: Node, scene: Scene): Harms {
  const mapping = as(node, 'AlterUserMappingStmt')
  const server = as(node, 'AlterForeignServerStmt')
  const wrapper = as(node, 'AlterFdwStmt')
  const object =
    mapping !== undefined
      ? `user mapping for ${mapping.user?.rolename ?? 'PUBLIC'} on server ${mapping.servername ?? ''}`
      : server !== undefined
        ? `server ${server.servername ?? ''}`
        : wrapper !== undefined
          ? `foreign-data wrapper ${wrapper.fdwname ?? ''}`
          : null
  if (object === null || isChanged(object, scene)) return NONE
  return error('compat/change-object', object, `changes options of the ${object} that are not shown`, {
    proof: 'the statement ran; values that may be secrets are not read',
    hint: 'Make another server beside it, and drop this one in a later release.',
  })
}

/** The access lists of large objects are many, and not a part of the catalogue. A GRANT that stands alone is read elsewhere. */
function ofLargeObject(node: Node, isOwn: boolean): Harms {
  const grant = as(node, 'GrantStmt')
  if (grant?.objtype !== 'OBJECT_LARGEOBJECT' || grant.is_grant !== true) return NONE
  const roles = (grant.grantees ?? []).map((one) => as(one, 'RoleSpec')?.rolename ?? 'PUBLIC')
  const hint = 'Let a function read them that says who may call it.'
  if (roles.includes('PUBLIC'))
    return isOwn
      ? NONE
      : error('security/grant-to-public', 'large objects', 'grants rights on large objects to every role', { hint })
  return warning('security/widen-rights', 'large objects', `gives ${roles.join(', ')} rights on large objects`, {
    hint,
  })
}

const ABOUT_ROLES = ['AlterRoleStmt', 'AlterRoleSetStmt', 'DropRoleStmt', 'GrantRoleStmt'] as const

/** On a server that others use too roles are not compared: their work would show up as this release's. */
function ofSharedServer(node: Node, scene: Scene): Harms {
  if (scene.effects.server.origin !== 'given') return NONE
  const role = as(node, 'AlterRoleStmt')?.role?.rolename ?? as(node, 'AlterRoleSetStmt')?.role?.rolename
  const isOwn = role !== undefined && isNewRole(role, scene)
  if (isOwn || !ABOUT_ROLES.some((one) => one in node)) return NONE
  return [
    {
      code: 'unproven/roles-not-seen',
      severity: 'error',
      subject: 'roles',
      message:
        'changes roles or memberships, which are not compared on a server that others use: attributes, passwords, VALID UNTIL and who belongs to whom were not seen',
      hint: 'Leave --server out, so that a scratch server of our own is used.',
      isUnproven: true,
    },
  ]
}

const SAYS_PASSWORD = /\bpassword\s*=/i

/** A password in a migration is in the repository, in every copy of it, and in the server's log. */
function passwordsIn(node: Node): Harms {
  const subject = passwordOf(node)
  if (subject === null) return NONE
  return warning('security/password-in-text', subject, `sets a password of ${subject} that stands in the text`, {
    proof: null,
    hint: 'Set it where secrets are kept, outside of the migrations, and change this one: it is in the repository.',
  })
}

function passwordOf(node: Node): string | null {
  const role = as(node, 'CreateRoleStmt') ?? as(node, 'AlterRoleStmt')
  const name = typeof role?.role === 'string' ? role.role : role?.role?.rolename
  if (stringOf(optionOf(role?.options, 'password')?.arg) !== null) return `role ${name ?? ''}`
  const mapping = as(node, 'CreateUserMappingStmt') ?? as(node, 'AlterUserMappingStmt')
  if (stringOf(optionOf(mapping?.options, 'password')?.arg) !== null) return `server ${mapping?.servername ?? ''}`
  const subscription = as(node, 'CreateSubscriptionStmt') ?? as(node, 'AlterSubscriptionStmt')
  if (SAYS_PASSWORD.test(subscription?.conninfo ?? '')) return `subscription ${subscription?.subname ?? ''}`
  let called: string | null = null
  walk([node], 'FuncCall', (call) => {
    const own = stringOf(call.funcname?.at(-1)) ?? ''
    const texts = (call.args ?? []).map((one) => foldText(one).text)
    if (own.startsWith('dblink') && texts.some((one) => SAYS_PASSWORD.test(one))) called = `${own}()`
  })
  return called
}

/** The server's functions, and those of its own extensions, that leave the database: by files, programs or connections. */
const OUTWARD =
  /^(?:pg_read_(?:binary_)?file|pg_ls_\w*dir|pg_stat_file|pg_file_(?:write|rename|unlink|sync|read)|lo_import|lo_export|dblink\w*|postgres_fdw_\w+|pg_reload_conf|pg_rotate_logfile|pg_promote|pg_(?:backup_start|backup_stop|switch_wal))$/

function reachingOut(node: Node): Harms {
  if ('CreateFunctionStmt' in node || 'ViewStmt' in node || 'DoStmt' in node) return NONE
  const harms: Harm[] = []
  walk([node], 'FuncCall', (call) => {
    const own = stringOf(call.funcname?.at(-1)) ?? ''
    if (OUTWARD.test(own))
      harms.push(
        ...error('security/reach-out', `function ${own}`, `calls ${own}(), which leaves the database`, {
          hint: 'Do it outside of the migrations, as somebody who is meant to reach files and other servers.',
        }),
      )
  })
  return harms
}
