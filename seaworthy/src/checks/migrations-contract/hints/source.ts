import { parseSql } from '../../../sql/parse.ts'
import { offsetsOf, type Token, tokensOf } from '../../../sql/tokens.ts'
import { as, commandsOf, type AlterTableCmd, type Node, type NodeOf, type RangeVar } from '../../../sql/tree.ts'

/** One statement, read for itself, so that the grammar's places are places in its text. */
export class Source {
  readonly text: string
  readonly node: Node
  readonly tokens: readonly Token[]
  readonly #offset: (byte: number) => number

  private constructor(text: string, node: Node, tokens: readonly Token[]) {
    this.text = text
    this.node = node
    this.tokens = tokens
    this.#offset = offsetsOf(text)
  }

  /** Reads a text that holds exactly one statement; null for any other. The grammar has to be loaded. */
  static read(text: string): Source | null {
    const parsed = parseSql(text)
    if (!parsed.ok || parsed.statements.length !== 1) return null
    const [only] = parsed.statements
    if (only === undefined) return null
    const own = text.slice(only.start, only.end).trim()
    const again = parseSql(own)
    const tokens = tokensOf(own)
    if (!again.ok || tokens === null || again.statements[0] === undefined) return null
    // The server's record of what ran inside of a statement has `$1` where a constant stood: that is no SQL to copy.
    if (tokens.some((one) => one.text.startsWith('$') && Number(one.text.slice(1)) > 0)) return null
    return new Source(own, again.statements[0].node, tokens)
  }

  /** The text from one of the grammar's places to another, trimmed. */
  slice(from: number | undefined, to?: number): string {
    return this.text.slice(this.at(from), to === undefined ? undefined : this.#offset(to)).trim()
  }

  at(byte: number | undefined): number {
    return this.#offset(byte ?? 0)
  }

  /** The statement with `word` behind the first token that is one of `after`; null if there is none. */
  withWord(word: string, after: string): string | null {
    const token = this.tokens.find((one) => one.text.toUpperCase() === after)
    if (token === undefined) return null
    return `${this.text.slice(0, token.end)} ${word}${this.text.slice(token.end)}`
  }

  /** A relation's name as it is written here. */
  nameOf(range: RangeVar | undefined): string {
    const parts = [range?.catalogname, range?.schemaname, range?.relname].filter((one) => one !== undefined).length
    const first = this.tokens.findIndex((one) => one.start === this.at(range?.location))
    const last = this.tokens[first + (parts - 1) * 2]
    return first === -1 || last === undefined ? '' : this.text.slice(this.at(range?.location), last.end)
  }
}

/** A command of ALTER TABLE with its own text. */
export interface Command {
  readonly command: AlterTableCmd
  readonly text: string
  /** Its tokens; their places are those of the statement. */
  readonly tokens: readonly Token[]
}

export interface AlterTable {
  /** `ALTER TABLE IF EXISTS ONLY users`. */
  readonly head: string
  /** `users`, as it is written. */
  readonly table: string
  readonly node: NodeOf<'AlterTableStmt'>
  readonly commands: readonly Command[]
}

/** Takes an ALTER TABLE apart at the commas that part its commands; null if that does not fit the grammar's tree. */
export function alterTableOf(source: Source): AlterTable | null {
  const node = as(source.node, 'AlterTableStmt')
  const table = source.nameOf(node?.relation)
  if (node === undefined || table === '') return null
  const end = source.at(node.relation?.location) + table.length
  const after = source.tokens.filter((one) => one.start >= end)
  const isStarred = after[0]?.text === '*'
  const tokens = isStarred ? after.slice(1) : after
  const groups: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.text === '(' || token.text === '[') depth += 1
    if (token.text === ')' || token.text === ']') depth -= 1
    if (token.text === ',' && depth === 0) groups.push([])
    else groups.at(-1)?.push(token)
  }
  const commands = commandsOf(node.cmds)
  if (commands.length !== groups.length) return null
  return {
    head: source.text.slice(0, end),
    table,
    node,
    commands: commands.map((command, index) => {
      const own = groups[index] ?? []
      return { command, tokens: own, text: source.text.slice(own[0]?.start ?? 0, own.at(-1)?.end ?? 0) }
    }),
  }
}
