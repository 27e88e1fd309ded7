import { SeaworthyError } from '../../gate/error.ts'
import { type Comment, commentsOf, parseSql } from '../../sql/parse.ts'
import { LONGEST_QUERY, MOST_QUERIES, parametersOf } from './reading.ts'

/** A statement of a workload file. */
export interface WorkloadQuery {
  readonly text: string
  readonly line: number
  readonly parameters: number
  readonly role: string | null
  readonly searchPath: string | null
}

/** `-- role: app`, `-- search_path: app, public`. */
const SAYS = /^--\s*(role|search_path)\s*:\s*(\S.*?)\s*$/

/**
 * The queries of a workload file. A comment line `-- role: NAME` or `-- search_path: LIST` holds from there on until the
 * next of its kind; a new role takes the search path back to the one that it gets when it logs in.
 * @throws SeaworthyError('config') for a file that holds no query, does not parse, or holds something else than queries:
 * the user means them to be checked, and nothing is passed over in silence.
 */
export function readWorkload(file: string, text: string): readonly WorkloadQuery[] {
  const parsed = parseSql(text)
  const comments = parsed.ok ? commentsOf(text) : null
  if (!parsed.ok || comments === null) {
    const at = parsed.ok ? '' : ` (line ${parsed.error.line}): ${parsed.error.message}`
    throw wrong(`the workload ${file} does not parse${at}`, 'It must be SQL: queries with $1, $2, … for parameters.')
  }
  if (parsed.statements.length === 0) {
    throw wrong(`the workload ${file} holds no query`, 'Put the queries in that the running version sends.')
  }
  if (parsed.statements.length > MOST_QUERIES) {
    throw wrong(
      `the workload ${file} holds ${parsed.statements.length} queries, and at most ${MOST_QUERIES} are planned`,
      'Leave out those that differ in their constants alone: write $1, $2, … for them.',
    )
  }
  const remarks = remarksOf(comments)
  return parsed.statements.map((statement): WorkloadQuery => {
    const query = text.slice(statement.start, statement.end)
    const parameters = parametersOf(statement)
    const place = `${file}:${statement.line}`
    if (typeof parameters === 'string') throw wrong(`${place} cannot be planned: ${parameters}`, ONLY_QUERIES)
    if (query.length > LONGEST_QUERY) {
      throw wrong(`${place} is a query of ${query.length} characters, and at most ${LONGEST_QUERY} are planned`)
    }
    return { text: query, line: statement.line, parameters, ...saidBefore(remarks, statement.start) }
  })
}

const ONLY_QUERIES =
  'Only queries can be planned. For a role or a search path put `-- role: NAME` or `-- search_path: LIST` on a line before the query.'

interface Remark {
  readonly start: number
  readonly what: string
  readonly value: string
}

const remarksOf = (comments: readonly Comment[]): Remark[] =>
  comments.flatMap(({ text, start }) => {
    const [, what, value] = SAYS.exec(text) ?? []
    return what === undefined || value === undefined ? [] : [{ start, what, value }]
  })

function saidBefore(remarks: readonly Remark[], start: number): Pick<WorkloadQuery, 'role' | 'searchPath'> {
  const before = remarks.filter((remark) => remark.start < start)
  const role = before.findLast((remark) => remark.what === 'role')
  const path = before.findLast((remark) => remark.what === 'search_path' && remark.start > (role?.start ?? -1))
  return { role: role?.value ?? null, searchPath: path?.value ?? null }
}

const wrong = (message: string, hint?: string): SeaworthyError =>
  new SeaworthyError('config', message, hint === undefined ? {} : { hint })
