import { error, type Harms, NONE, remark } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { hasFacet, plain, type Thing, valueOf } from '../thing.ts'
import { isNewRole } from './grants.ts'
import { along, nothing, type SortRules } from './rules.ts'

const POWERS = ['superuser', 'createrole', 'replication', 'bypassrls']
const ELSEWHERE = 'Manage roles where the server is managed.'
const powersOf = (thing: Thing | undefined): string[] => POWERS.filter((one) => hasFacet(thing, one))

const subject = (thing: Thing): string => `role ${plain(thing.name)}`
const isTelling = (facet: string): boolean => !facet.startsWith('comment ')

export const roles: SortRules = {
  facets: { '*': nothing },
  added: (thing) => {
    const powers = powersOf(thing)
    if (powers.length === 0) return NONE
    return error(
      'security/create-privileged-role',
      subject(thing),
      `gives ${thing.object} ${powers.join(' and ').toUpperCase()}`,
      { hint: `CREATE ROLE ${thing.name} without them.` },
    )
  },
  removed: (thing, _, alongWith) =>
    error('security/alter-role', subject(thing), `drops ${thing.object}${along(alongWith)}`, { hint: ELSEWHERE }),
  changed: ({ before, after }) => {
    const [was, is] = [before.facets.filter(isTelling), after.facets.filter(isTelling)]
    if (was.join('\n') === is.join('\n')) return NONE
    return error(
      'security/alter-role',
      subject(after),
      `changes ${after.object}: ${was.join(', ') || 'nothing'} before, ${is.join(', ') || 'nothing'} now`,
      { hint: ELSEWHERE },
    )
  },
}

/** `membership of app in readers` */
function namesOf(thing: Thing): { member: string; role: string } {
  const text = thing.object.slice('membership of '.length)
  const at = text.indexOf(' in ')
  return { member: text.slice(0, at), role: text.slice(at + ' in '.length) }
}

function gives(thing: Thing, scene: Scene): Harms {
  const { member, role } = namesOf(thing)
  const powers = role.startsWith('pg_') ? ['a role of the server itself'] : powersOf(scene.after.get(`role ${role}`))
  const what = `makes ${member} a member of ${role}`
  if (powers.length > 0)
    return error('security/grant-role', `role ${plain(member)}`, `${what}, which is ${powers.join(' and ')}`, {
      hint: 'Grant what is needed on the objects themselves.',
    })
  const isMemberNew = isNewRole(member, scene)
  if (!isNewRole(role, scene) && (!isMemberNew || isOwner(role, scene)))
    return error(
      'security/grant-role',
      `role ${plain(member)}`,
      `${what}: it may do from now on all that ${role} may${isOwner(role, scene) ? ', which owns what is here' : ''}`,
      {
        hint: 'Grant what is needed on the objects themselves, or accept it in the policy.',
      },
    )
  if (isMakers(thing)) return NONE
  if (!isNewRole(role, scene) && !hasFacet(thing, 'with admin option'))
    return remark('security/grant-role', `role ${plain(member)}`, `${what}, which was there before`)
  return hasFacet(thing, 'with admin option')
    ? error('security/grant-role', `role ${plain(member)}`, `${what} who may make others one`, {
        hint: `GRANT ${role} TO ${member}; without ADMIN OPTION.`,
      })
    : NONE
}

const isOwner = (role: string, scene: Scene): boolean =>
  [...scene.before.values()].some((one) => one.sort !== 'database' && valueOf(one, 'owner ') === role)

/** From PostgreSQL 16 on the server makes whoever makes a role a member of it that may hand it on, and may not use it. */
const isMakers = (thing: Thing): boolean =>
  ['with admin option', 'without inherit', 'without set'].every((one) => hasFacet(thing, one))

const takes = (thing: Thing, what: string): Harms => {
  const { member, role } = namesOf(thing)
  return error('security/revoke', `role ${plain(member)}`, `takes ${what}the role ${role} away from ${member}`, {
    hint: 'Revoke it when nothing that runs relies on it.',
  })
}

/** Of a role that is dropped that alone is told. The server's own are not listed. */
const isThere = (role: string, scene: Scene): boolean => role.startsWith('pg_') || scene.after.has(`role ${role}`)

export const memberships: SortRules = {
  facets: { '*': nothing },
  added: gives,
  removed: (thing, scene) =>
    isThere(namesOf(thing).member, scene) && isThere(namesOf(thing).role, scene) ? takes(thing, '') : NONE,
  changed: ({ before, after }, scene) => {
    const isLess = ['without inherit', 'without set'].some((one) => hasFacet(after, one) && !hasFacet(before, one))
    const isMore = hasFacet(after, 'with admin option') && !hasFacet(before, 'with admin option')
    return [...(isLess ? takes(after, 'a part of ') : NONE), ...(isMore ? gives(after, scene) : NONE)]
  },
}

const named = (facets: readonly string[]): string => facets.map((one) => one.slice(0, one.indexOf('='))).join(', ')

/** Settings that somebody or everybody gets at the next connection. */
function judgeSettings(thing: Thing, was: readonly string[], is: readonly string[], scene: Scene): Harms {
  const different = [...is.filter((one) => !was.includes(one)), ...was.filter((one) => !is.includes(one))]
  if (different.length === 0) return NONE
  const role = /^settings of role (.+?)(?: in this database)?$/.exec(thing.object)?.[1]
  if (role === undefined)
    return error(
      'security/alter-server',
      'database',
      `changes ${named(different)} for every new connection to the database`,
      { hint: 'SET LOCAL for this migration, or the configuration of the server.' },
    )
  if (isNewRole(role, scene)) return NONE
  return error(
    'security/alter-role',
    `role ${plain(role)}`,
    `changes ${named(different)} of role ${role}: ${was.join(', ') || 'nothing'} before, ${is.join(', ') || 'nothing'} now`,
    { hint: ELSEWHERE },
  )
}

export const roleSettings: SortRules = {
  facets: { '*': nothing },
  added: (thing, scene) => judgeSettings(thing, [], thing.facets, scene),
  removed: (thing, scene) => judgeSettings(thing, thing.facets, [], scene),
  changed: ({ before, after }, scene) => judgeSettings(after, before.facets, after.facets, scene),
}
