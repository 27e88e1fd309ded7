import type { CatalogueEntry } from '../../observers/effects/kind.ts'
import { nameParts } from '../../sql/identifier.ts'

/** An object of the catalogue, taken apart. */
export interface Thing {
  /** As the catalogue lists it: `column public.users.email`. */
  readonly object: string
  /** `column`, `materialized view`, `privileges`; the empty text for a sort that nobody here knows. */
  readonly sort: string
  /** What stands after the sort. */
  readonly name: string
  /** The object that it is a part of; null if it stands for itself. */
  readonly parent: string | null
  /** Everything else that the catalogue says about it, one facet each. */
  readonly facets: readonly string[]
  readonly definition: string
}

/** Every sort of object that the catalogue lists; one that begins with another one's words stands before it. */
const SORTS = [
  'materialized view',
  'foreign table',
  'foreign-data wrapper',
  'event trigger',
  'text search configuration',
  'text search dictionary',
  'operator family',
  'operator class',
  'default privileges',
  'privileges',
  'user mapping',
  'settings',
  'membership',
  'comment',
  'security label',
  ...'table view column constraint index sequence trigger rule policy function procedure aggregate type domain'.split(
    ' ',
  ),
  ...'database schema extension language cast operator collation conversion statistics'.split(' '),
  ...'publication subscription server role'.split(' '),
]

/** What relations are called. */
export const RELATIONS: ReadonlySet<string> = new Set(['table', 'view', 'materialized view', 'foreign table'])
export const ROUTINES: ReadonlySet<string> = new Set(['function', 'procedure', 'aggregate'])
/** What `of OBJECT` in the first line means the owner of, and not a whole that it is a part of. */
const OWNED: ReadonlySet<string> = new Set(['sequence'])

/** The same, in the same order, by their first word: a catalogue has thousands of objects. */
const SORTS_BY_WORD = Map.groupBy(SORTS, (sort) => firstWord(sort))

function firstWord(text: string): string {
  const end = text.indexOf(' ')
  return end === -1 ? text : text.slice(0, end)
}

const sortOf = (object: string): string =>
  SORTS_BY_WORD.get(firstWord(object))?.find((sort) => object === sort || object.startsWith(`${sort} `)) ?? ''

/** The lines of a definition; one that begins with a tab goes on with the one above. */
function facetsOf(definition: string): readonly string[] {
  const isFolded = definition.includes('\n\t')
  const lines = (isFolded ? definition.replaceAll('\n\t', '\u001F') : definition).split('\n')
  const facets = isFolded ? lines.map((line) => line.replaceAll('\u001F', '\n')) : lines
  return facets.includes('') ? facets.filter((line) => line !== '') : facets
}

/** A drill judges one catalogue again and again: an entry that is the very same is read once. */
const READ = new WeakMap<CatalogueEntry, Thing>()

export function thingOf(entry: CatalogueEntry): Thing {
  const known = READ.get(entry)
  if (known !== undefined) return known
  const thing = readThing(entry)
  READ.set(entry, thing)
  return thing
}

function readThing({ object, definition }: CatalogueEntry): Thing {
  const sort = sortOf(object)
  const facets = facetsOf(definition)
  const parent = facets[0]?.startsWith('of ') === true && !facets[0].startsWith('of type ') ? facets[0].slice(3) : null
  return {
    object,
    sort,
    name: object.slice(sort.length).trim(),
    parent,
    facets: parent === null || OWNED.has(sort) ? facets : facets.slice(1),
    definition,
  }
}

/** What a facet says after its word: `valueOf(column, 'type ')`. Null if it has none such. */
export function valueOf(thing: Thing | undefined, key: string): string | null {
  const found = thing?.facets.find((facet) => facet.startsWith(key))
  return found === undefined ? null : found.slice(key.length)
}

export const hasFacet = (thing: Thing | undefined, facet: string): boolean => thing?.facets.includes(facet) ?? false

/** A name as people write it in findings: without quotes. */
export const plain = (name: string): string => (name.includes('"') ? nameParts(name).join('.') : name)

/** The own name of an object: `email` of `column public.users.email`, `age_check` of `constraint age_check on public.users`. */
export function ownName(thing: Thing): string {
  const on = thing.name.indexOf(' on ')
  if (on !== -1) return plain(thing.name.slice(0, on))
  const open = thing.name.indexOf('(')
  return nameParts(open === -1 ? thing.name : thing.name.slice(0, open)).at(-1) ?? ''
}

/** The relation or domain of a part, without its sort: `public.users`. */
export const wholeName = (thing: Thing): string => {
  const parent = thing.parent ?? ''
  return parent.slice(sortOf(parent).length).trim()
}

/** The schema of an object that has one; the empty text for the rest. */
export function schemaOf(thing: Thing): string {
  const open = thing.name.indexOf('(')
  const parts = nameParts(open === -1 ? thing.name : thing.name.slice(0, open))
  return parts.length > 1 ? (parts[0] ?? '') : ''
}
