import { DYNAMIC, eachNode, first, listOf, memberOf, queryIn, sidesOf, treeOf } from './plpgsql.ts'

/** What gives a variable of a PL/pgSQL body a value. */
export interface Given {
  readonly kind: 'given'
  /** In small letters; of a field of a record `record.field`. */
  readonly name: string
  /** `element`: one of the array that `sql` is; `member`: one of the variable's own; `column`: of the query that `sql` is. */
  readonly by: 'value' | 'element' | 'member' | 'column' | 'unknown'
  readonly sql: string
  /** Of a query, which column; null where it fills a record. */
  readonly column: number | null
}

/** A text that is run. */
export interface Run {
  readonly kind: 'run'
  readonly sql: string
}

/** What happens to the variables of a body. */
export interface Flow {
  /** In the order of the body. */
  readonly steps: readonly (Given | Run)[]
  /** Variables that are declared with a type whose values can be no statement. */
  readonly typed: ReadonlySet<string>
}

/** Follows the variables of a `DO` or `CREATE FUNCTION … LANGUAGE plpgsql` statement (its whole text). */
export function flowOf(statement: string): Flow {
  const tree = treeOf(statement)
  const steps: (Given | Run)[] = []
  const typed = new Set<string>()
  const names = listOf(first(tree, 'datums')).map((one) => memberOf(memberOf(one, 'PLpgSQL_var'), 'refname'))
  eachNode(tree, (kind, node) => {
    if (kind === 'PLpgSQL_var') steps.push(...declared(node, typed))
    else if (kind.startsWith('PLpgSQL_stmt_')) steps.push(...stepsOf(kind, node, names))
  })
  return { steps, typed }
}

/** The server's own names of types whose values are numbers, dates, truths or names of relations. */
const TYPES: ReadonlySet<string> = new Set(
  `int int2 int4 int8 integer smallint bigint numeric decimal real double float4 float8 bool boolean date time timetz
   timestamp timestamptz interval oid regclass regtype regnamespace regrole uuid`.split(/\s+/),
)

function declared(variable: object, typed: Set<string>): Given[] {
  const name = memberOf(variable, 'refname')
  if (typeof name !== 'string') return []
  const type = memberOf(first(variable, 'PLpgSQL_type'), 'typname')
  const word = typeof type === 'string' && !type.includes('[') ? (/^(?:pg_catalog\.)?(\w+)/.exec(type)?.[1] ?? '') : ''
  if (TYPES.has(word.toLowerCase())) typed.add(name.toLowerCase())
  const value = queryIn(memberOf(variable, 'default_val'))
  return value === '' ? [] : [given(name, 'value', value)]
}

function given(name: string, by: Given['by'], sql: string, column: number | null = null): Given {
  return { kind: 'given', name: name.replaceAll('"', '').toLowerCase(), by, sql, column }
}

function stepsOf(kind: string, node: object, names: readonly unknown[]): (Given | Run)[] {
  const text = DYNAMIC[kind] === undefined ? '' : queryIn(memberOf(node, DYNAMIC[kind]))
  const run: Run[] = text === '' ? [] : [{ kind: 'run', sql: text }]
  if (kind === 'PLpgSQL_stmt_assign') return [assigned(queryIn(node))]
  if (kind === 'PLpgSQL_stmt_foreach_a') {
    const name = names[Number(memberOf(node, 'varno'))]
    return typeof name === 'string' ? [given(name, 'element', queryIn(memberOf(node, 'expr')))] : []
  }
  if (kind === 'PLpgSQL_stmt_execsql')
    return filled(memberOf(node, 'target'), 'column', queryIn(memberOf(node, 'sqlstmt')))
  if (kind === 'PLpgSQL_stmt_fors') return filled(memberOf(node, 'var'), 'column', queryIn(memberOf(node, 'query')))
  return [...run, ...filled(memberOf(node, 'target') ?? memberOf(node, 'var'), 'unknown', '')]
}

function assigned(assignment: string): Given {
  const { target, value } = sidesOf(assignment)
  const [name = '', index] = target.split('[', 2)
  return given(name.trim(), index === undefined ? 'value' : 'member', value)
}

/** The record, or the variables, that a query fills. */
function filled(target: unknown, by: 'column' | 'unknown', sql: string): Given[] {
  const record = memberOf(memberOf(target, 'PLpgSQL_rec'), 'refname')
  if (typeof record === 'string') return [given(record, by, sql)]
  return listOf(memberOf(memberOf(target, 'PLpgSQL_row'), 'fields')).flatMap((field, at) => {
    const name = memberOf(field, 'name')
    return typeof name === 'string' ? [given(name, by, sql, at)] : []
  })
}
