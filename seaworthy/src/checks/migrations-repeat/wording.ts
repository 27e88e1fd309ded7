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
