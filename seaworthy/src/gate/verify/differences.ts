import { canonicalJson } from '../canonical.ts'

/** A place at which two JSON values differ. */
export interface Difference {
  /** `settings.largeTable.rows`, `accept[2]`; empty for the values themselves. */
  readonly path: string
  /** As JSON; null where there is nothing at that place. */
  readonly ours: string | null
  readonly theirs: string | null
}

/** More are not named. */
const MOST_NAMED = 20

/** Where two JSON values differ, at most 20 places. Both have been read under a limit of depth. */
export function differencesBetween(ours: unknown, theirs: unknown): Difference[] {
  const found: Difference[] = []
  compare(ours, theirs, '', found)
  return found.slice(0, MOST_NAMED)
}

function compare(ours: unknown, theirs: unknown, path: string, found: Difference[]): void {
  if (found.length > MOST_NAMED) return
  if (isBranch(ours) && isBranch(theirs) && Array.isArray(ours) === Array.isArray(theirs)) {
    const [mine, yours] = [new Map(Object.entries(ours)), new Map(Object.entries(theirs))]
    const at = (key: string): string => (Array.isArray(ours) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`)
    for (const key of new Set([...mine.keys(), ...yours.keys()])) compare(mine.get(key), yours.get(key), at(key), found)
    return
  }
  const [mine, yours] = [jsonOf(ours), jsonOf(theirs)]
  if (mine !== yours) found.push({ path, ours: mine, theirs: yours })
}

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null

const jsonOf = (value: unknown): string | null => (value === undefined ? null : canonicalJson(value))
