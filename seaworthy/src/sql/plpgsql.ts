import { parsePlPgSQLSync } from 'libpg-query'
import { isHeavy } from './heavy.ts'
import { tokensOf } from './tokens.ts'

/** A piece of SQL inside of a PL/pgSQL body. */
export interface Fragment {
  /**
   * - `statement`: SQL that runs as it stands.
   * - `expression`: a value that is computed; it may call functions.
   * - `dynamic`: an expression whose text is run as SQL (EXECUTE).
   * - `transaction`: COMMIT or ROLLBACK.
   */
  readonly role: 'statement' | 'expression' | 'dynamic' | 'transaction'
  readonly sql: string
  /** Line of the body, from 1. */
  readonly line: number
  /** False if the body has a branch, a loop, an early end or an exception block: parts may not run, or be undone. */
  readonly isCertain: boolean
}

/**
 * The SQL inside of a `DO` or `CREATE FUNCTION … LANGUAGE plpgsql` statement (its whole text), by PostgreSQL's own
 * PL/pgSQL parser; null if that cannot read it.
 */
export function fragmentsOf(statement: string): readonly Fragment[] | null {
  const tree = treeOf(statement)
  if (tree === null) return null
  const fragments: Omit<Fragment, 'isCertain'>[] = []
  collect(tree, { key: '', field: '', line: 1 }, fragments)
  const isCertain = !hasBranch(tree)
  return fragments.map((fragment) => ({ ...fragment, isCertain }))
}

/** A body as PL/pgSQL's parser has it; null if it cannot read it. `eachNode` and `memberOf` look into it. */
export function treeOf(statement: string): object | null {
  if (isHeavy(statement)) return null
  try {
    const tree: unknown = parsePlPgSQLSync(statement)
    return typeof tree === 'object' ? tree : null
  } catch {
    // The parser throws its message as a plain Error: a syntax error, or a type it does not know. The caller says so.
    return null
  }
}

/** Calls `visit` for every statement, expression and variable of a body, by the parser's name for it. */
export function eachNode(value: unknown, visit: (kind: string, node: object) => void): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'object' || inner === null) continue
    if (key.startsWith('PLpgSQL_')) visit(key, inner)
    eachNode(inner, visit)
  }
}

/** What stands under a name; undefined if nothing does. */
export const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined

/** The text of the first expression or statement of SQL in a node; the empty text if it has none. */
export function queryIn(value: unknown): string {
  const query = memberOf(first(value, 'PLpgSQL_expr'), 'query')
  return typeof query === 'string' ? query : ''
}

/** ERROR, as elog.h numbers it. */
const ERROR_LEVEL = 21

/** Whether a RAISE ends the statement, and does not only tell something. */
export function isError(raise: object): boolean {
  const level = memberOf(raise, 'elog_level')
  return typeof level !== 'number' || level >= ERROR_LEVEL
}

/** Both sides of an assignment as they stand: `NEW.price := 0`. */
export const sidesOf = (assignment: string): { readonly target: string; readonly value: string } => {
  const at = assignedFrom(assignment)
  const target = assignment.slice(0, at).trim()
  return { target: target.slice(0, target.endsWith(':=') ? -2 : -1).trim(), value: assignment.slice(at).trim() }
}

const BRANCHES: ReadonlySet<string> = new Set([
  'PLpgSQL_stmt_if',
  'PLpgSQL_stmt_case',
  'PLpgSQL_stmt_loop',
  'PLpgSQL_stmt_while',
  'PLpgSQL_stmt_fori',
  'PLpgSQL_stmt_fors',
  'PLpgSQL_stmt_forc',
  'PLpgSQL_stmt_dynfors',
  'PLpgSQL_stmt_foreach_a',
  'PLpgSQL_stmt_exit',
  'PLpgSQL_exception_block',
])

function hasBranch(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasBranch)
  return Object.entries(value).some(([key, member]: [string, unknown]) => {
    if (BRANCHES.has(key)) return true
    // The parser adds a RETURN to the end of every body; only one that somebody wrote has a line.
    const isReturn = key === 'PLpgSQL_stmt_return' && typeof member === 'object' && member !== null
    return (isReturn && 'lineno' in member) || hasBranch(member)
  })
}

/** A body without its CREATE FUNCTION, for one whose signature the parser does not understand. */
export const fragmentsOfBody = (body: string): readonly Fragment[] | null => fragmentsOf(asBlock(body))

/** A body as a DO block. */
export function asBlock(body: string): string {
  let tag = '$seaworthy$'
  while (body.includes(tag)) tag = `$seaworthy${tag.length}$`
  return `DO ${tag}${body}${tag}`
}

