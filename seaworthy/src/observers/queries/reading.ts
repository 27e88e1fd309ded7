import { parseSql, type Statement } from '../../sql/parse.ts'
import { as, walk } from '../../sql/tree.ts'

/** Longer ones are no queries that a person could read about. Characters. */
export const LONGEST_QUERY = 100_000
/** More than this many are not planned. */
export const MOST_QUERIES = 5_000
/** PostgreSQL takes no more. */
const MOST_PARAMETERS = 65_535

const PLANNED: ReadonlySet<string> = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'])

/** How many parameters a statement has, if it is one that can be planned; else why it is not, in a few words. */
export function parametersOf({ kind, node }: Statement): number | string {
  if (!PLANNED.has(kind)) return 'it is no SELECT, INSERT, UPDATE, DELETE, MERGE or VALUES'
  if (as(node, 'SelectStmt')?.intoClause !== undefined) return 'SELECT INTO makes a table'
  let highest = 0
  walk([node], 'ParamRef', ({ number = 0 }) => {
    highest = Math.max(highest, number)
  })
  return highest <= MOST_PARAMETERS ? highest : `it has a parameter $${highest}`
}

/** The same for a text that must be one statement. */
export function parametersOfText(text: string): number | string {
  if (text.length > LONGEST_QUERY) return `it is longer than ${LONGEST_QUERY} characters`
  const parsed = parseSql(text)
  if (!parsed.ok) return parsed.error.message
  const [statement] = parsed.statements
  if (statement === undefined || parsed.statements.length > 1) {
    return `it holds ${parsed.statements.length} statements`
  }
  return parametersOf(statement)
}
