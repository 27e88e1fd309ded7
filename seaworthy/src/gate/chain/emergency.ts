import type { Entry, Json } from './chain.ts'

/** A migration folder, relative to the repository root, and the digest of all that it holds. */
export interface FolderPast {
  readonly folder: string
  readonly digest: string
}

/** The same, and what a certificate judged of it. */
export interface JudgedFolder extends FolderPast {
  /** So many migrations were pending. */
  readonly pending: number
  /**
   * Whether the newest migration was taken as live because a baseline, production's ledger or the candidate itself says so:
   * after the emergency each of these may have what went past.
   */
  readonly isLeftOut: boolean
}

/** An emergency override: a candidate that went on without a pass. */
export interface Emergency {
  readonly entry: Entry
  readonly reason: string
  readonly action: string
  /** Null if the entry does not say it; then only somebody's own hand closes the emergency. */
  readonly candidate: string | null
  /** What went past, at least one; null where nobody knows: then only somebody's own hand closes the emergency. */
  readonly folders: readonly FolderPast[] | null
  /** What passing entries have judged of these folders since. */
  readonly judged: readonly JudgedFolder[]
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
    for (const [index, one] of told.entries()) {
      if (one.closedBy !== null || !isAbout(entry, one)) continue
      told[index] = { ...one, judged: judgedAfter(entry, one), closedBy: isClosing(entry, one) ? entry : null }
    }
    if (entry.kind === 'emergency') told.push({ ...emergencyOf(entry), closedBy: null })
  }
  return told
}

/** Those that are still open, oldest first. `entries` in the order of the chain. */
export const openEmergencies = (entries: Iterable<Entry>): Emergency[] =>
  emergenciesIn(entries)
    .filter(({ closedBy }) => closedBy === null)
    .map(({ entry, reason, action, candidate, folders, judged }) => ({
      entry,
      reason,
      action,
      candidate,
      folders,
      judged,
    }))

/** What an entry closes is decided by this much of it. */
type Closer = Pick<Entry, 'kind' | 'candidate' | 'content'>

/**
 * Whether an entry that comes later closes an emergency: somebody who says why; or a passing certificate, or an admission on
 * the ground of one, for the same candidate and the same action, with which every folder that went past was judged as it
 * went past, and one pending migration of them at least. `emergency.judged` is what entries before it judged.
 */
export function isClosing(entry: Closer, emergency: Emergency): boolean {
  if (!isAbout(entry, emergency)) return false
  if (isByHand(entry)) return true
  const judged = judgedAfter(entry, emergency)
  return (
    emergency.folders !== null &&
    emergency.folders.every((folder) => judged.some((one) => isSame(one, folder))) &&
    // A pass on nothing pending says nothing of what went past the gate.
    judged.some(({ pending }) => pending >= 1)
  )
}

/** Whether an entry that comes later closes an emergency, or may do so together with others. */
export function isAbout(entry: Closer, emergency: Pick<Emergency, 'entry' | 'action' | 'candidate'>): boolean {
  if (isByHand(entry)) return memberOf(entry.content, 'emergency') === emergency.entry.seq
  const isPass =
    (entry.kind === 'certificate' || (entry.kind === 'admission' && textIn(entry.content, 'outcome') === 'admitted')) &&
    textIn(entry.content, 'verdict') === 'pass'
  return (
    isPass &&
    entry.candidate !== null &&
    entry.candidate === emergency.candidate &&
    textIn(entry.content, 'action') === emergency.action
  )
}

/** What was judged of an emergency's folders once an entry about it is there as well. */
const judgedAfter = ({ content }: Closer, { folders, judged }: Emergency): JudgedFolder[] => [
  ...judged,
  ...listIn(content, 'folders')
    .map(judgedOf)
    .filter((one) => one !== null)
    .filter((one) => !one.isLeftOut && folders?.some((folder) => isSame(one, folder)) === true),
]

const isSame = (one: FolderPast, other: FolderPast): boolean =>
  one.folder === other.folder && one.digest === other.digest

/** Null for what does not say all of it. */
function judgedOf(content: Json): JudgedFolder | null {
  const past = pastOf(content)
  const [pending, isLeftOut] = [memberOf(content, 'pending'), memberOf(content, 'isLeftOut')]
  if (past === null || typeof pending !== 'number' || typeof isLeftOut !== 'boolean') return null
  return { ...past, pending, isLeftOut }
}

function pastOf(content: Json): FolderPast | null {
  const [folder, digest] = [textIn(content, 'folder'), textIn(content, 'digest')]
  return folder === null || digest === null ? null : { folder, digest }
}

/** Whether an entry is somebody's word that an emergency is over. */
export const isByHand = ({ kind, content }: Pick<Entry, 'kind' | 'content'>): boolean =>
  kind === 'acceptance' && typeof memberOf(content, 'emergency') === 'number'

function emergencyOf(entry: Entry): Emergency {
  const all = listIn(entry.content, 'folders').map(pastOf)
  const folders = all.filter((one) => one !== null)
  return {
    entry,
    reason: textIn(entry.content, 'reason') ?? '',
    action: textIn(entry.content, 'action') ?? '',
    candidate: textIn(entry.content, 'candidate'),
    folders: folders.length === 0 || folders.length < all.length ? null : folders,
    judged: [],
  }
}

/** A text that is a member of an object; null for anything else. */
export function textIn(content: Json, key: string): string | null {
  const found = memberOf(content, key)
  return typeof found === 'string' ? found : null
}

function listIn(content: Json, key: string): readonly Json[] {
  const found = memberOf(content, key)
  return Array.isArray(found) ? found : []
}

function memberOf(content: Json, key: string): Json {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return null
  return Object.entries(content).find(([name]) => name === key)?.[1] ?? null
}
