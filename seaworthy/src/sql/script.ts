import { type Parsed, parseSql } from './parse.ts'

/** Characters of scripts that are remembered: a folder of some hundred migrations, and a few tens of megabytes. */
const MOST_CHARACTERS = 256 * 1024

/** By text, the one that was asked for last at the end. Null for one that was seen once, and whose tree nobody kept. */
const seen = new Map<string, Parsed | null>()
let characters = 0

/**
 * Parses a whole script, as `parseSql` does. What was kept lately is not parsed again, so nobody may write into what is
 * returned. Kept is what is asked for again: a text that makes a routine, which several checks read, and one that came
 * before, which folders have in common. To keep all of them costs as much as to parse them.
 */
export function parseScript(text: string): Parsed {
  const known = seen.get(text)
  if (known === undefined) characters += text.length
  else seen.delete(text)
  const parsed = known ?? parseSql(text)
  seen.set(text, known === undefined && !mayMakeRoutine(text) ? null : parsed)
  for (const oldest of seen.keys()) {
    if (characters <= MOST_CHARACTERS) break
    seen.delete(oldest)
    characters -= oldest.length
  }
  return parsed
}

/** A text without any of these words makes no function. */
const MAKES = ['function', 'procedure', 'routine']

/** Whether the text may make or rename a function or a procedure. */
export function mayMakeRoutine(text: string): boolean {
  const lower = text.toLowerCase()
  return MAKES.some((word) => lower.includes(word))
}
