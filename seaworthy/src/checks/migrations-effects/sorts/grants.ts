import { walk } from '../../../sql/tree.ts'
import { type Harm, type Harms, NONE, remark, warning } from '../harm.ts'
import { statementOf } from '../place.ts'
import type { Scene } from '../scene.ts'
import { hasFacet, plain, schemaOf, type Thing, thingOf, valueOf } from '../thing.ts'

type Catalogue = ReadonlyMap<string, Thing>

/** What PUBLIC holds where nobody ever granted or revoked. Source: acldefault in utils/adt/acl.c. */
export const PUBLIC_BY_DEFAULT: Readonly<Record<string, string>> = {
  function: 'EXECUTE',
  procedure: 'EXECUTE',
  aggregate: 'EXECUTE',
  type: 'USAGE',
  domain: 'USAGE',
  language: 'USAGE',
  database: 'CONNECT, TEMPORARY',
}

const GRANTABLE = ' with grant option'
const rightsOf = (thing: Thing | undefined): string[] =>
  (valueOf(thing, 'granted ') ?? '')
    .split(', ')
    .filter((one) => one !== '' && one !== 'nothing')
    .map((one) => (one.endsWith(GRANTABLE) ? one.slice(0, -GRANTABLE.length) : one))

const granteeOf = (thing: Thing): string => thing.name.slice(thing.name.lastIndexOf(' for ') + ' for '.length)

/** Whether the release makes the role itself. One that is only named is assumed to be in production. */
export function isNewRole(role: string, scene: Scene): boolean {
  if (scene.isOld(`role ${role}`)) return false
  if (scene.added.some((one) => one.object === `role ${role}`)) return true
  let isMade = false
  for (const by of scene.statements)
    walk(scene.nodesOf(by), 'CreateRoleStmt', (one) => (isMade ||= one.role === plain(role)))
  return isMade
}

/** One that may only be handed on is of no use: the server gives such a one to whoever makes a role, from 16 on. */
const isOfUse = (membership: Thing): boolean =>
  !hasFacet(membership, 'without inherit') || !hasFacet(membership, 'without set')

/** The role and all that it is a member of. */
export function rolesOf(role: string, catalogue: Catalogue): ReadonlySet<string> {
  const found = new Set([role])
  for (const one of found) {
    const start = `membership of ${one} in `
    for (const thing of catalogue.values())
      if (thing.object.startsWith(start) && isOfUse(thing)) found.add(thing.object.slice(start.length))
  }
  return found
}

/** Whether somebody can log in as the role, or as a member of it. */
function canLogIn(role: string, catalogue: Catalogue): boolean {
  const roles = [...catalogue.values()].filter((one) => one.sort === 'role' && hasFacet(one, 'login'))
  return roles.some((one) => rolesOf(one.name, catalogue).has(role))
}

const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE'])
/** With these a role makes what others then run, in place of reading or writing rows. */
const MAKES = new Set(['CREATE', 'TRIGGER'])

/** What of an object's rights a role had before, by whatever way; null for who may do everything. */
function heldBefore(role: string, holder: string, scene: Scene): ReadonlySet<string> | null {
  const held = new Set(
    scene.before.has(`privileges on ${holder} for PUBLIC`)
      ? []
      : (PUBLIC_BY_DEFAULT[scene.before.get(holder)?.sort ?? '']?.split(', ') ?? []),
  )
  const whole = scene.before.get(holder)?.sort === 'column' ? scene.before.get(holder)?.parent : null
  for (const one of [...rolesOf(role, scene.before), 'PUBLIC']) {
    if (hasFacet(scene.before.get(`role ${one}`), 'superuser')) return null
    for (const object of [holder, ...(whole === null || whole === undefined ? [] : [whole])]) {
      if (valueOf(scene.before.get(object), 'owner ') === one) return null
      for (const right of rightsOf(scene.before.get(`privileges on ${object} for ${one}`))) held.add(right)
    }
  }
  return held
}

