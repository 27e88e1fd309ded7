import type { Client } from 'pg'
import type { PlanningRole } from '../../migrations/queries.ts'
import type { Place } from '../host.ts'
import { quotedName } from '../../sql/identifier.ts'
import { isOrdinary } from '../sandbox.ts'
import { serverErrorOf } from '../server-error.ts'

/** What the roles of a workload are looked for among. */
export interface RoleSetting {
  readonly place: Place
  /** Plays every role that cannot be played by itself. */
  readonly migrating: string
  /** The name under which a role exists on this server; null where this server lets us make none. */
  readonly realName: (name: string) => string | null
}

/** Each role costs a session. */
const MOST_ROLES = 50

const LOGIN_SQL = 'SELECT rolcanlogin FROM pg_catalog.pg_roles WHERE rolname = $1'

/**
 * How each role is played: by itself where it exists and is an ordinary one, else by the role that migrates. A session
 * logs in as the role, and is never lent by a superuser: what is called while planning must not find a way back to one.
 */
export async function planningRoles(
  setting: RoleSetting,
  names: readonly (string | null)[],
): Promise<readonly PlanningRole[]> {
  const found = new Map<string | null, PlanningRole>()
  for (const name of names) {
    if (found.has(name)) continue
    found.set(name, await planningRole(setting, name, found.size))
  }
  return names.flatMap((name) => found.get(name) ?? [])
}

async function planningRole(setting: RoleSetting, name: string | null, before: number): Promise<PlanningRole> {
  const stood = async (why: string): Promise<PlanningRole> => ({
    name: name ?? setting.migrating,
    as: setting.migrating,
    isGroup: false,
    why,
    searchPath: await pathOf(setting, setting.migrating, false),
  })
  if (name === null) return await stood('nobody said who sends it')
  const real = setting.realName(name)
  if (real === null) return await stood('this server lets us make no roles')
  const canLogIn = await loginOf(setting.place, real)
  if (canLogIn === null) return await stood('the rehearsal has no such role')
  if (before >= MOST_ROLES) return await stood(`there are more than ${MOST_ROLES} roles`)
  if (!setting.place.isOwnRole(real) || !(await isOrdinary(setting.place, real))) {
    return await stood('it is a superuser, or reaches a role of the server’s own')
  }
  if (!canLogIn && setting.place.isShared) return await stood('it cannot log in')
  try {
    const searchPath = await pathOf(setting, real, !canLogIn)
    return { name, as: real, isGroup: !canLogIn, why: null, searchPath }
  } catch (error) {
    return await stood(`it cannot log in: ${serverErrorOf(error, '').message}`)
  }
}

/** Whether the role may log in; null if there is none. */
async function loginOf({ admin }: Place, role: string): Promise<boolean | null> {
  const { rows } = await admin.query<{ rolcanlogin: boolean }>(LOGIN_SQL, [role])
  return rows[0]?.rolcanlogin ?? null
}

async function pathOf({ place }: RoleSetting, role: string, isGroup: boolean): Promise<string> {
  const client = await logIn(place, role, isGroup)
  try {
    const { rows } = await client.query<{ path: string }>("SELECT pg_catalog.current_setting('search_path') AS path")
    return rows[0]?.path ?? ''
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** A session of the role. One that may not log in by itself is let in for this once. */
export async function logIn(place: Place, role: string, isGroup: boolean): Promise<Client> {
  if (!isGroup) return await place.connectAs(role)
  await place.admin.query(`ALTER ROLE ${quotedName(role)} LOGIN`)
  try {
    return await place.connectAs(role)
  } finally {
    await place.admin.query(`ALTER ROLE ${quotedName(role)} NOLOGIN`)
  }
}
