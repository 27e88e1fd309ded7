import type { Json } from '../chain/chain.ts'

/** The clocks of two machines may differ by so much, in milliseconds. */
export const CLOCK_SKEW_MS = 60_000

/** Something that happened, and when: ISO 8601; null where only somebody who looks again can say. */
export interface DatedEvent {
  readonly event: string
  readonly at: string | null
}

/** One thing happened before another. */
export interface Order {
  readonly before: DatedEvent
  readonly after: DatedEvent
}

/** Times by the name of their event: null for one that is known not to have happened. */
export type Times = ReadonlyMap<string, string | null>

/** The order in a claim's `expected`; null if that is none. */
export function orderOf(expected: Json): Order | null {
  if (typeof expected !== 'object' || expected === null || !('before' in expected) || !('after' in expected))
    return null
  const [before, after] = [eventOf(expected.before), eventOf(expected.after)]
  return before === null || after === null ? null : { before, after }
}

function eventOf(value: Json | undefined): DatedEvent | null {
  if (typeof value !== 'object' || value === null || !('event' in value)) return null
  const { event } = value
  const at = 'at' in value ? value.at : null
  if (typeof event !== 'string' || (at !== null && typeof at !== 'string')) return null
  return { event, at }
}

/**
 * Whether the order holds, within the difference that clocks may have; null where that cannot be told: a time is missing, is
 * none, or has no time zone and another zone would turn the order round. What did not happen is in order. Pure.
 */
export function judgeOrder(order: Order, seen: Times): { readonly holds: boolean | null; readonly why: string } {
  const [first, second] = [timeOf(order.before, seen), timeOf(order.after, seen)]
  if (first === null || second === null) {
    return { holds: true, why: `there was no "${(first === null ? order.before : order.after).event}"` }
  }
  if (typeof first === 'string') return { holds: null, why: first }
  if (typeof second === 'string') return { holds: null, why: second }
  const told = `${order.before.event} at ${first.text}, ${order.after.event} at ${second.text}`
  if (first.latestMs <= second.earliestMs + CLOCK_SKEW_MS) return { holds: true, why: told }
  if (first.earliestMs > second.latestMs + CLOCK_SKEW_MS) {
    return { holds: false, why: `${told}: the other way round, by more than clocks differ (${CLOCK_SKEW_MS / 1000} s)` }
  }
  return { holds: null, why: `${told}: one of the times has no time zone, so the order cannot be told` }
}

interface Moment {
  readonly text: string
  readonly earliestMs: number
  readonly latestMs: number
}

/** No place on earth is further ahead or behind, in hours. */
const FURTHEST_AHEAD_H = 14
const FURTHEST_BEHIND_H = 12
const HOUR_MS = 3_600_000

/** The moment of an event; null if it did not happen, a text that says why it is not known. */
function timeOf({ event, at }: DatedEvent, seen: Times): Moment | null | string {
  const told = seen.get(event)
  if (told === null) return null
  const text = told ?? at
  if (text === null) return `the time of "${event}" is not known`
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/.exec(text)
  const zone = match?.[1]
  const ms = match === null ? Number.NaN : Date.parse(zone === undefined ? `${text}Z` : text)
  if (Number.isNaN(ms)) return `the time of "${event}" is none: ${text.slice(0, 40)}`
  if (zone !== undefined) return { text, earliestMs: ms, latestMs: ms }
  return { text, earliestMs: ms - FURTHEST_AHEAD_H * HOUR_MS, latestMs: ms + FURTHEST_BEHIND_H * HOUR_MS }
}
