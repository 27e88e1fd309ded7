import type { CatalogueEntry } from '../../migrations/engine.ts'

/** The facets of a definition: a line that begins with a tab goes on with the one before it. */
export const facetsOf = ({ definition }: CatalogueEntry): string[] => definition.replaceAll('\n\t', ' ').split('\n')

/** What follows a word in the facets of an entry; null if no facet begins with it. */
export function facetIn(entry: CatalogueEntry, word: string): string | null {
  const found = facetsOf(entry).find((facet) => facet.startsWith(`${word} `))
  return found === undefined ? null : found.slice(word.length + 1)
}

/** A name as quote_ident wrote it, as it is. */
export const unquoted = (name: string): string =>
  name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
