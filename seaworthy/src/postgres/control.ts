import type { Script } from '../migrations/model.ts'
import type { ServerError } from '../migrations/engine.ts'
import type { Statement } from '../sql/parse.ts'
import type { SendFailure } from './apply.ts'
import { locatedAt, statementsOf } from './locate.ts'

/** The transaction command that a statement is, in the grammar's word; null for every other statement. */
const controlOf = ({ node }: Statement): string | null =>
  'TransactionStmt' in node ? (node.TransactionStmt.kind ?? null) : null

/**
 * Where the part of a script ends that is committed although the script failed: behind its last own COMMIT among the
 * statements that went through. 0 if there is none, or if the script was not sent as one message.
 */
export function committedEnd(script: Script, { completed = 0 }: SendFailure): number {
  if (completed === 0 || (script.send !== 'batch' && script.send !== 'transaction')) return 0
  const done = (statementsOf(script) ?? []).slice(0, completed)
  const last = done.findLast(({ parsed }) => controlOf(parsed) === 'TRANS_STMT_COMMIT')
  return last?.parsed.end ?? 0
}

/** A script that went through and took its own work back with ROLLBACK: the ledger then holds what never happened. */
export function takenBack(script: Script): SendFailure | null {
  if (!/\b(?:rollback|abort)\b/i.test(script.text)) return null
  const statements = statementsOf(script) ?? []
  const index = statements.findIndex(({ parsed }) => controlOf(parsed) === 'TRANS_STMT_ROLLBACK')
  const found = statements[index]
  if (found === undefined) return null
  return {
    error: TAKEN_BACK,
    leavesHalf: false,
    statement: locatedAt(script, found.parsed, index + 1),
    isTold: true,
  }
}

/** Worded as the server words its own errors; the code is that of a transaction that was rolled back. */
const TAKEN_BACK: ServerError = {
  sqlstate: '40000',
  message: 'the file takes its own work back (ROLLBACK), and the tool records it as applied all the same',
  detail: null,
  hint: null,
  offset: null,
  schema: null,
  table: null,
  column: null,
  constraint: null,
}
