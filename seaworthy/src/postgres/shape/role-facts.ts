import type { Client } from 'pg'
import type { ShapeAttribute, ShapeRole } from '../../migrations/shape.ts'
import { FIRST_USER_OID, openSetting } from '../catalogue/scope.ts'

/**
 * Roles that matter to this database: who owns or is granted something (the server keeps a list of dependencies, in which
 * only its first superuser is missing), who has settings, whose queries were seen (`$1`); their members, and the
 * groups of all of these.
 */
const ROLES_SQL = `
  WITH RECURSIVE this AS (
    SELECT oid, datdba FROM pg_database WHERE datname = current_database()
  ), named AS (
    SELECT d.refobjid AS oid FROM pg_shdepend d, this
    WHERE d.refclassid = 'pg_authid'::regclass
      AND (d.dbid = this.oid OR d.dbid = 0 AND d.classid = 'pg_database'::regclass AND d.objid = this.oid)
    UNION SELECT datdba FROM this
    UNION SELECT relowner FROM pg_class WHERE oid >= ${FIRST_USER_OID}
    UNION SELECT proowner FROM pg_proc WHERE oid >= ${FIRST_USER_OID}
    UNION SELECT nspowner FROM pg_namespace WHERE oid >= ${FIRST_USER_OID}
    UNION SELECT s.setrole FROM pg_db_role_setting s, this WHERE s.setdatabase IN (0, this.oid)
    UNION SELECT r.oid FROM pg_roles r WHERE r.rolname = ANY ($1)
  ), acting AS (
    SELECT oid FROM named WHERE oid >= ${FIRST_USER_OID} OR oid = 10
    UNION SELECT m.member FROM acting JOIN pg_auth_members m ON m.roleid = acting.oid
  ), related AS (
    SELECT oid FROM acting UNION SELECT m.roleid FROM related JOIN pg_auth_members m ON m.member = related.oid
  )
  SELECT r.rolname AS name,
    array_remove(ARRAY[
      CASE WHEN r.rolbypassrls THEN 'bypassrls' END, CASE WHEN r.rolcreatedb THEN 'createdb' END,
      CASE WHEN r.rolcreaterole THEN 'createrole' END, CASE WHEN r.rolcanlogin THEN 'login' END,
      CASE WHEN NOT r.rolinherit THEN 'noinherit' END, CASE WHEN r.rolreplication THEN 'replication' END,
      CASE WHEN r.rolsuper THEN 'superuser' END], NULL) AS attributes
  FROM pg_roles r WHERE r.oid IN (SELECT oid FROM related) AND r.rolname !~ '^pg_'
  ORDER BY r.rolname COLLATE "C"`

const MEMBERSHIPS_SQL = `
  SELECT member.rolname AS member, owning.rolname AS role, bool_or(m.admin_option) AS "isAdmin",
    bool_or(coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, member.rolinherit)) AS inherits,
    bool_or(coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) AS "canSet"
  FROM pg_auth_members m JOIN pg_roles member ON member.oid = m.member JOIN pg_roles owning ON owning.oid = m.roleid
  GROUP BY member.rolname, owning.rolname
  ORDER BY owning.rolname COLLATE "C"`

/** In the order in which a later one wins: a setting for this database over the same one for all. */
const SETTINGS_SQL = `
  SELECT pg_get_userbyid(s.setrole) AS role, ${openSetting('setting')} AS setting
  FROM pg_db_role_setting s, unnest(s.setconfig) setting
  WHERE s.setrole <> 0 AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  ORDER BY s.setdatabase, setting`

const ordered = (texts: Iterable<string>): string[] => [...texts].toSorted((a, b) => (a < b ? -1 : 1))

/** The roles of this database, sorted by name. `speaking` are roles whose queries were seen. */
export async function readRoles(client: Client, speaking: readonly string[]): Promise<ShapeRole[]> {
  const roles = await client.query<{ name: string; attributes: ShapeAttribute[] }>(ROLES_SQL, [speaking])
  const memberships = await client.query<ShapeRole['memberOf'][number] & { member: string }>(MEMBERSHIPS_SQL)
  const settings = await client.query<{ role: string; setting: string }>(SETTINGS_SQL)
  return roles.rows.map(({ name, attributes }) => ({
    name,
    attributes,
    memberOf: memberships.rows
      .filter((one) => one.member === name)
      .map(({ role, isAdmin, inherits, canSet }) => ({ role, isAdmin, inherits, canSet })),
    settings: ordered(
      new Map(
        settings.rows
          .filter((one) => one.role === name)
          .map(({ setting }) => [setting.slice(0, setting.indexOf('=')), setting]),
      ).values(),
    ),
  }))
}

/** The value of a setting in a list of `name=value`; null where it is not set. */
export function settingIn(settings: readonly string[], name: string): string | null {
  const found = settings.find((setting) => setting.startsWith(`${name}=`))
  return found === undefined ? null : found.slice(name.length + 1)
}
