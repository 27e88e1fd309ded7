/** A node of a tree as the server prints it: its name, and under each field all that stands there. */
export interface ParseNode {
  readonly kind: string
  readonly fields: ReadonlyMap<string, readonly ParseValue[]>
}

/** A word, a list, or a node. `<>`, which stands for nothing, is a word as well. */
export type ParseValue = string | readonly ParseValue[] | ParseNode

export const isNode = (value: ParseValue | undefined): value is ParseNode =>
  typeof value === 'object' && 'fields' in value

export const isList = (value: ParseValue | undefined): value is readonly ParseValue[] =>
  typeof value === 'object' && !('fields' in value)

/** Longer ones are not read. Characters. */
const LONGEST_TREE = 32_000_000
/** Deeper ones are not read; a query may nest as deep as the server's stack lets it. */
const DEEPEST = 1_000

/**
 * Reads what PostgreSQL's nodeToString wrote, `{KIND :field value …}` with lists in parentheses; null if it is nothing of
 * the kind. The notation is that of src/backend/nodes/outfuncs.c and read.c.
 */
export function readParseTree(text: string): ParseNode | null {
  if (text.length > LONGEST_TREE) return null
  const reader = new Reader(text)
  try {
    const [tree] = reader.values('', 0)
    return isNode(tree) ? tree : null
  } catch (error) {
    if (error instanceof Unreadable) return null
    throw error
  }
}

class Unreadable extends Error {}

const ENDS: ReadonlySet<string> = new Set([' ', '\n', '\t', '(', ')', '{', '}'])

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** All values up to the closing character, which is taken as well. */
  values(closing: string, depth: number): ParseValue[] {
    if (depth > DEEPEST) throw new Unreadable()
    const found: ParseValue[] = []
    for (;;) {
      const next = this.#next()
      if (next === closing) return found
      if (next === '' || next === ')' || next === '}') throw new Unreadable()
      found.push(next === '(' ? this.values(')', depth + 1) : next === '{' ? this.#node(depth + 1) : next)
    }
  }

  #node(depth: number): ParseNode {
    const [kind, ...rest] = this.values('}', depth)
    if (typeof kind !== 'string') throw new Unreadable()
    const fields = new Map<string, ParseValue[]>()
    let field: ParseValue[] = []
    for (const value of rest) {
      if (typeof value === 'string' && value.startsWith(':')) {
        field = []
        fields.set(value.slice(1), field)
      } else field.push(value)
    }
    return { kind, fields }
  }

  /** A bracket, or a word without its escapes; the empty text at the end. */
  #next(): string {
    while (isSpace(this.#text[this.#at])) this.#at += 1
    const first = this.#text[this.#at] ?? ''
    if (ENDS.has(first)) {
      this.#at += 1
      return first
    }
    let word = ''
    for (;;) {
      const character = this.#text[this.#at]
      if (character === undefined || ENDS.has(character)) return word
      const isEscape = character === '\\'
      word += isEscape ? (this.#text[this.#at + 1] ?? '') : character
      this.#at += isEscape ? 2 : 1
    }
  }
}

const isSpace = (character: string | undefined): boolean =>
  character === ' ' || character === '\n' || character === '\t'
