/** Modes under which nobody else writes. Source: the conflict table of the manual, chapter 13.3. */
export const BLOCKS_WRITES: ReadonlySet<string> = new Set([
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
])
