import { differenceOf } from '../../migrations/catalogue-difference.ts'
import type { CatalogueEntry, World } from '../../migrations/engine.ts'
import type { Repeating, TableContent } from '../../migrations/repeating.ts'

/** All that a world holds, as far as it is compared. */
export interface State {
  readonly catalogue: readonly CatalogueEntry[]
  readonly contents: readonly TableContent[]
}

export const stateOf = async (world: World, repeating: Repeating): Promise<State> => ({
  catalogue: await world.catalogue(),
  contents: await repeating.contents(),
})

/** Names of the objects that differ. */
export function changedObjects(a: State, b: State): string[] {
  const { added, removed, changed } = differenceOf(a.catalogue, b.catalogue)
  return [...added, ...removed, ...changed.map(({ after }) => after)].map((entry) => entry.object).toSorted()
}

/** Tables that both have and that hold other rows, or another number of them. */
export function tablesWithOtherRows(a: State, b: State): string[] {
  const known = new Map(a.contents.map((table) => [table.object, table]))
  return b.contents
    .filter(({ object, rows, digest }) => {
      const other = known.get(object)
      return other !== undefined && (other.rows !== rows || other.digest !== digest)
    })
    .map(({ object }) => object)
}

const facetsOf = ({ definition }: CatalogueEntry): readonly string[] => definition.split('\n')

/** Indexes that are invalid in `now`, and are not in `straight`. */
export function newlyInvalid(straight: State, now: State): string[] {
  const invalid = (state: State): string[] =>
    state.catalogue
      .filter((entry) => entry.object.startsWith('index ') && facetsOf(entry).includes('invalid'))
      .map((entry) => entry.object)
  const known = new Set(invalid(straight))
  return invalid(now).filter((object) => !known.has(object))
}
