import { canonicalJson } from '../canonical.ts'
import type { Json } from '../chain/chain.ts'
import { type Times, judgeOrder, orderOf } from './order.ts'

/** What a claim is about. Each kind is looked at again in a way of its own. */
export type ClaimKind = 'repository' | 'input' | 'reading' | 'rehearsal' | 'ledger' | 'shape' | 'order'

/** What it means for the release when a claim does not hold: it stands in the way, or somebody has to know of it. */
export type ClaimSeverity = 'blocking' | 'discrepancy'

/** One thing that a bundle says of the world, and that somebody else can look at again. Plain JSON. */
export interface Claim {
  /** Stable and unique in one review: `repository/commit`, `rehearsal/migrations-effects db/migrations`. */
  readonly id: string
  readonly kind: ClaimKind
  /** One sentence without a full stop, as the builder would say it. */
  readonly says: string
  /** The check that makes the claim; `certificate` for what every bundle claims. */
  readonly source: string
  /** Where it is contradicted. */
  readonly severity: ClaimSeverity
  /** Where it cannot be checked. */
  readonly unchecked: ClaimSeverity
  /**
   * `equal`: what is seen is what was said. `includes`: everything that was said is seen, and more may be. `order`:
   * `expected` is an `Order`, and `seen` holds times of its events.
   */
  readonly comparison: 'equal' | 'includes' | 'order'
  readonly expected: Json
  /** Whose word it is: `bundle sha256:…`. Nobody else's word is confirmed by it. */
  readonly witness: string
  /** What it takes to look again: the next thing to do for whoever could not. */
  readonly needs: string
}

/** What somebody saw who looked again. */
export type Looked =
  | { readonly status: 'seen'; readonly seen: Json; readonly witness: string }
  | {
      readonly status: 'could-not-look'
      readonly reason: string
      /** The next thing to do, where it is another one than the claim's: whoever has looked is not sent to look. */
      readonly needs?: string | undefined
    }

export type ClaimOutcome = 'confirmed' | 'contradicted' | 'cannot-be-checked'

/** What becomes of a claim: why, as one sentence without a full stop, and what is to be done about it. */
export type JudgedClaim =
  | { readonly outcome: 'confirmed'; readonly why: string; readonly needs: null }
  | { readonly outcome: Exclude<ClaimOutcome, 'confirmed'>; readonly why: string; readonly needs: string }

export const couldNotLook = (reason: string, needs?: string): Looked => ({
  status: 'could-not-look',
  reason,
  ...(needs === undefined ? {} : { needs }),
})
export const seenBy = (witness: string, seen: Json): Looked => ({ status: 'seen', seen, witness })

/**
 * What becomes of a claim by what was seen. A witness that is the builder's own word confirms nothing, yet may contradict
 * itself. Pure.
 */
export function judgeClaim(claim: Claim, looked: Looked): JudgedClaim {
  if (looked.status === 'could-not-look') return unchecked(claim, looked.reason, looked.needs)
  const judged = compared(claim, looked.seen)
  if (judged.outcome !== 'confirmed') return judged
  return looked.witness === claim.witness
    ? unchecked(claim, 'nobody but the bundle itself says so, and no word confirms itself')
    : judged
}

function compared(claim: Claim, seen: Json): JudgedClaim {
  if (claim.comparison === 'order') {
    const order = orderOf(claim.expected)
    const times = timesOf(seen)
    if (order === null || times === null) return unchecked(claim, 'what is there does not say when anything happened')
    const { holds, why } = judgeOrder(order, times)
    if (holds === null) return unchecked(claim, why)
    return holds ? confirmed(why) : contradicted(why)
  }
  const differences = differencesBetween(claim.expected, seen, claim.comparison === 'includes')
  if (differences.length > 0) return contradicted(told(differences))
  const more = claim.comparison === 'includes' ? newNames(claim.expected, seen) : []
  return confirmed(more.length === 0 ? SAME_SEEN : `all of it is there; since then came ${told(more)}`)
}

/** Why most claims are confirmed: a person need not read it of each. */
export const SAME_SEEN = 'the same was seen'

const confirmed = (why: string): JudgedClaim => ({ outcome: 'confirmed', why, needs: null })
const unchecked = (claim: Claim, why: string, needs = claim.needs): JudgedClaim => ({
  outcome: 'cannot-be-checked',
  why,
  needs,
})
const contradicted = (why: string): JudgedClaim => ({
  outcome: 'contradicted',
  why,
  needs: 'Find out which of the two is true, and why: who made the bundle, from what, and what happened since.',
})

/** More differences than these are counted only. */
const MOST_TOLD = 8
const MOST_SHOWN = 160

const told = (items: readonly string[]): string =>
  items.slice(0, MOST_TOLD).join('; ') + (items.length > MOST_TOLD ? `; and ${items.length - MOST_TOLD} more` : '')

function shown(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : canonicalJson(value)
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text
}

/** Every difference of the two by name, down to the members of objects and the items of lists of texts. */
function differencesBetween(expected: Json, seen: Json, isPart: boolean, path = ''): string[] {
  if (isObject(expected) && isObject(seen)) {
    const names = [...new Set([...Object.keys(expected), ...(isPart ? [] : Object.keys(seen))])].toSorted()
    return names.flatMap((name) => {
      const [ours, theirs] = [member(expected, name), member(seen, name)]
      const place = path === '' ? name : `${path}, ${name}`
      if (ours === undefined || theirs === undefined) return [difference(place, ours, theirs)]
      return differencesBetween(ours, theirs, false, place)
    })
  }
  if (isTexts(expected) && isTexts(seen)) return textDifferences(expected, seen, path)
  return canonicalJson(expected) === canonicalJson(seen) ? [] : [difference(path, expected, seen)]
}

const difference = (place: string, ours: Json | undefined, theirs: Json | undefined): string =>
  `${place === '' ? '' : `${place}: `}the bundle says ${shown(ours)}, and ${shown(theirs)} was seen`

/** Lists of texts are compared as sets that count: their order says nothing. */
function textDifferences(expected: readonly string[], seen: readonly string[], path: string): string[] {
  const place = path === '' ? '' : `${path}: `
  return [
    ...without(seen, expected).map((one) => `${place}the bundle does not have ${shown(one)}`),
    ...without(expected, seen).map((one) => `${place}only the bundle has ${shown(one)}`),
  ]
}

/** The items of a list that another one lacks, or has fewer times. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const one of other) left.set(one, (left.get(one) ?? 0) + 1)
  return list.filter((one) => {
    const count = left.get(one) ?? 0
    left.set(one, count - 1)
    return count <= 0
  })
}

const newNames = (expected: Json, seen: Json): string[] =>
  isObject(expected) && isObject(seen) ? Object.keys(seen).filter((name) => !Object.hasOwn(expected, name)) : []

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTexts = (value: Json): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

/** `__proto__` and `constructor` are names like any other. */
const member = (value: { readonly [key: string]: Json }, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined

/** Times by the name of their event: null for one that did not happen. */
function timesOf(seen: Json): Times | null {
  if (!isObject(seen)) return null
  const times = new Map<string, string | null>()
  for (const [event, at] of Object.entries(seen)) {
    if (at !== null && typeof at !== 'string') return null
    times.set(event, at)
  }
  return times
}
