import { error, type Harms, NONE } from '../harm.ts'
import type { Change, Scene } from '../scene.ts'
import { plain, type Thing } from '../thing.ts'

/** One facet that is not what it was; null on the side on which it is missing. */
export interface FacetChange extends Change {
  readonly from: string | null
  readonly to: string | null
}

export type FacetRule = (change: FacetChange, scene: Scene) => Harms

/** What becomes of one sort of object, and what it means. */
export interface SortRules {
  /**
   * By the words that a facet begins with (a blank at the end: a value follows); `*` takes whatever no other one does.
   * A facet that no rule knows is a change that nobody here understands, and refuses.
   */
  readonly facets: Readonly<Record<string, FacetRule>>
  readonly added: (thing: Thing, scene: Scene) => Harms
  /** `alongWith` names what took it along, if it was not dropped by name. */
  readonly removed: (thing: Thing, scene: Scene, alongWith: string | null) => Harms
  /** In place of the facets, where they only make sense together. */
  readonly changed?: (change: Change, scene: Scene) => Harms | null
}

export const nothing = (): Harms => NONE

/** A facet without which no client notices anything: storage, statistics, costs. */
export const unnoticed: FacetRule = nothing

export const along = (alongWith: string | null): string => (alongWith === null ? '' : `, along with ${alongWith}`)

const RELATION_LIKE = new Set(['view', 'materialized view', 'foreign table', 'sequence'])

/** The object as the static rules call it where the statement does not tell what sort of relation it is. */
export function staticName(thing: Thing): string {
  const { sort } = thing
  const name = thing.name.includes('(') && sort !== 'cast' ? thing.name.slice(0, thing.name.indexOf('(')) : thing.name
  if (RELATION_LIKE.has(sort)) return `table ${plain(name)}`
  return `${sort === 'domain' ? 'type' : sort} ${plain(name)}`
}

export const owner: FacetRule = ({ after, from, to }) =>
  error(
    'ownership/change-owner',
    staticName(after),
    `gives ${after.object} from ${from ?? 'nobody'} to ${to ?? 'nobody'}`,
    {
      hint: `GRANT … TO ${to ?? '…'};`,
    },
  )

/** A change of one facet that refuses with these words. */
export const refuses =
  (code: string, words: (change: FacetChange) => string, hint: string | null = null): FacetRule =>
  (change) =>
    error(code, `${change.after.sort} ${plain(change.after.name)}`, words(change), { hint })

/** Refuses where the facet comes, says nothing where it goes. */
export const whenItComes =
  (rule: FacetRule): FacetRule =>
  (change, scene) =>
    change.to === null ? NONE : rule(change, scene)
