import type { CatalogueEntry } from './engine.ts'

export interface CatalogueDifference {
  readonly added: readonly CatalogueEntry[]
  readonly removed: readonly CatalogueEntry[]
  readonly changed: readonly { readonly before: CatalogueEntry; readonly after: CatalogueEntry }[]
}

/** What became of a catalogue, in the order of the two lists. Each list holds an object at most once. */
export function differenceOf(before: readonly CatalogueEntry[], after: readonly CatalogueEntry[]): CatalogueDifference {
  const remaining = new Map(before.map((entry) => [entry.object, entry]))
  const added: CatalogueEntry[] = []
  const changed: { before: CatalogueEntry; after: CatalogueEntry }[] = []
  for (const entry of after) {
    const earlier = remaining.get(entry.object)
    if (earlier === undefined) added.push(entry)
    else if (earlier.definition !== entry.definition) changed.push({ before: earlier, after: entry })
    remaining.delete(entry.object)
  }
  return { added, removed: [...remaining.values()], changed }
}

/** Whether two catalogues are the same to a client. */
export function isSameCatalogue(a: readonly CatalogueEntry[], b: readonly CatalogueEntry[]): boolean {
  const { added, removed, changed } = differenceOf(a, b)
  return added.length + removed.length + changed.length === 0
}
