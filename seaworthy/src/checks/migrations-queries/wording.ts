import type { GivenQuery } from '../../observers/queries/kind.ts'

const LONGEST = 160

/** A query as a message shows it: on one line, cut, with its line in the workload or how often production sends it. */
export function shortQuery({ text, line, calls }: GivenQuery): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  const cut = flat.length > LONGEST ? `${flat.slice(0, LONGEST)}…` : flat
  const place =
    line !== null ? ` (line ${line})` : calls !== null ? ` (${calls} ${calls === 1 ? 'call' : 'calls'})` : ''
  return `\`${cut}\`${place}`
}

/** `app`, `app and reports`; who it is where nobody said. */
export function rolesIn(queries: readonly GivenQuery[]): string {
  const names = [...new Set(queries.map((query) => query.role ?? 'an unnamed role'))].toSorted()
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more roles` : names.join(', ')
}
