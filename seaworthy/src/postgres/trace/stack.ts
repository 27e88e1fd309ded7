import type { Via } from '../../migrations/effects.ts'

const LONGEST_VIA = 200
const MOST_READINGS = 20

/** How the server begins a line about a function: `PL/pgSQL function f() line 3 at EXECUTE`, `SQL function "f" statement 1`. */
const FUNCTION_LINE = /^\S+ function /
const STATEMENT = 'SQL statement "'

/**
 * What ran inside of the statement, from the server's call stack (CONTEXT of a notice, English), innermost first: its
 * innermost function, else the statement that the server made itself, as for a foreign key; null where nothing did.
 */
export function viaOf(stack: string): Via {
  if (stack === '') return null
  const line = stack.split('\n').find((one) => FUNCTION_LINE.test(one))
  return (line ?? stack).slice(0, LONGEST_VIA)
}

/**
 * The text of the innermost statement that ran: of the call stack, or `top` where nothing is inside of it; none where the
 * stack does not show it, as in functions of language SQL. A text may hold lines that look like the stack's next line, so
 * there are as many readings as there are such lines; the true one is among them.
 */
export function innermostStatements(stack: string, top: string): readonly string[] {
  if (stack === '') return [top]
  if (!stack.startsWith(STATEMENT)) return []
  const lines = stack.slice(STATEMENT.length).split('\n')
  const ends = lines.flatMap((line, at) => (FUNCTION_LINE.test(line) || line.startsWith(STATEMENT) ? [at] : []))
  if (ends.length >= MOST_READINGS) return []
  return [...ends, lines.length].map((end) => lines.slice(0, end).join('\n').replace(/"$/, ''))
}
