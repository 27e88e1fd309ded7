import type { Client } from 'pg'
import type { Shape, ShapeRole } from '../../migrations/shape.ts'
import { quotedName } from '../../sql/identifier.ts'
import type { Roles } from '../roles.ts'
import { refuseWideRoles } from '../sandbox.ts'

/** Groups of the server's own that reach nothing but this database, on a server that is ours alone. */
const HARMLESS_GROUPS: ReadonlySet<string> = new Set(
  `
  pg_checkpoint pg_maintain pg_monitor pg_read_all_data pg_read_all_settings pg_read_all_stats
  pg_stat_scan_tables pg_write_all_data`
    .trim()
    .split(/\s+/),
)

/** The name that a role of production has here: our own superuser's is taken. */
export const nameHere = (admin: Client, role: string): string => (role === admin.user ? `${role}_of_production` : role)

interface ServerRole {
  readonly name: string
  readonly isSuperuser: boolean
}

/** Makes production's roles, with the attributes that ordinary roles may have, and their memberships. */
export async function settleRoles(admin: Client, roles: Roles, shape: Shape): Promise<void> {
  const { rows } = await admin.query<ServerRole>('SELECT rolname AS name, rolsuper AS "isSuperuser" FROM pg_roles')
  const superusers = new Set(rows.filter((row) => row.isSuperuser).map((row) => row.name))
  const names = shape.roles.map((role) => nameHere(admin, role.name))
  refuseWideRoles(names, [], superusers)
  const existing = new Set(rows.map((row) => row.name))
  for (const role of shape.roles) {
    const name = nameHere(admin, role.name)
    if (!existing.has(name)) await admin.query(`CREATE ROLE ${quotedName(name)}`)
    await admin.query(`ALTER ROLE ${quotedName(name)} ${attributesSql(role, name === roles.migrating)}`)
  }
  await settleMemberships(admin, roles, shape)
}

/** Never SUPERUSER, and no REPLICATION: who streams the log reads files of the server. */
export function attributesSql({ attributes }: ShapeRole, isMigrating: boolean): string {
  const isSuperuser = attributes.includes('superuser')
  const has = (attribute: ShapeRole['attributes'][number]): boolean =>
    attributes.includes(attribute) || (isSuperuser && isMigrating)
  return [
    has('login') || isMigrating ? 'LOGIN' : 'NOLOGIN',
    attributes.includes('noinherit') ? 'NOINHERIT' : 'INHERIT',
    has('createdb') ? 'CREATEDB' : 'NOCREATEDB',
    has('createrole') ? 'CREATEROLE' : 'NOCREATEROLE',
    has('bypassrls') ? 'BYPASSRLS' : 'NOBYPASSRLS',
  ].join(' ')
}

const MEMBERSHIPS_SQL = `
  SELECT g.rolname AS role, m.rolname AS member, by.rolname AS grantor
  FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
  LEFT JOIN pg_roles by ON by.oid = a.grantor
  WHERE m.rolname = ANY ($1)`

/** What the set-up and the history granted goes; what production has comes. */
async function settleMemberships(admin: Client, roles: Roles, shape: Shape): Promise<void> {
  const names = new Set(shape.roles.map((role) => nameHere(admin, role.name)))
  const major =
    Number((await admin.query<{ n: string }>("SELECT current_setting('server_version_num') AS n")).rows[0]?.n) / 10_000
  const { rows } = await admin.query<{ role: string; member: string; grantor: string | null }>(MEMBERSHIPS_SQL, [
    [...names, roles.migrating, roles.owning],
  ])
  for (const { role, member, grantor } of rows) {
    const by = major >= 16 && grantor !== null ? ` GRANTED BY ${quotedName(grantor)}` : ''
    await admin.query(`REVOKE ${quotedName(role)} FROM ${quotedName(member)}${by} CASCADE`)
  }
  for (const role of shape.roles) {
    const member = nameHere(admin, role.name)
    for (const one of role.memberOf) {
      const group = nameHere(admin, one.role)
      if (!names.has(group) && !HARMLESS_GROUPS.has(group)) continue
      const options = major >= 16 ? `ADMIN ${one.isAdmin}, INHERIT ${one.inherits}, SET ${one.canSet}` : 'ADMIN OPTION'
      const withOptions = major >= 16 || one.isAdmin ? ` WITH ${options}` : ''
      await admin.query(`GRANT ${quotedName(group)} TO ${quotedName(member)}${withOptions}`)
    }
    if (member === roles.migrating && role.attributes.includes('superuser')) {
      await grantEverything(admin, member, [...names, roles.owning])
    }
  }
}

/** What stands in for a superuser: whoever owns a thing, the migrating role may do as much. */
async function grantEverything(admin: Client, member: string, names: readonly string[]): Promise<void> {
  for (const name of new Set(names)) {
    if (name === member) continue
    const { rows } = await admin.query<{ is: boolean }>("SELECT pg_has_role($1::name, $2::name, 'MEMBER') AS is", [
      name,
      member,
    ])
    // One that is a member of it already can have no member in it.
    if (rows[0]?.is !== true) await admin.query(`GRANT ${quotedName(name)} TO ${quotedName(member)}`)
  }
}
