/** Versions of a uuid that are random or a moment: `gen_random_uuid()`, `uuidv7()`. */
const RANDOM = /^[0-9a-f]{8}-[0-9a-f]{4}-[147][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const MOMENTS: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz'])
const AROUND_NOW_MS = 36 * 3_600_000

/**
 * What stands in evidence for a value that was most likely made up by a default or a function, and that another run of
 * the same candidate would not have: a random uuid, a moment around now. Null for any other.
 */
export function atRandom(value: string, type: string | null): string | null {
  if (type === 'uuid') return RANDOM.test(value) ? 'a random uuid' : null
  if (type === null || !MOMENTS.has(type)) return null
  // `2026-11-21 14:10:45.85+00`, as the server prints it with DateStyle ISO; a date alone is midnight.
  const moment = Date.parse(value.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
  return Math.abs(moment - Date.now()) < AROUND_NOW_MS ? 'a moment around now' : null
}
