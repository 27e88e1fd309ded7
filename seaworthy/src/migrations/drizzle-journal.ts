/** Relative to the migration folder. */
export const JOURNAL = 'meta/_journal.json'

/** What drizzle reads of an entry. */
export interface JournalEntry {
  readonly tag: string
  /** Milliseconds since 1970; drizzle compares it with the newest row of its ledger. */
  readonly when: number
}

export interface Journal {
  readonly entries: readonly JournalEntry[]
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The entries of a journal; a text that says what is wrong with it if it is none. */
export function parseJournal(text: string): Journal | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return /^(?:<{7}|={7}|>{7})/m.test(text) ? 'it holds the marks of an unfinished merge' : 'it is not JSON'
  }
  if (!isRecord(value) || !Array.isArray(value['entries'])) return 'it has no list of entries'
  const entries: JournalEntry[] = []
  for (const [index, entry] of value['entries'].entries()) {
    const tag: unknown = isRecord(entry) ? entry['tag'] : undefined
    const when: unknown = isRecord(entry) ? entry['when'] : undefined
    if (typeof tag !== 'string' || typeof when !== 'number' || !Number.isSafeInteger(when)) {
      return `its entry ${index} has no tag and time ("when")`
    }
    if (tag.includes('/') || tag.includes('\\')) return `its entry ${index} names a file outside of the folder`
    entries.push({ tag, when })
  }
  return { entries }
}

/** The `dialect` that a journal names, such as `postgresql`; null if it names none. */
export function dialectOf(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) && typeof value['dialect'] === 'string' ? value['dialect'] : null
  } catch {
    return null
  }
}

/** The journal without the entries of these times, everything else as it was. */
export function withoutEntries(text: string, times: ReadonlySet<string>): string {
  const value: unknown = JSON.parse(text)
  if (!isRecord(value) || !Array.isArray(value['entries'])) throw new TypeError('a journal without entries')
  const entries: readonly unknown[] = value['entries']
  const isLeft = (entry: unknown): boolean => !(isRecord(entry) && times.has(String(entry['when'])))
  return `${JSON.stringify({ ...value, entries: entries.filter(isLeft) }, null, 2)}\n`
}

/**
 * The journal with one more entry, everything else as it was, in the indentation it had. A missing journal is begun
 * as drizzle-kit begins one.
 */
export function withEntry(text: string | null, entry: JournalEntry): string {
  const value: unknown = text === null ? { version: '7', dialect: 'postgresql', entries: [] } : JSON.parse(text)
  if (!isRecord(value) || !Array.isArray(value['entries'])) throw new TypeError('a journal without entries')
  const entries: readonly unknown[] = value['entries']
  const last = entries.at(-1)
  const previous = isRecord(last) ? last : {}
  const idx = typeof previous['idx'] === 'number' ? previous['idx'] + 1 : entries.length
  const added = {
    idx,
    version: previous['version'] ?? '7',
    when: entry.when,
    tag: entry.tag,
    breakpoints: previous['breakpoints'] ?? true,
  }
  const indent = /^\{\r?\n([ \t]+)/.exec(text ?? '')?.[1] ?? '  '
  return (
    JSON.stringify({ ...value, entries: [...entries, added] }, null, indent) +
    (text?.endsWith('\n') === true ? '\n' : '')
  )
}