interface Parent {
  /** The statement around an expression, such as `PLpgSQL_stmt_dynexecute`, and the member it stands under. */
  readonly key: string
  readonly field: string
  readonly line: number
}

/** The statements that run a text, and the member that it stands under. */
export const DYNAMIC: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_dynexecute: 'query',
  PLpgSQL_stmt_dynfors: 'query',
  PLpgSQL_stmt_return_query: 'dynquery',
  PLpgSQL_stmt_open: 'dynquery',
}

/** The parser's RawParseMode: 0 is a whole statement, 2 an expression, 3 to 5 assignments `target := expression`. */
const WHOLE_STATEMENT = 0
const EXPRESSION = 2

function collect(value: unknown, parent: Parent, out: Omit<Fragment, 'isCertain'>[]): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value) collect(item, parent, out)
    return
  }
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== 'object' || member === null) continue
    if (key === 'PLpgSQL_expr') {
      addExpression(member, parent, out)
    } else if (key.startsWith('PLpgSQL_')) {
      const line = 'lineno' in member && typeof member.lineno === 'number' ? member.lineno : parent.line
      if (key === 'PLpgSQL_stmt_commit' || key === 'PLpgSQL_stmt_rollback') {
        out.push({ role: 'transaction', sql: key === 'PLpgSQL_stmt_commit' ? 'COMMIT' : 'ROLLBACK', line })
      }
      collect(member, { key, field: '', line }, out)
    } else {
      collect(member, { ...parent, field: key }, out)
    }
  }
}

function addExpression(expression: object, parent: Parent, out: Omit<Fragment, 'isCertain'>[]): void {
  if (!('query' in expression) || typeof expression.query !== 'string') return
  const mode = 'parseMode' in expression ? expression.parseMode : WHOLE_STATEMENT
  const sql = expression.query
  const { line } = parent
  if (DYNAMIC[parent.key] === parent.field) out.push({ role: 'dynamic', sql, line })
  else if (mode === WHOLE_STATEMENT) out.push({ role: 'statement', sql, line })
  else if (mode === EXPRESSION) out.push({ role: 'expression', sql, line })
  else out.push({ role: 'expression', sql: sql.slice(assignedFrom(sql)), line })
}

/** Where the value of an assignment begins: after `:=`, or after the first `=`. */
function assignedFrom(sql: string): number {
  const colon = sql.indexOf(':=')
  return colon !== -1 ? colon + 2 : sql.indexOf('=') + 1
}

/** An IF of a body that gives up: where its condition holds, an error is raised. */
export interface GivesUp {
  /** With the queries in it that variables were filled from before. */
  readonly condition: string
  readonly message: string
}

/** The conditions under which a DO block raises an error, as far as they stand in the block itself, in no loop or branch. */
export function givesUpIf(statement: string): readonly GivesUp[] {
  const tree = treeOf(statement)
  const found: GivesUp[] = []
  const filled = new Map<string, string>()
  for (const one of listOf(memberOf(first(tree, 'PLpgSQL_stmt_block'), 'body'))) {
    const query = first(one, 'PLpgSQL_stmt_execsql')
    const [target, another] = listOf(memberOf(first(query, 'PLpgSQL_row'), 'fields'))
    const name = memberOf(target, 'name')
    if (typeof name === 'string' && another === undefined) filled.set(name, queryIn(memberOf(query, 'sqlstmt')))
    const check = memberOf(one, 'PLpgSQL_stmt_if')
    const raised = listOf(memberOf(check, 'then_body')).map((inner) => memberOf(inner, 'PLpgSQL_stmt_raise'))
    const error = raised.find((inner) => typeof inner === 'object' && inner !== null && isError(inner))
    if (error === undefined) continue
    const message = memberOf(error, 'message')
    const condition = withQueries(queryIn(memberOf(check, 'cond')), filled)
    found.push({ condition, message: typeof message === 'string' ? message : '' })
  }
  return found
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The first node of that kind, at any depth. */
export function first(value: unknown, kind: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const found: unknown = key === kind ? inner : first(inner, kind)
    if (found !== undefined) return found
  }
  return undefined
}

/** A condition with the queries in place of the variables that they filled. */
function withQueries(condition: string, filled: ReadonlyMap<string, string>): string {
  return (tokensOf(condition) ?? []).toReversed().reduce((text, { text: name, start, end }) => {
    const query = filled.get(name)
    return query === undefined ? text : `${text.slice(0, start)}(${query})${text.slice(end)}`
  }, condition)
}
