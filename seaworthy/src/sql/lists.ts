import type { Token } from './tokens.ts'

/** A list of tokens inside of brackets, the brackets left out, and the index of the token after them. */
export interface Group {
  readonly tokens: readonly Token[]
  readonly next: number
}

/** The tokens inside of the bracket that opens at an index; null if none opens there or it is not closed. */
export function groupAt(tokens: readonly Token[], index: number): Group | null {
  if (tokens[index]?.text !== '(') return null
  let depth = 0
  for (let at = index; at < tokens.length; at += 1) {
    if (tokens[at]?.text === '(') depth += 1
    if (tokens[at]?.text === ')') depth -= 1
    if (depth === 0) return { tokens: tokens.slice(index + 1, at), next: at + 1 }
  }
  return null
}

/** The parts of a list between the commas that are in no bracket of their own. */
export function splitList(tokens: readonly Token[]): (readonly Token[])[] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.text === '(' || token.text === '[') depth += 1
    if (token.text === ')' || token.text === ']') depth -= 1
    if (depth === 0 && token.text === ',') parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.filter((part) => part.length > 0)
}

/** The text from the first of these tokens to the last, as it stands. */
export const textOf = (text: string, tokens: readonly Token[]): string =>
  text.slice(tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0)
