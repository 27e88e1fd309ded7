import { type Node, parseSync, scanSync } from 'libpg-query'
import { commentsOf, parseSql } from './parse.ts'
import { kindOf, partsOf, walk } from './tree.ts'

/** Why a query is not kept. */
export type LeftOut = 'utility' | 'unreadable' | 'literal' | 'catalogue'

export type Stripped = { readonly text: string } | { readonly leftOut: LeftOut }

/** Whole numbers below this are no data: ORDER BY 2, LIMIT 1, 1 = 1. */
const HARMLESS_BELOW = 100
const KINDS: ReadonlySet<string> = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'])

/**
 * A normalised query without comments and without any literal but small whole numbers, booleans and NULL: what survived the
 * normalising becomes a parameter. `DATE $1`, which the server normalises to and does not read, is written as a cast.
 * What is no single query, cannot be read, keeps a literal all the same, or only looks at the server's own catalogue is
 * left out. `loadGrammar` must have been awaited.
 */
export function withoutLiterals(query: string): Stripped {
  const bare = withoutComments(query)
  const parsed = bare === null ? null : parseSql(bare)
  if (bare === null || parsed === null || !parsed.ok) return { leftOut: 'unreadable' }
  const [statement, second] = parsed.statements
  if (statement === undefined || second !== undefined || !KINDS.has(statement.kind)) return { leftOut: 'utility' }
  if (isAboutCatalogue(statement.node)) return { leftOut: 'catalogue' }
  const text = parametrised(bare)
  return text === null ? { leftOut: 'literal' } : { text }
}

function withoutComments(text: string): string | null {
  const comments = commentsOf(text)
  if (comments === null) return null
  let bare = ''
  let end = 0
  for (const comment of comments) {
    bare += `${text.slice(end, comment.start)} `
    end = comment.end
  }
  return (bare + text.slice(end)).trim().replace(/;+$/, '').trim()
}

/** Whether it asks the server about itself and nobody else (psql, pg_dump, monitoring): no migration breaks that. */
function isAboutCatalogue(node: Node): boolean {
  const named = new Set<string | undefined>()
  walk([node], 'CommonTableExpr', ({ ctename }) => void named.add(ctename))
  let [own, others] = [0, 0]
  const count = (isOwn: boolean): void => {
    if (isOwn) own += 1
    else others += 1
  }
  walk([node], 'RangeVar', ({ schemaname, relname }) => {
    const isNamedHere = schemaname === undefined && named.has(relname)
    if (!isNamedHere) count(isServersOwn(schemaname, relname))
  })
  if (kindOf(node) !== 'SelectStmt' || others > 0) return false
  if (own > 0) return true
  // Without a relation it is about the functions: `SELECT pg_catalog.set_config(…)`.
  walk([node], 'FuncCall', ({ funcname }) => {
    const parts = partsOf(funcname)
    count(parts.length === 1 ? parts[0]?.startsWith('pg_') === true : parts[0] === 'pg_catalog')
  })
  return own > 0 && others === 0
}

/** An extension's views, which live in any schema. */
const STATISTICS: ReadonlySet<string | undefined> = new Set(['pg_stat_statements', 'pg_stat_statements_info'])

const isServersOwn = (schema: string | undefined, name: string | undefined): boolean =>
  schema === 'pg_catalog' ||
  schema === 'information_schema' ||
  STATISTICS.has(name) ||
  (schema === undefined && name?.startsWith('pg_') === true)

/** A part of the text, in bytes as the parser counts them, and what stands there instead. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly by: string
}

/** The text with its literals as parameters; null if that cannot be done such that none is left. */
function parametrised(text: string): string | null {
  try {
    const found = constantsIn(parseSync(text))
    const tokens = scanSync(text).tokens
    let next = found.highestParameter
    const edits: Edit[] = [...found.casts]
    for (const start of found.literals) {
      const at = tokens.findIndex((token) => token.start === start)
      const first = tokens[at]
      const last = first?.text === '-' || first?.text === '+' ? tokens[at + 1] : first
      if (last === undefined) return null
      if (isWord(last)) continue
      next += 1
      edits.push({ start, end: last.end, by: `$${next}` })
    }
    const result = edited(text, edits)
    return isClean(result) ? result : null
  } catch {
    // What the grammar cannot read after all is left out and counted.
    return null
  }
}

