import { SeaworthyError } from '../gate/error.ts'
import type { RolesSettings } from '../migrations/engine.ts'
import type { LedgerTable } from '../migrations/model.ts'
import { quotedName, quotedQualified } from '../sql/identifier.ts'
import type { Host, Place } from './host.ts'
import { closeWaysOut, isCreateRoleSafe, refuseWideRoles } from './sandbox.ts'

/** The roles of a rehearsal by the names they really have on the server. */
export interface Roles {
  readonly migrating: string
  readonly owning: string
  readonly settings: RolesSettings
}

const ATTRIBUTE_SQL: Record<RolesSettings['attributes'][number], string> = {
  createrole: 'CREATEROLE',
  createdb: 'CREATEDB',
  bypassrls: 'BYPASSRLS',
  replication: 'REPLICATION',
}

/** The roles of the request on that host. In single mode one role owns and migrates. */
export function rolesOf(host: Host, settings: RolesSettings): Roles {
  const migrating = host.roleName(settings.deployRole)
  return { settings, migrating, owning: settings.mode === 'split' ? host.roleName(settings.ownerRole) : migrating }
}

/** A role that does not exist yet, and the statement that makes it. */
interface NewRole {
  readonly name: string
  readonly sql: string
}

const group = (name: string): NewRole => ({ name, sql: `CREATE ROLE ${quotedName(name)} NOLOGIN` })

/** The roles that have to be made, in order. Pure, so that a test can read the statements. */
export function newRoles(roles: Roles, existing: ReadonlySet<string>, loginSql: string): NewRole[] {
  const attributes = roles.settings.attributes.map((attribute) => ATTRIBUTE_SQL[attribute]).join(' ')
  const login = (name: string, extra: string): NewRole => ({
    name,
    sql: `CREATE ROLE ${quotedName(name)} LOGIN ${loginSql} ${extra}`.trim(),
  })
  const wanted = [
    login(roles.migrating, attributes),
    ...(roles.owning === roles.migrating ? [] : [login(roles.owning, '')]),
    ...roles.settings.memberOf.filter((name) => name !== roles.settings.ownerRole).map(group),
    // Dumps say OWNER TO postgres. Where that is not a superuser's name, it is a plain role that opens nothing.
    group('postgres'),
  ]
  const missing = wanted.filter((role) => !existing.has(role.name))
  return [...new Map(missing.toReversed().map((role) => [role.name, role])).values()].toReversed()
}

/** Makes the roles, hands them the database, and makes the tool's ledger table exist. */
export async function setUpRoles(host: Host, place: Place, roles: Roles, ledger: LedgerTable | null): Promise<void> {
  const admin = place.admin
  if (host.hasOwnRoles) await makeRoles(host, place, roles)
  const deploy = quotedName(roles.migrating)
  await admin.query(`ALTER DATABASE ${quotedName(place.database)} OWNER TO ${quotedName(roles.owning)}`)
  await admin.query(`GRANT CREATE ON SCHEMA public TO ${deploy}`)
  if (ledger !== null) await createLedger(place, roles, ledger)
}

async function makeRoles(host: Host, place: Place, roles: Roles): Promise<void> {
  const { rows } = await place.admin.query<{ rolname: string; rolsuper: boolean }>(
    'SELECT rolname, rolsuper FROM pg_roles',
  )
  const superusers = new Set(rows.filter((row) => row.rolsuper).map((row) => row.rolname))
  refuseWideRoles([roles.migrating, roles.owning], roles.settings.memberOf, superusers)
  await closeWaysOut(place)
  const made = newRoles(await ordinary(place, roles), new Set(rows.map((row) => row.rolname)), host.loginSql)
  for (const role of made) {
    place.expectRole(role.name)
    await place.admin.query(role.sql)
  }
  const owning = quotedName(roles.owning)
  const deploy = quotedName(roles.migrating)
  const isPlainPostgres = ![roles.migrating, roles.owning].includes('postgres')
  if (isPlainPostgres && made.some((role) => role.name === 'postgres')) {
    await place.admin.query(`GRANT postgres TO ${owning}`)
  }
  for (const name of roles.settings.memberOf) {
    const group = name === roles.settings.ownerRole ? roles.owning : name
    await place.admin.query(`GRANT ${quotedName(group)} TO ${deploy}`)
  }
  // Who is no superuser must be a member of a role to hand objects over to it.
  const { rows: me } = await place.admin.query<{ is: boolean }>(
    'SELECT rolsuper AS is FROM pg_roles WHERE rolname = current_user',
  )
  if (me[0]?.is !== true) await place.admin.query(`GRANT ${[...new Set([deploy, owning])].join(', ')} TO CURRENT_USER`)
}

