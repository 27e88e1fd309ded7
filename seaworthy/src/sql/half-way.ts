import { type Statement, parseSql, placeOf } from './parse.ts'
import { fragmentsOf } from './plpgsql.ts'
import { as } from './tree.ts'

/** A script as it goes to the server. */
export interface Sending {
  /** One message each, with the line of the file on which it begins. */
  readonly messages: readonly { readonly text: string; readonly line: number }[]
  /** Whether every statement is a message of its own. */
  readonly isStatementByStatement: boolean
  /** Whether the tool has begun a transaction before. */
  readonly isInTransaction: boolean
}

/** A place at which the script can stop with a part of it in for good. */
export interface HalfWay {
  /**
   * - `after`: the statement and what stands before it are in, and something follows.
   * - `invalid-index`: an index was being built concurrently, and is left over invalid.
   * - `within`: a block or a procedure that may commit on its way.
   */
  readonly kind: 'after' | 'invalid-index' | 'within'
  /** The statement, from 1 in the file, and the message that it is in, from 0. */
  readonly index: number
  readonly message: number
  /** Where it begins and ends in its message. */
  readonly start: number
  readonly end: number
  /** And in the file. */
  readonly line: number
  readonly column: number
  readonly endLine: number
}

interface Place {
  readonly text: string
  readonly firstLine: number
  readonly message: number
  readonly statement: Statement
  readonly index: number
  readonly isOnlyOfMessage: boolean
  readonly isLastOfMessage: boolean
  readonly isLast: boolean
}

/**
 * Every place at which the script can stop half-way. None for one that commits as a whole: a message without transaction
 * commands is one implicit transaction. A script that cannot be parsed has none: it does not apply either.
 */
export function halfWayPoints(sending: Sending): readonly HalfWay[] {
  const points: HalfWay[] = []
  let isOpen = sending.isInTransaction
  let isAnythingIn = false
  for (const place of placesOf(sending) ?? []) {
    const { statement } = place
    const control = as(statement.node, 'TransactionStmt')?.kind
    if (control === 'TRANS_STMT_BEGIN' || control === 'TRANS_STMT_START') isOpen = true
    if (control === undefined && !isIdle(statement)) isAnythingIn = true
    const isAlone = !isOpen && (sending.isStatementByStatement || place.isOnlyOfMessage)
    if (isAlone && isConcurrentBuild(statement)) points.push(pointAt(place, 'invalid-index'))
    if (isAlone && mayCommit(place)) points.push(pointAt(place, 'within'))
    if (control === 'TRANS_STMT_COMMIT') isOpen = as(statement.node, 'TransactionStmt')?.chain === true
    if (control === 'TRANS_STMT_ROLLBACK') isOpen = false
    const commitsItself = control === undefined && !isOpen && (isAlone || place.isLastOfMessage)
    const isIn = isAnythingIn && !isIdle(statement) && (control === 'TRANS_STMT_COMMIT' || commitsItself)
    if (isIn && !place.isLast) points.push(pointAt(place, 'after'))
  }
  return points
}

function placesOf({ messages }: Sending): Place[] | null {
  const places: Omit<Place, 'index' | 'isLast'>[] = []
  for (const [message, { text, line }] of messages.entries()) {
    const parsed = parseSql(text)
    if (!parsed.ok) return null
    const { length } = parsed.statements
    for (const [at, statement] of parsed.statements.entries()) {
      places.push({
        text,
        firstLine: line,
        message,
        statement,
        isOnlyOfMessage: length === 1,
        isLastOfMessage: at === length - 1,
      })
    }
  }
  return places.map((place, at) => ({ ...place, index: at + 1, isLast: at === places.length - 1 }))
}

/** Leaves nothing behind in the database. */
const isIdle = ({ kind }: Statement): boolean => kind === 'VariableSetStmt' || kind === 'VariableShowStmt'

const isConcurrentBuild = ({ node }: Statement): boolean => as(node, 'IndexStmt')?.concurrent === true

/** A block or a procedure that runs outside of any transaction. What a procedure does is not read. */
function mayCommit({ statement, text }: Place): boolean {
  if (statement.kind === 'CallStmt') return true
  if (statement.kind !== 'DoStmt') return false
  const fragments = fragmentsOf(text.slice(statement.start, statement.end))
  return fragments === null || fragments.some(({ role, sql }) => role === 'transaction' && sql === 'COMMIT')
}

const pointAt = ({ text, firstLine, message, statement, index }: Place, kind: HalfWay['kind']): HalfWay => ({
  kind,
  index,
  message,
  start: statement.start,
  end: statement.end,
  line: statement.line + firstLine - 1,
  column: statement.column,
  endLine: placeOf(text, statement.end).line + firstLine - 1,
})
