import { error, type Harms, NONE } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { ownName, plain, RELATIONS, ROUTINES, schemaOf, type Thing } from '../thing.ts'

const DEFAULT_PATH = ['$user', 'public']

/** The schemas of a search path as a setting writes them: `"$user", app, public`. */
export const schemasOf = (path: string): string[] =>
  path
    .split(',')
    .map((one) => one.trim().replaceAll('"', '').replaceAll("'", ''))
    .filter((one) => one !== '')

/** A table's row type has its name as well, but nobody casts to it where an enum is meant. */
const TYPES: ReadonlySet<string> = new Set(['type', 'domain'])
const NAMED_ALIKE: ReadonlySet<string> = new Set([...RELATIONS, 'sequence'])

interface Path {
  readonly whose: string
  readonly schemas: readonly string[]
}

/** The search paths under which production's roles run, as far as settings and the roles' own names tell. */
function paths(scene: Scene): Path[] {
  const things = [...scene.before.values()]
  const settings = new Map(
    things.flatMap((one) => {
      const path = one.sort === 'settings' ? one.facets.find((facet) => facet.startsWith('search_path=')) : undefined
      return path === undefined ? [] : [[one.object, path.slice('search_path='.length)] as const]
    }),
  )
  const general = settings.get('settings of the database')
  const roles = things.filter((one) => one.sort === 'role')
  const known = roles.map((role) => {
    const own =
      settings.get(`settings of role ${role.name} in this database`) ??
      settings.get(`settings of role ${role.name}`) ??
      general
    const schemas = own === undefined ? DEFAULT_PATH : schemasOf(own)
    return { whose: role.object, schemas: schemas.map((one) => (one === '$user' ? plain(role.name) : one)) }
  })
  return known.length > 0
    ? known
    : [{ whose: 'everybody', schemas: general === undefined ? DEFAULT_PATH : schemasOf(general) }]
}

/** A new object may stand in front of one that the running version means by the same name without its schema. */
export function judgeShadow(thing: Thing, scene: Scene): Harms {
  const sorts = [ROUTINES, TYPES].find((one) => one.has(thing.sort)) ?? NAMED_ALIKE
  const [own, schema] = [ownName(thing), schemaOf(thing)]
  const hidden = [...scene.before.values()].find(
    (one) =>
      sorts.has(one.sort) &&
      ownName(one) === own &&
      schemaOf(one) !== schema &&
      scene.after.has(one.object) &&
      paths(scene).some(({ schemas }) => isBefore(schemas, schema, schemaOf(one))),
  )
  if (hidden === undefined) return NONE
  const path = paths(scene).find(({ schemas }) => isBefore(schemas, schema, schemaOf(hidden)))
  return error(
    'compat/shadow-object',
    `${thing.sort} ${plain(thing.name)}`,
    `puts ${thing.object} in front of ${hidden.object} in the search_path of ${path?.whose ?? 'a role'} (${path?.schemas.join(', ') ?? ''}): who names it without a schema gets the new one`,
    { hint: 'Give the new object a name of its own.' },
  )
}

function isBefore(path: readonly string[], first: string, second: string): boolean {
  const [a, b] = [path.indexOf(first), path.indexOf(second)]
  return a !== -1 && b !== -1 && a < b
}
