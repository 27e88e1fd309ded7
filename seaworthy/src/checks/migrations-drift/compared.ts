import type { CatalogueEntry, Effects } from '../../observers/effects/kind.ts'
import type { Shape } from '../../observers/shape/kind.ts'

/** What differs in one thing: itself, or something that is a part of it. */
export interface Drift {
  /** A table, a type, a function: what is no part of anything else. */
  readonly object: string
  readonly sort: 'missing' | 'only-in-production' | 'different'
  /** The thing and its parts, as far as they differ. */
  readonly objects: readonly string[]
  /** What differs, one line a part; empty where the whole thing is on one side only. */
  readonly lines: readonly string[]
}

export interface Compared {
  /** Sorted by object. */
  readonly drifts: readonly Drift[]
  /** Things of production, and how many of them are what the migrations build. */
  readonly things: number
  readonly same: number
}

/**
 * Left to others: roles, owners and grants, which the rehearsal takes from the shape; extensions, which have versions; and
 * what the database says of itself.
 */
const ELSEWHERE =
  /^(?:role |membership of |settings of |privileges on |default privileges of |extension |database$|comment on (?:extension |database|schema public$))/

/** The server's own words for the same thing, which another major version puts another way. */
const WORDED_BY_MAJOR = /^(?:definition |not null named )/

type Facets = ReadonlyMap<string, readonly string[]>

const facetsOf = ({ definition }: CatalogueEntry): string[] => definition.replaceAll('\n\t', ' ').split('\n')

/** What the object is a part of; null if it stands for itself. */
const wholeOf = (facets: readonly string[] | undefined): string | null =>
  facets?.[0]?.startsWith('of ') === true ? facets[0].slice('of '.length) : null

/** Compares production with what the migrations build. With another major version, the server's own texts are left out. */
export function compare(seen: Pick<Effects, 'before' | 'server'>, found: Shape): Compared {
  const isSameMajor = seen.server.major === found.server.major
  const built = facets(seen.before, isSameMajor)
  const there = facets(found.catalogue, isSameMajor)
  const root = rootIn(built, there)
  const objects = [...new Set([...built.keys(), ...there.keys()])].toSorted()
  const byRoot = Map.groupBy(
    objects.filter((object) => !isSame(built.get(object), there.get(object))),
    root,
  )
  const drifts = [...byRoot].map(([object, parts]) => driftOf(object, parts, built, there))
  const things = new Set([...there.keys()].map(root))
  const same = [...things].filter((thing) => !byRoot.has(thing)).length
  return { drifts: drifts.toSorted((a, b) => (a.object < b.object ? -1 : 1)), things: things.size, same }
}

function facets(catalogue: readonly CatalogueEntry[], isSameMajor: boolean): Facets {
  const kept = catalogue.filter((entry) => !ELSEWHERE.test(entry.object))
  return new Map(
    kept.map((entry) => [
      entry.object,
      facetsOf(entry).filter((facet) => !facet.startsWith('owner ') && (isSameMajor || !WORDED_BY_MAJOR.test(facet))),
    ]),
  )
}

/** The thing that an object is a part of in the end, on either side. */
export function rootIn(...sides: readonly Facets[]): (object: string) => string {
  return (object) => {
    let at = object
    // No thing is nested deeper than comment, index, constraint, table.
    for (let depth = 0; depth < 6; depth += 1) {
      const whole = wholeOf(sides.map((side) => side.get(at)).find((one) => one !== undefined))
      if (whole === null) return at
      at = whole
    }
    return at
  }
}

const isSame = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((facet, index) => facet === b[index])

function driftOf(object: string, parts: readonly string[], built: Facets, there: Facets): Drift {
  const isBuilt = built.has(object)
  const isThere = there.has(object)
  if (isBuilt !== isThere) {
    return { object, sort: isBuilt ? 'missing' : 'only-in-production', objects: parts, lines: [] }
  }
  // With a column, its default and its index need no mention.
  const listed = parts.filter(
    (part) => !parts.includes(wholeOf(built.get(part) ?? there.get(part)) ?? '') || isBoth(part),
  )
  function isBoth(part: string): boolean {
    return built.has(part) && there.has(part)
  }
  return { object, sort: 'different', objects: parts, lines: listed.map((part) => lineOf(part, built, there)) }
}

function lineOf(part: string, built: Facets, there: Facets): string {
  const [here, production] = [built.get(part), there.get(part)]
  if (production === undefined) return `production has no ${part}`
  if (here === undefined) return `only production has ${part}`
  const [expected, actual] = [
    here.filter((one) => !production.includes(one)),
    production.filter((one) => !here.includes(one)),
  ]
  return `${part} is built with ${words(expected)}, and production has ${words(actual)}`
}

/** How many characters of what differs one message shows. */
const LONGEST = 120

function words(differing: readonly string[]): string {
  if (differing.length === 0) return 'nothing of the kind'
  const text = differing.join(', ')
  return `\`${text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text}\``
}