function isClean(text: string): boolean {
  const tokens = scanSync(text).tokens
  const words = new Set(tokens.filter(isWord).map((token) => token.start))
  return !tokens.some(isQuotedText) && constantsIn(parseSync(text)).literals.every((start) => words.has(start))
}

interface Token {
  readonly text: string
  readonly tokenName: string
}

/** A word of the grammar that it keeps as a string: the `year` of EXTRACT(year FROM …). */
const isWord = (token: Token): boolean => !isQuotedText(token) && /^[a-z_]/i.test(token.text)

/** A string in any of its forms: '…', E'…', U&'…', B'…', X'…', N'…', $tag$…$tag$. */
const isQuotedText = ({ text, tokenName }: Token): boolean =>
  tokenName === 'SCONST' || /^(?:[bBxXnN]|[uU]&)?'/.test(text)

interface Constants {
  /** Where each begins. */
  readonly literals: readonly number[]
  readonly casts: readonly Edit[]
  readonly highestParameter: number
}

function constantsIn(tree: unknown): Constants {
  const literals: number[] = []
  const casts: Edit[] = []
  let highestParameter = 0
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item)
      return
    }
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      // The length of a type is a part of its name.
      if (key === 'typeName' || key === 'TypeName') continue
      if (key === 'A_Const') literals.push(...literalAt(member))
      else if (key === 'ParamRef') highestParameter = Math.max(highestParameter, numberIn(member, 'number'))
      else {
        if (key === 'TypeCast') casts.push(...prefixCast(member))
        visit(member)
      }
    }
  }
  visit(tree)
  return { literals, casts, highestParameter }
}

function numberIn(value: unknown, key: string): number {
  if (typeof value !== 'object' || value === null) return 0
  const member: unknown = Reflect.get(value, key)
  return typeof member === 'number' ? member : 0
}

/** Where a constant begins that may be data; nothing for the harmless ones. */
function literalAt(constant: unknown): number[] {
  if (typeof constant !== 'object' || constant === null) return []
  if ('isnull' in constant || 'boolval' in constant) return []
  if ('ival' in constant && Math.abs(numberIn(constant.ival, 'ival')) < HARMLESS_BELOW) return []
  return [numberIn(constant, 'location')]
}

/** `DATE $1`: the type stands before the parameter, which the server only reads before a string. */
function prefixCast(cast: unknown): Edit[] {
  if (typeof cast !== 'object' || cast === null || !('typeName' in cast) || !('arg' in cast)) return []
  const { typeName, arg } = cast
  if (typeof arg !== 'object' || arg === null || !('ParamRef' in arg)) return []
  const [type, parameter] = [numberIn(typeName, 'location'), numberIn(arg.ParamRef, 'location')]
  const hasFields = typeof typeName === 'object' && typeName !== null && 'typmods' in typeName
  // `CAST(` and `::` have a place of their own; a cast that is written as a prefix has none.
  if (type >= parameter || hasFields || numberIn(cast, 'location') !== -1) return []
  return [{ start: type, end: parameter, by: '' }]
}

/** Applies the edits; a prefix cast becomes `CAST($1 AS type)`. */
function edited(text: string, edits: readonly Edit[]): string {
  const bytes = Buffer.from(text)
  let result = ''
  let end = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += bytes.subarray(end, edit.start).toString()
    end = edit.end
    if (edit.by !== '') {
      result += edit.by
      continue
    }
    const parameter = /^\$\d+/.exec(bytes.subarray(edit.end).toString())?.[0] ?? ''
    result += `CAST(${parameter} AS ${bytes.subarray(edit.start, edit.end).toString().trim()})`
    end += parameter.length
  }
  return result + bytes.subarray(end).toString()
}
