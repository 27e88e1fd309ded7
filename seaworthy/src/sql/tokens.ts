import { scanSync } from 'libpg-query'
import { isHeavy } from './heavy.ts'

/** A token of a statement, without comments. Offsets count UTF-16 code units from 0. */
export interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
}

const UNRESERVED = 1

/** The tokens of a text as the server's own scanner has them; null if it cannot be scanned, or not in time. */
export function tokensOf(text: string): readonly Token[] | null {
  if (isHeavy(text)) return null
  const offset = offsetsOf(text)
  try {
    return scanSync(text)
      .tokens.filter((token) => token.tokenName !== 'SQL_COMMENT' && token.tokenName !== 'C_COMMENT')
      .map((token) => ({ text: token.text, start: offset(token.start), end: offset(token.end) }))
  } catch {
    // The scanner reports a failure as a message instead of a document: an unterminated string or comment.
    return null
  }
}

/** Turns the grammar's byte offsets into offsets of the text; asked for in rising order, one walk serves them all. */
export function offsetsOf(text: string): (byte: number) => number {
  const bytes = Buffer.from(text)
  if (bytes.length === text.length) return (byte) => byte
  let [before, length] = [0, 0]
  return (byte) => {
    if (byte < before) [before, length] = [0, 0]
    length += bytes.subarray(before, byte).toString().length
    before = byte
    return length
  }
}

const PLAIN = /^[a-z_][a-z0-9_$]*$/

/** A name as SQL has to write it: quoted if it is a keyword, or has anything but small letters, digits and `_`. */
export function asIdentifier(name: string): string {
  const quoted = `"${name.replaceAll('"', '""')}"`
  if (!PLAIN.test(name)) return quoted
  const [token] = scanSync(name).tokens
  return token === undefined || token.keywordKind > UNRESERVED ? quoted : name
}
