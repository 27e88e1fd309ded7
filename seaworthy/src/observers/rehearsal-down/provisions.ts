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
    case 'ledger':
    case 'triggers':
      return []
  }
}

/** Attributes that the rehearsal lends to a role. */
const LENT = new Set(['createrole', 'bypassrls', 'createdb'])
const LENT_NAME = / (?:CREATEROLE|BYPASSRLS|CREATEDB)$/

/** A right that the rehearsal lent to a role shows as a change of the role. */
const withoutLentRights = (entry: CatalogueEntry): string =>
  entry.definition
    .split('\n')
    .filter((facet) => !LENT.has(facet))
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
      .filter((one) => one.what === 'role' && LENT_NAME.test(one.name))
      .flatMap((one) => objectsOf({ ...one, name: one.name.replace(LENT_NAME, '') }, migratingRole)),
  )
  return {
    added: difference.added.filter((entry) => !ours.has(entry.object)),
    removed: difference.removed,
    changed: difference.changed.filter(
      ({ before, after }) => !lentTo.has(after.object) || withoutLentRights(before) !== withoutLentRights(after),
    ),
  }
}
