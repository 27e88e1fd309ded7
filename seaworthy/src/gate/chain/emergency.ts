import type { Entry, Json } from './chain.ts'

/** An emergency override: a candidate that went on without a pass. */
export interface Emergency {
  readonly entry: Entry
  readonly reason: string
  readonly action: string
  /** Null if the entry does not say it; then only somebody's own hand closes the emergency. */
  readonly candidate: string | null
}

/** The same, and what became of it. */
export interface ToldEmergency extends Emergency {
  /** The entry that closed it; null for an emergency that is still open. */
  readonly closedBy: Entry | null
}

/** Every emergency, oldest first, and the first later entry that closed it. `entries` in the order of the chain. */
export function emergenciesIn(entries: Iterable<Entry>): ToldEmergency[] {
  const told: ToldEmergency[] = []
  for (const entry of entries) {
    for (const [index, one] of told.entries())
      if (one.closedBy === null && isClosing(entry, one)) told[index] = { ...one, closedBy: entry }
    if (entry.kind === 'emergency') told.push({ ...emergencyOf(entry), closedBy: null })
  }
  return told
}

/** Those that are still open, oldest first. `entries` in the order of the chain. */
export const openEmergencies = (entries: Iterable<Entry>): Emergency[] =>
  emergenciesIn(entries)
    .filter(({ closedBy }) => closedBy === null)
    .map(({ entry, reason, action, candidate }) => ({ entry, reason, action, candidate }))

/** What an entry closes is decided by this much of it. */
type Closer = Pick<Entry, 'kind' | 'candidate' | 'content'>

/**
 * Whether an entry that comes later closes an emergency: a passing certificate, or an admission on the ground of one, for
 * the same candidate and the same action, which judged one pending migration at least; or somebody who says why.
 */
export function isClosing(entry: Closer, emergency: Emergency): boolean {
  if (isByHand(entry)) return memberOf(entry.content, 'emergency') === emergency.entry.seq
  const isPass =
    (entry.kind === 'certificate' || (entry.kind === 'admission' && textIn(entry.content, 'outcome') === 'admitted')) &&
    textIn(entry.content, 'verdict') === 'pass'
  const isForIt =
    entry.candidate !== null &&
    entry.candidate === emergency.candidate &&
    textIn(entry.content, 'action') === emergency.action
  return isPass && isForIt && hasJudged(entry.content)
}

/** Whether an entry is somebody's word that an emergency is over. */
export const isByHand = ({ kind, content }: Pick<Entry, 'kind' | 'content'>): boolean =>
  kind === 'acceptance' && typeof memberOf(content, 'emergency') === 'number'

/** A pass on nothing pending says nothing of what went past the gate. */
function hasJudged(content: Json): boolean {
  const pending = memberOf(content, 'pending')
  return typeof pending === 'number' && pending >= 1
}

const emergencyOf = (entry: Entry): Emergency => ({
  entry,
  reason: textIn(entry.content, 'reason') ?? '',
  action: textIn(entry.content, 'action') ?? '',
  candidate: textIn(entry.content, 'candidate'),
})

/** A text that is a member of an object; null for anything else. */
export function textIn(content: Json, key: string): string | null {
  const found = memberOf(content, key)
  return typeof found === 'string' ? found : null
}

function memberOf(content: Json, key: string): Json {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return null
  return Object.entries(content).find(([name]) => name === key)?.[1] ?? null
}
