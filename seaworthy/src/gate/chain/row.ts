import { canonicalJson } from '../canonical.ts'
import { type Actor, type Entry, type Json, type StoredRow, isEntryKind, isTime } from './chain.ts'

/** A row as a store or a file gives it: nothing of it is believed. */
export type RawRow = { readonly [Column in keyof StoredRow]?: unknown }

/** The row's values have the types of a row; null otherwise. A whole number may come as a bigint. */
export function storedRow(raw: RawRow): StoredRow | null {
  const { at, kind, actor, command, candidate, content, previous, digest } = raw
  const seq = seqOf(raw)
  if (seq === null || typeof at !== 'string' || typeof kind !== 'string' || typeof actor !== 'string') return null
  if (typeof command !== 'string' || typeof content !== 'string') return null
  if (typeof previous !== 'string' || typeof digest !== 'string') return null
  if (candidate !== null && typeof candidate !== 'string') return null
  return { seq, at, kind, actor, command, candidate, content, previous, digest }
}

/** The number of a row; null if it has none that an entry can have. */
export function seqOf({ seq }: RawRow): number | null {
  const number = typeof seq === 'bigint' ? Number(seq) : seq
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : null
}

/** What a row says, read; or why it cannot be. Whether it fits its digest and its neighbours is not looked at. */
export type ReadRow = { readonly entry: Entry; readonly isCanonical: boolean } | { readonly problem: string }

/** Reads the JSON in a row. */
export function readRow(row: StoredRow): ReadRow {
  const { kind } = row
  if (!isEntryKind(kind)) return { problem: `is of a kind that this version does not know` }
  if (!isTime(row.at)) return { problem: 'has no time' }
  const [actor, content] = [parsed(row.actor), parsed(row.content)]
  if (content === undefined) return { problem: 'has a content that is not JSON' }
  if (!isActor(actor)) return { problem: 'does not say who made it' }
  const written = canonicalOf(content)
  if (written === null)
    return { problem: 'has a content that no entry can have: nested too deep, or with too large a number' }
  const isCanonical = written === row.content && canonicalJson(actor) === row.actor
  return { entry: { ...row, kind, actor, content }, isCanonical }
}

/** The row of one line of an export, which is an entry as canonical JSON; or why it is none. */
export function rowOfLine(line: string): { readonly raw: RawRow; readonly isCanonical: boolean } | null {
  const entry = parsed(line)
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return null
  const raw: Record<string, unknown> = Object.fromEntries(Object.entries(entry))
  const written = canonicalOf(entry)
  if (written === null) return { raw: { seq: raw['seq'] }, isCanonical: false }
  if ('actor' in raw) raw['actor'] = canonicalJson(raw['actor'])
  if ('content' in raw) raw['content'] = canonicalJson(raw['content'])
  return { raw, isCanonical: written === line }
}

/** Null for what `JSON.parse` takes and nothing of ours can be: nested too deep, or with a number too large to be held. */
function canonicalOf(value: Json): string | null {
  try {
    return canonicalJson(value)
  } catch {
    return null
  }
}

/** Undefined if it is not JSON. */
function parsed(text: string): Json | undefined {
  try {
    // Whatever JSON.parse returns is JSON.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string'

function isActor(value: unknown): value is Actor {
  const members = new Map<string, unknown>(Object.entries(value ?? {}))
  return members.size === 3 && ['user', 'host', 'ci'].every((name) => isTextOrNull(members.get(name)))
}
