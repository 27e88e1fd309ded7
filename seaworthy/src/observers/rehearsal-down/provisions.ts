import type { CatalogueDifference } from '../../migrations/catalogue-difference.ts'
import type { CatalogueEntry, Provided } from '../../migrations/engine.ts'

/** A name stands in the catalogue quoted where PostgreSQL needs it. */
const names = (name: string): string[] => [name, `"${name.replaceAll('"', '""')}"`]

/** What the provision of one thing adds to the catalogue. */
function objectsOf(provided: Provided, migratingRole: string): string[] {
  switch (provided.what) {
    case 'role':
    case 'schema':
    case 'extension':
      return names(provided.name).map((name) => `${provided.what} ${name}`)
    case 'ownership':
      return names(migratingRole).flatMap((member) =>
        names(provided.name).map((owner) => `membership of ${member} in ${owner}`),
      )
    case 'database':
      return []
  }
}

/** A right that the rehearsal lent to a role shows as a change of the role. */
const withoutLentRights = (entry: CatalogueEntry): string =>
  entry.definition
    .split('\n')
    .filter((facet) => facet !== 'createrole')
    .join('\n')

/** The difference without what the rehearsal itself provided while the up ran: no down is there to take that back. */
export function withoutProvisions(
  difference: CatalogueDifference,
  provided: readonly Provided[],
  migratingRole: string,
): CatalogueDifference {
  const ours = new Set(provided.flatMap((one) => objectsOf(one, migratingRole)))
  const lentTo = new Set(
    provided
      .filter((one) => one.what === 'role' && one.name.endsWith(' CREATEROLE'))
      .flatMap((one) => objectsOf({ ...one, name: one.name.slice(0, -' CREATEROLE'.length) }, migratingRole)),
  )
  return {
    added: difference.added.filter((entry) => !ours.has(entry.object)),
    removed: difference.removed,
    changed: difference.changed.filter(
      ({ before, after }) => !lentTo.has(after.object) || withoutLentRights(before) !== withoutLentRights(after),
    ),
  }
}