/** Without what would be power over roles that are not ours. */
async function ordinary(place: Place, roles: Roles): Promise<Roles> {
  if (await isCreateRoleSafe(place)) return roles
  const attributes = roles.settings.attributes.filter((attribute) => attribute !== 'createrole')
  return { ...roles, settings: { ...roles.settings, attributes } }
}

/** The ledger belongs to the role that runs the tool; the one that applied the baseline wrote to it as well. */
async function createLedger(place: Place, roles: Roles, ledger: LedgerTable): Promise<void> {
  const database = quotedName(place.database)
  const deploy = quotedName(roles.migrating)
  const isSplit = roles.owning !== roles.migrating
  if (isSplit) await place.admin.query(`GRANT CREATE ON DATABASE ${database} TO ${deploy}`)
  await place.admin.query(`SET ROLE ${deploy}`)
  for (const statement of ledger.createSql) await place.admin.query(statement)
  if (isSplit) {
    const [schema = 'public'] = ledger.name.split('.')
    await place.admin.query(`GRANT ALL ON ${quotedQualified(ledger.name)} TO ${quotedName(roles.owning)}`)
    if (schema !== 'public') {
      await place.admin.query(`GRANT USAGE ON SCHEMA ${quotedName(schema)} TO ${quotedName(roles.owning)}`)
      await place.admin.query(
        `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${quotedName(schema)} TO ${quotedName(roles.owning)}`,
      )
    }
  }
  await place.admin.query('RESET ROLE')
  if (isSplit) await place.admin.query(`REVOKE CREATE ON DATABASE ${database} FROM ${deploy}`)
}

/** Every schema but the server's own. */
export const SCHEMAS_SQL = `
  SELECT nspname FROM pg_namespace
   WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
   ORDER BY nspname`

/** What a deploy role has in split mode on everything the baseline made, and no more; then the relations it does own. */
export async function grantSplit(place: Place, roles: Roles): Promise<void> {
  const deploy = quotedName(roles.migrating)
  const { rows } = await place.admin.query<{ nspname: string }>(SCHEMAS_SQL)
  for (const { nspname } of rows) {
    const schema = quotedName(nspname)
    await place.admin.query(`GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${deploy}`)
    await place.admin.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${deploy}`)
    await place.admin.query(`GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${deploy}`)
    await place.admin.query(`GRANT EXECUTE ON ALL ROUTINES IN SCHEMA ${schema} TO ${deploy}`)
  }
  for (const relation of roles.settings.owns) {
    // Our connection has no search path.
    const name = quotedQualified(relation.includes('.') ? relation : `public.${relation}`)
    const found = await place.admin.query<{ oid: string | null }>('SELECT to_regclass($1) AS oid', [name])
    if (found.rows[0]?.oid === null) {
      throw new SeaworthyError('config', `roles.owns names ${relation}, which the baseline does not create`, {
        hint: 'Name it as schema.table, as it stands after the baseline; or take it out of roles.owns.',
      })
    }
    await place.admin.query(`ALTER TABLE ${name} OWNER TO ${deploy}`)
  }
}

/** The baseline may have been given more (CREATEROLE, …); what is pending starts with what the configuration says. */
export async function takeBackAttributes(host: Host, place: Place, roles: Roles): Promise<void> {
  if (!host.hasOwnRoles) return
  const configured = roles.owning === roles.migrating ? roles.settings.attributes : []
  const lendable = ['createrole', 'bypassrls', 'createdb'] as const
  const lent = lendable.filter((attribute) => !configured.includes(attribute))
  for (const attribute of lent) {
    const { rows } = await place.admin.query<{ name: string }>(
      `SELECT rolname AS name FROM pg_roles WHERE rolname = $1 AND rol${attribute}`,
      [roles.owning],
    )
    if (rows.length > 0) {
      await place.admin.query(`ALTER ROLE ${quotedName(roles.owning)} NO${ATTRIBUTE_SQL[attribute]}`)
    }
  }
}

const FOREIGN_OWNED_SQL = `
  SELECT count(*)::int AS count
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
     AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     AND pg_get_userbyid(c.relowner) <> $1
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`

/** How many relations belong to someone else than the migrating role. */
export async function countForeignOwned(place: Place, roles: Roles): Promise<number> {
  const { rows } = await place.admin.query<{ count: number }>(FOREIGN_OWNED_SQL, [roles.migrating])
  return rows[0]?.count ?? 0
}
