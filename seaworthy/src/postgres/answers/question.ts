import { parseSql } from '../../sql/parse.ts'
import { partsOf, walk } from '../../sql/tree.ts'

/** Longer questions are not sent. */
const LONGEST_SQL = 200_000

/** A function that a question calls, by schema and name. */
export interface Called {
  readonly schema: string
  readonly name: string
}

/**
 * Whether a text is one SELECT and nothing else, and which functions it calls; null if it may not be sent. What changes
 * something inside of a SELECT (INTO, a writing CTE, FOR UPDATE) is refused here, before a server has to.
 */
export function readQuestion(sql: string): { readonly calls: readonly Called[] } | null {
  if (sql.length > LONGEST_SQL) return null
  const parsed = parseSql(sql)
  if (!parsed.ok || parsed.statements.length !== 1) return null
  const [statement] = parsed.statements
  if (statement?.kind !== 'SelectStmt') return null
  const around = { node: statement.node }
  let isReading = true
  const refuse = (): void => {
    isReading = false
  }
  for (const kind of ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'IntoClause', 'LockingClause'] as const) {
    walk(around, kind, refuse)
  }
  walk(around, 'SelectStmt', (select) => {
    if (select.intoClause !== undefined || (select.lockingClause ?? []).length > 0) refuse()
  })
  const calls = new Map<string, Called>()
  walk(around, 'FuncCall', (call) => {
    const parts = partsOf(call.funcname)
    // Without a schema in front only pg_catalog is looked in: the search path is empty.
    const [schema = 'pg_catalog', name = ''] = parts.length === 1 ? ['pg_catalog', ...parts] : parts
    calls.set(`${schema}.${name}`, { schema, name })
  })
  return isReading ? { calls: [...calls.values()] } : null
}
