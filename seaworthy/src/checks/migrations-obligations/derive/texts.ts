import { parseSql } from '../../../sql/parse.ts'
import { as, commandsOf, type Constraint } from '../../../sql/tree.ts'
import { groupAt, splitList, textOf } from '../../../sql/lists.ts'
import { quotedName } from '../../../sql/identifier.ts'
import type { Origin } from '../names.ts'
import { type Token, tokensOf } from '../../../sql/tokens.ts'

/** A key of an index as the server writes it: an expression or a quoted name, with its collation, without operator class. */
export interface Key {
  readonly text: string
  /** What stands after `WITH` in an exclusion constraint. */
  readonly operator: string | null
}

export interface IndexText {
  readonly isUnique: boolean
  readonly keys: readonly Key[]
  readonly areNullsDistinct: boolean
  readonly predicate: string | null
}

/** The parts of a constraint that are names; null if its text cannot be read. */
export function constraintOf(definition: string): Constraint | null {
  const parsed = parseSql(`ALTER TABLE t ADD CONSTRAINT c ${definition}`)
  if (!parsed.ok) return null
  const [statement] = parsed.statements
  const [command] = commandsOf(as(statement?.node, 'AlterTableStmt')?.cmds)
  return as(command?.def, 'Constraint') ?? null
}

/** What stands in the brackets of `CHECK (…)`; null if it is no such text. */
export function checkOf(definition: string): string | null {
  const tokens = tokensOf(definition) ?? []
  if (tokens[0]?.text.toUpperCase() !== 'CHECK') return null
  const group = groupAt(tokens, 1)
  return group === null ? null : textOf(definition, group.tokens)
}

/** Reads `CREATE INDEX …` or `EXCLUDE USING …` as the server writes it; null if it is neither. */
export function indexOf(definition: string): IndexText | null {
  const tokens = tokensOf(definition)
  const using = tokens?.findIndex((token) => token.text.toUpperCase() === 'USING') ?? -1
  const group = tokens === null || using === -1 ? null : groupAt(tokens, using + 2)
  if (tokens === null || group === null) return null
  const rest = tokens.slice(group.next)
  const where = rest.findIndex((token) => token.text.toUpperCase() === 'WHERE')
  const predicate = where === -1 ? null : groupAt(rest, where + 1)
  const words = rest.map((token) => token.text.toUpperCase()).join(' ')
  return {
    isUnique: tokens[1]?.text.toUpperCase() === 'UNIQUE',
    keys: splitList(group.tokens).map((part) => keyOf(definition, part)),
    areNullsDistinct: !words.includes('NULLS NOT DISTINCT'),
    predicate: predicate === null ? null : textOf(definition, predicate.tokens),
  }
}

/** An expression in brackets, a call or a name; then a collation, an operator class, an order. */
function keyOf(definition: string, tokens: readonly Token[]): Key {
  const end = endOfExpression(tokens)
  const rest = tokens.slice(end)
  const collation = rest[0]?.text.toUpperCase() === 'COLLATE' ? rest.slice(0, endOfName(rest, 1)) : []
  const operator = rest.findIndex((token) => token.text.toUpperCase() === 'WITH')
  return {
    text: textOf(definition, [...tokens.slice(0, end), ...collation]),
    operator: operator === -1 ? null : textOf(definition, rest.slice(operator + 1)),
  }
}

function endOfExpression(tokens: readonly Token[]): number {
  const group = groupAt(tokens, 0)
  if (group !== null) return group.next
  const name = endOfName(tokens, 0)
  return groupAt(tokens, name)?.next ?? name
}

/** The index after a dotted name. */
function endOfName(tokens: readonly Token[], from: number): number {
  let at = from + 1
  while (tokens[at]?.text === '.') at += 2
  return at
}

/** A text by its tokens, so that two that only differ in spaces are the same. */
export const plainText = (text: string): string => (tokensOf(text) ?? []).map((token) => token.text).join(' ')

/** The same of a text in production's names, with the present names of columns in their place. */
export function presentText(text: string, { columns }: Origin): string {
  const present = new Map([...columns].map(([now, old]) => [quotedName(old), now]))
  const renamed = (token: string): string => {
    const now = present.get(token.startsWith('"') ? token : quotedName(token))
    return now === undefined || quotedName(now) === quotedName(token) ? token : now
  }
  return (tokensOf(text) ?? []).map((token) => renamed(token.text)).join(' ')
}