/** `billing` of `table billing.rates`; the empty text for what stands in no schema. */
const schemaOfName = (object: string): string => schemaOf(thingOf({ object, definition: '' }))

/** Whether the role wrote to tables of that schema before: it is then one of the service's own. */
function isAtWork(role: string, holder: string, scene: Scene): boolean {
  const schema = schemaOfName(holder)
  return [...rolesOf(role, scene.before)].some((one) =>
    [...scene.before.values()].some(
      (thing) =>
        thing.sort === 'privileges' &&
        granteeOf(thing) === one &&
        thing.parent?.startsWith('table ') === true &&
        (schema === '' || schemaOfName(thing.parent) === schema) &&
        rightsOf(thing).some((right) => WRITES.has(right)),
    ),
  )
}

/** Whether somebody logs in as the role who wrote to nothing like it before. */
export const isStranger = (role: string, holder: string, scene: Scene): boolean =>
  !isNewRole(role, scene) && canLogIn(role, scene.after) && !isAtWork(role, holder, scene)

interface More {
  readonly thing: Thing
  readonly rights: readonly string[]
  readonly isFirst: boolean
  readonly severity: 'warning' | 'note'
}

function moreOf(thing: Thing, scene: Scene): More | null {
  const [role, holder] = [granteeOf(thing), thing.parent ?? '']
  if (role === 'PUBLIC' || !scene.isOld(holder)) return null
  const held = heldBefore(role, holder, scene)
  if (held === null || valueOf(scene.after.get(holder), 'owner ') === role) return null
  const rights = rightsOf(thing).filter((one) => !held.has(one))
  if (rights.length === 0) return null
  const isKnownToLogIn = !isNewRole(role, scene) && canLogIn(role, scene.after)
  const isMaking = rights.some((one) => MAKES.has(one))
  const isWider = isMaking || (held.size === 0 && !isAtWork(role, holder, scene))
  return { thing, rights, isFirst: held.size === 0, severity: isKnownToLogIn && isWider ? 'warning' : 'note' }
}

const MOST_NAMED = 3

/**
 * Rights on what was there that a role did not have before, neither itself nor by a membership nor as one of PUBLIC: one
 * finding for each role and statement. What PUBLIC gets is judged with each object.
 */
export function judgeGrants(scene: Scene): Harms {
  const all = [...scene.added, ...scene.changed.map((one) => one.after)].filter((one) => one.sort === 'privileges')
  const groups = new Map<string, More[]>()
  for (const thing of all) {
    const more = moreOf(thing, scene)
    if (more === null) continue
    const by = statementOf(thing, 'altered', scene)
    const key = JSON.stringify([granteeOf(thing), by?.file, by?.index, more.severity])
    groups.set(key, [...(groups.get(key) ?? []), more])
  }
  return [...groups.values()].flatMap((group): readonly Harm[] => {
    const [first] = group
    if (first === undefined) return NONE
    const role = granteeOf(first.thing)
    const what = group.slice(0, MOST_NAMED).map(({ thing, rights, isFirst }) => {
      const had = isFirst ? 'where it had none' : 'beside what it had'
      return `${rights.join(', ')} on ${thing.parent ?? ''} (${had})`
    })
    const rest = group.length > MOST_NAMED ? ` and on ${group.length - MOST_NAMED} more` : ''
    const say = first.severity === 'warning' ? warning : remark
    return say(
      'security/widen-rights',
      group.length === 1 ? subjectOf(first.thing) : `role ${plain(role)}`,
      `gives ${role}${isNewRole(role, scene) ? ', which is new,' : ''} ${what.join(', ')}${rest}`,
      {
        by: statementOf(first.thing, 'altered', scene),
        hint: `GRANT only what ${role} needs, on the columns that it needs; or accept it in the policy with the reason.`,
      },
    )
  })
}

const subjectOf = (thing: Thing): string => {
  const holder = thingOf({ object: thing.parent ?? '', definition: '' })
  return `${holder.sort} ${plain(holder.name)}`
}
