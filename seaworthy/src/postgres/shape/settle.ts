import type { Provided } from '../../migrations/engine.ts'
import type { LedgerTable } from '../../migrations/model.ts'
import type { Shape } from '../../migrations/shape.ts'
import { readCatalogue } from '../catalogue.ts'
import type { Place } from '../host.ts'
import { quotedName } from '../../sql/identifier.ts'
import type { Roles } from '../roles.ts'
import { settleDefaultPrivileges } from './default-privileges.ts'
import { settleOwners } from './owners.ts'
import { settlePrivileges } from './privileges.ts'
import { nameHere, settleRoles } from './roles.ts'
import { settleSettings } from './session-settings.ts'

/**
 * After the baseline: production's roles, settings, owners and grants. What could not be done as production has it is
 * returned, and is unproven. Only for a server that is ours alone: roles belong to all databases of a server.
 *
 * The shape may come from the candidate. Every name in a statement is one that this server gave, or is quoted; no text of
 * the shape is SQL.
 */
export async function settleAsProduction(
  place: Place,
  roles: Roles,
  shape: Shape,
  ledger: LedgerTable | null,
): Promise<Provided[]> {
  const { admin } = place
  const look = async () =>
    await readCatalogue(admin, { ignoreTables: ledger === null ? [] : [ledger.name], isClusterShared: true })
  await settleRoles(admin, roles, shape)
  const database = quotedName(place.database)
  const owner = nameHere(admin, shape.database.owner)
  const isOwnerHere = shape.roles.some((role) => role.name === shape.database.owner)
  if (isOwnerHere) await admin.query(`ALTER DATABASE ${database} OWNER TO ${quotedName(owner)}`)
  const unsettled = [
    ...(await settleOwners(admin, roles, await look(), shape.catalogue)),
    ...(await settlePrivileges(admin, place.database, await look(), shape.catalogue)),
    ...(await settleDefaultPrivileges(admin, await look(), shape.catalogue)),
    ...(await settleSettings(admin, place.database, shape)),
  ]
  const { rows } = await admin.query<{ can: boolean }>("SELECT has_database_privilege($1, $2, 'CONNECT') AS can", [
    roles.migrating,
    place.database,
  ])
  // It gets into production somehow (a group that is not a part of the shape, a superuser).
  if (rows[0]?.can !== true) {
    await admin.query(`GRANT CONNECT ON DATABASE ${database} TO ${quotedName(roles.migrating)}`)
  }
  return unsettled.map(({ name, why }) => ({
    what: 'ownership',
    name,
    why: `${name}: ${why}`,
    neededBy: 'setup',
    isUnproven: true,
  }))
}

/** Why production's roles are not rehearsed on a server that is shared; null where they are. */
export const NOT_ON_A_GIVEN_SERVER =
  "production's roles, owners and grants are only rehearsed on a scratch server, so on the given one what the migrating role may do is not proved"

/** All of a shape that the state after the baseline depends on. */
export const identityOf = ({ roles, catalogue, database, server }: Shape): unknown => [
  roles,
  catalogue,
  database,
  server.settings,
]
