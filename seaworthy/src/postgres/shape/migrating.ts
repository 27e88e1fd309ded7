import { SeaworthyError } from '../../gate/error.ts'
import type { RolesSettings } from '../../migrations/engine.ts'
import type { Shape, ShapeRole } from '../../migrations/shape.ts'
import { facetIn, unquoted } from './entry.ts'

/** The roles of a rehearsal in production's shape. */
export interface RolesOfShape {
  readonly settings: RolesSettings
  /** Who migrates and how that is known, in one sentence. */
  readonly why: string
}

/** Stands for whoever made what production does not say the owner of. */
const FALLBACK_OWNER = 'owner'

/**
 * Who migrates and who made what is live: the role that the configuration names (`roles.deploy`); else the owner of the
 * ledger, since that is who runs the tool; else the one role that owns all tables.
 * @throws SeaworthyError('config') if the configuration names a role that production does not have, or if nothing says who
 * migrates.
 */
export function rolesOfShape(settings: RolesSettings, shape: Shape): RolesOfShape {
  const { role, why } = migratingRole(settings, shape)
  const known = shape.roles.find((one) => one.name === role)
  const isSuperuser = known?.attributes.includes('superuser') === true
  return {
    settings: {
      ...settings,
      mode: 'split',
      isConfigured: true,
      deployRole: role,
      ownerRole: baselineRole(shape, role),
      attributes: isSuperuser ? ['bypassrls', 'createdb', 'createrole'] : attributesOf(known),
      memberOf: [],
      owns: [],
    },
    why: isSuperuser ? `${why}; it is a superuser there, and here a member of every other role` : why,
  }
}

function migratingRole(settings: RolesSettings, shape: Shape): { role: string; why: string } {
  const isNamed = settings.isConfigured && settings.deployRole !== 'deploy'
  const hasIt = shape.roles.some((one) => one.name === settings.deployRole)
  if (settings.isConfigured && hasIt) {
    return { role: settings.deployRole, why: `${settings.deployRole} migrates, as the configuration says` }
  }
  if (isNamed) {
    throw new SeaworthyError(
      'config',
      `roles.deploy names ${settings.deployRole}, which production's shape does not have`,
      {
        hint: 'Mend the name, capture the shape again, or leave roles.deploy out: the owner of the ledger then migrates.',
      },
    )
  }
  if (shape.ledger !== null) {
    const { owner, table } = shape.ledger
    return { role: owner, why: `${owner} migrates: it owns the ledger ${table} in production` }
  }
  const owners = [...ownersIn(shape).keys()]
  const [owner] = owners
  if (owner !== undefined && owners.length === 1) {
    return { role: owner, why: `${owner} migrates: it owns every table in production` }
  }
  throw new SeaworthyError('config', "production's shape does not say who migrates: it has no ledger", {
    hint: "Name the role (roles: { mode: 'split', deploy: '…' } in seaworthy.config.ts), or capture again with --ledger-table.",
  })
}

/** Of what the rehearsal may give to a role of its own: nothing that reaches beyond the database. */
const attributesOf = (role: ShapeRole | undefined): RolesSettings['attributes'] =>
  (['bypassrls', 'createdb', 'createrole'] as const).filter((one) => role?.attributes.includes(one) === true)

/** How many tables each role owns. */
function ownersIn({ catalogue }: Shape): Map<string, number> {
  const owners = new Map<string, number>()
  for (const entry of catalogue) {
    const owner = entry.object.startsWith('table ') ? facetIn(entry, 'owner') : null
    if (owner !== null) owners.set(unquoted(owner), (owners.get(unquoted(owner)) ?? 0) + 1)
  }
  return owners
}

/** The role that owns most of what the migrating one does not. It applies the baseline; then every owner gets its own. */
function baselineRole(shape: Shape, migrating: string): string {
  const others = [...ownersIn(shape)].filter(([name]) => name !== migrating)
  const [most] = others.toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  if (most !== undefined) return most[0]
  return migrating === FALLBACK_OWNER ? `${FALLBACK_OWNER}_of_baseline` : FALLBACK_OWNER
}
