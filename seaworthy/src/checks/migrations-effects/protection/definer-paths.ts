import type { Scene } from '../scene.ts'
import { rolesOf } from '../sorts/grants.ts'
import { hasFacet, plain, type Thing, valueOf } from '../thing.ts'
import { isGranted } from './definers.ts'
import { schemasOf } from './shadows.ts'

type Catalogue = ReadonlyMap<string, Thing>

/**
 * Why the fixed search_path of a SECURITY DEFINER function is no protection: its callers can put objects where it looks;
 * null if they cannot. That pg_temp is looked at first where the path leaves it out is not told.
 */
export function openPath(routine: Thing, path: string, scene: Scene): string | null {
  const schemas = schemasOf(path)
  const temporary = schemas.indexOf('pg_temp')
  if (temporary !== -1 && temporary < schemas.length - 1)
    return `pg_temp stands before ${schemas[temporary + 1] ?? ''} in it: temporary tables of the caller come first`
  const owner = valueOf(routine, 'owner ') ?? ''
  for (const one of schemas) {
    const name = one === '$user' ? plain(owner) : one
    const schema = schemaCalled(name, scene.after)
    if (one === '$user' && schema === undefined)
      return `"$user" in it is a schema that is not there: whoever may make one called ${name} fills it`
    const maker = schema === undefined ? undefined : makers(schema, routine, scene.after)[0]
    if (maker !== undefined) return `${maker}, who may call it, may make objects in schema ${name}`
  }
  return null
}

const schemaCalled = (name: string, catalogue: Catalogue): Thing | undefined =>
  catalogue.get(`schema ${name}`) ??
  [...catalogue.values()].find((one) => one.sort === 'schema' && plain(one.name) === name)

/** The roles that may call the function and make objects in the schema, without having its owner's rights anyway. */
function makers(schema: Thing, routine: Thing, catalogue: Catalogue): string[] {
  const owner = valueOf(routine, 'owner ') ?? ''
  const callers = new Set(granted(routine, 'EXECUTE', catalogue))
  if (!catalogue.has(`privileges on ${routine.object} for PUBLIC`)) callers.add('PUBLIC')
  return granted(schema, 'CREATE', catalogue).filter((role) => {
    if (role === 'PUBLIC') return [...callers].some((one) => one !== owner)
    const roles = rolesOf(role, catalogue)
    const isAbove = hasFacet(catalogue.get(`role ${role}`), 'superuser') || roles.has(owner)
    // The owner of the database is a member of it, which no catalogue lists.
    if (isAbove || role === 'pg_database_owner') return false
    return callers.has('PUBLIC') || [...roles].some((one) => callers.has(one))
  })
}

/** The roles that hold a right on an object. */
const granted = (thing: Thing, right: string, catalogue: Catalogue): string[] =>
  [...catalogue.values()].flatMap((one) =>
    one.sort === 'privileges' && one.parent === thing.object && isGranted(one, right)
      ? [one.name.slice(one.name.lastIndexOf(' for ') + ' for '.length)]
      : [],
  )
