import type { CatalogueDifference } from '../../migrations/catalogue-difference.ts'
import type { CatalogueEntry, Provided } from '../../migrations/engine.ts'

/** A name stands in the catalogue quoted where PostgreSQL needs it. */
const names = (name: string): string[] => [name, `"${name.replaceAll('"', '""')}"`]

/** `deploy CREATEROLE`: an attribute that the rehearsal lent to a role. */
const LENT = /^(.+) (CREATEROLE|BYPASSRLS|CREATEDB)$/

/**
 * The difference without what the rehearsal itself provided while the migrations ran: roles as it makes them, the
 * memberships and attributes that it gave. What a migration then did to them stays.
 */
export function withoutProvided(
  difference: CatalogueDifference,
  provided: readonly Provided[],
  migratingRole: string,
): CatalogueDifference {
  const made = new Set(provided.flatMap((one) => madeBy(one, migratingRole)))
  const lent = new Set(
    provided.flatMap(({ what, name }) => {
      const [, role = '', attribute = ''] = (what === 'role' ? LENT.exec(name) : null) ?? []
      return names(role).map((one) => `role ${one} ${attribute.toLowerCase()}`)
    }),
  )
  const withoutLent = (before: CatalogueEntry, after: CatalogueEntry): CatalogueEntry => {
    const had = new Set(before.definition.split('\n'))
    const kept = after.definition.split('\n').filter((facet) => had.has(facet) || !lent.has(`${after.object} ${facet}`))
    return { ...after, definition: kept.join('\n') }
  }
  const opened = new Set(provided.flatMap(({ what, name }) => (what === 'ownership' ? names(name) : [])))
  return {
    added: difference.added.filter(
      (one) => (one.definition !== '' || !made.has(one.object)) && !isOpenedSchema(one, opened),
    ),
    removed: difference.removed,
    changed: difference.changed
      .map(({ before, after }) => ({ before, after: withoutLent(before, after) }))
      .filter(({ after }) => !isOpenedSchema(after, opened))
      .filter(({ before, after }) => before.object !== after.object || before.definition !== after.definition),
  }
}

/** Who is to own something in a schema has to be able to make it there: `privileges on schema public for app`. */
function isOpenedSchema({ object, definition }: CatalogueEntry, opened: ReadonlySet<string>): boolean {
  const at = object.lastIndexOf(' for ')
  if (!object.startsWith('privileges on schema ') || !opened.has(object.slice(at + ' for '.length))) return false
  return definition.split('\n').at(-1) === 'granted CREATE, USAGE'
}

/** Plain as the rehearsal makes them, they have an empty definition. */
function madeBy({ what, name }: Provided, migratingRole: string): string[] {
  if (what === 'role' && !LENT.test(name)) return names(name).map((role) => `role ${role}`)
  if (what !== 'ownership') return []
  return names(migratingRole).flatMap((member) => names(name).map((owner) => `membership of ${member} in ${owner}`))
}
