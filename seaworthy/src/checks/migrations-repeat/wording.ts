import type { Failure } from '../../observers/repeat/kind.ts'

const MOST_NAMED = 5

/** The first few of them. */
export const list = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`

/** What the server answered. */
export const serverSaid = ({ error: { message, sqlstate } }: Failure): string =>
  `${message}${sqlstate === null ? '' : ` (SQLSTATE ${sqlstate})`}`

/** A statement as a message shows it: on one line, cut. */
export const flat = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= 100 ? line : `${line.slice(0, 100)}…`
}
