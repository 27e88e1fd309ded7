import { ownName, plain, RELATIONS, type Thing, wholeName } from '../thing.ts'
import type { Scene } from '../scene.ts'

/** A column that the release adds to a relation that was there. */
export interface Gain {
  readonly relation: string
  readonly column: string
  readonly thing: Thing
}

/** What a new column does to a body. */
export interface Taken {
  readonly gain: Gain
  readonly what: string
}

/** Whether a text names the relation, with its schema or without. */
export const isNamed = (relation: string, name: string | null): boolean =>
  name !== null && (plain(relation) === name || (!name.includes('.') && plain(relation).endsWith(`.${name}`)))

type Catalogue = Scene['before']

const COLUMNS = new WeakMap<Catalogue, ReadonlyMap<string, readonly string[]>>()

/** The columns of the relation that a text names; null where there is none known. */
export function columnsOf(name: string, catalogue: Catalogue): readonly string[] | null {
  const known = COLUMNS.get(catalogue) ?? columnsByName(catalogue)
  COLUMNS.set(catalogue, known)
  return known.get(name) ?? null
}

/** With the schema and without. */
function columnsByName(catalogue: Catalogue): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const one of catalogue.values()) {
    if (!RELATIONS.has(one.sort)) continue
    const columns: string[] = []
    found.set(plain(one.name), columns)
    if (!found.has(ownName(one))) found.set(ownName(one), columns)
  }
  for (const one of catalogue.values()) if (one.sort === 'column') found.get(plain(wholeName(one)))?.push(ownName(one))
  return found
}
