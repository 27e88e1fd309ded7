import { SeaworthyError } from '../gate/error.ts'
import type { Place } from './host.ts'

/** Roles whose members run programs and reach files of the server: they would lead a migration out of the database. */
const WAYS_OUT: readonly string[] = ['pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files']

/**
 * Takes the search path from our own connection. A migration may leave a function in `public` that fits one of our
 * calls better than the server's own does: with a search path it would run with the widest rights there are.
 */
export async function sealAdmin({ admin }: Place): Promise<void> {
  await admin.query("SET search_path = ''")
}

const majorOf = async ({ admin }: Place): Promise<number> => {
  const { rows } = await admin.query<{ major: number }>(
    "SELECT current_setting('server_version_num')::int / 10000 AS major",
  )
  return rows[0]?.major ?? 0
}

/**
 * Before PostgreSQL 16 who has CREATEROLE may grant any role to himself, but for superusers. So on a server of our own
 * the ways out are made superusers there (which have no members and no login), and then only a superuser grants them.
 */
export async function closeWaysOut(place: Place): Promise<void> {
  if (place.isShared || (await majorOf(place)) >= 16) return
  await place.admin.query('UPDATE pg_catalog.pg_authid SET rolsuper = true WHERE rolname = ANY ($1)', [WAYS_OUT])
}

/** Whether CREATEROLE may be given to a migration: on a server of others before 16 it is power over every role there. */
export const isCreateRoleSafe = async (place: Place): Promise<boolean> =>
  !place.isShared || (await majorOf(place)) >= 16

const ORDINARY_SQL = `
  SELECT count(*) = 0 AS ordinary FROM pg_roles r
   WHERE (r.rolsuper OR r.rolname ~ '^pg_' AND r.rolname <> 'pg_database_owner')
     AND pg_has_role($1::name, r.oid, 'MEMBER')`

/** Whether a member of the role gains nothing but what is in the database: it is, and reaches, no role of the server's own. */
export async function isOrdinary({ admin }: Place, role: string): Promise<boolean> {
  const { rows } = await admin.query<{ ordinary: boolean }>(ORDINARY_SQL, [role])
  return rows[0]?.ordinary === true
}

/**
 * Throws SeaworthyError('config') where the configuration would make the migrating role a superuser, or would give it
 * files and programs of the machine that rehearses. `acting` are the roles that log in, `groups` those they belong to.
 */
export function refuseWideRoles(
  acting: readonly string[],
  groups: readonly string[],
  superusers: ReadonlySet<string>,
): void {
  const reserved = acting.find((name) => name.startsWith('pg_') || superusers.has(name))
  const tooWide = groups.find((name) => superusers.has(name) || WAYS_OUT.includes(name))
  if (reserved === undefined && tooWide === undefined) return
  const what =
    reserved === undefined
      ? `roles.memberOf names ${tooWide}, whose members reach the files and programs of the server`
      : `the configuration gives a role the name ${reserved}, which is that of a superuser or of a role of the server's own`
  throw new SeaworthyError('config', what, {
    hint: 'Migrations are only rehearsed as an ordinary role: choose another name, or leave it out of roles.',
  })
}
