import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import type { Place } from '../host.ts'
import { quotedName } from '../../sql/identifier.ts'
import type { Context } from '../world.ts'

const PRIVILEGES_SQL = 'SELECT rolsuper AS "isSuperuser" FROM pg_catalog.pg_roles WHERE rolname = current_user'

/** Whether we may make a role that sees every row and switches triggers off: only a superuser may. */
export async function canHaveRowsRole({ admin }: Place): Promise<boolean> {
  const { rows } = await admin.query<{ isSuperuser: boolean }>(PRIVILEGES_SQL)
  return rows[0]?.isSuperuser === true
}

/**
 * Works in a session of a role that sees every row, past row security. It is made for this work and gone after it, so
 * that no catalogue shows it.
 *
 * Our own connection never touches a table: planning a query alone runs functions of the schema (in an index's
 * predicate, say), and a CHECK runs them on every row. Those are the migrations' code, and as a superuser they would
 * reach the machine. Where we are no superuser ourselves, the owning role does it instead, as far as its rights go.
 */
export async function asRowsRole<T>(context: Context, place: Place, work: (client: Client) => Promise<T>): Promise<T> {
  return await asRole(context, place, 'read', work)
}

/** As `asRowsRole`, for a role that may also change every row and switch triggers off. */
export async function asRowsWriter<T>(
  context: Context,
  place: Place,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  return await asRole(context, place, 'write', work)
}

async function asRole<T>(
  context: Context,
  place: Place,
  use: 'read' | 'write',
  work: (client: Client) => Promise<T>,
): Promise<T> {
  if (!(await canHaveRowsRole(place))) return await inSession(place, context.roles.owning, work)
  const { admin } = place
  const name = context.host.roleName(`rows_${randomBytes(6).toString('hex')}`)
  const role = quotedName(name)
  const members = [...new Set([context.roles.owning, context.roles.migrating])].map(quotedName)
  place.expectRole(name)
  // Two worlds on one server read side by side; the grant on a parameter is one row that only one of them may change.
  const toWrite = `GRANT pg_write_all_data TO ${role}; GRANT SET ON PARAMETER session_replication_role TO ${role}`
  await admin.query(
    `CREATE ROLE ${role} LOGIN BYPASSRLS ${context.host.loginSql};
     GRANT pg_read_all_data, ${members.join(', ')} TO ${role};
     ${use === 'write' ? toWrite : ''}`,
  )
  try {
    return await inSession(place, name, work)
  } finally {
    await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
}

async function inSession<T>(place: Place, role: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await place.connectAs(role)
  try {
    // The server's texts must not depend on settings that a migration gave the database or a role.
    await client.query(
      `SET bytea_output = hex; SET extra_float_digits = 1; SET "DateStyle" = 'ISO, YMD';
       SET "IntervalStyle" = postgres; SET default_transaction_read_only = off; SET row_security = on; SET jit = off`,
    )
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
