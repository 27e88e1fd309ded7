import type { LedgerTable, Migration, Script } from '../migrations/model.ts'
import type { ServerError } from '../migrations/engine.ts'
import { serverErrorOf } from './server-error.ts'
import { locatedAt, statementsOf } from './locate.ts'
import type { Session } from './session.ts'

/** A message that failed: what the server said, and where in the script as far as the sending itself shows it. */
export interface SendFailure {
  readonly error: ServerError
  /** Whether statements of the script before this one are already committed. */
  readonly leavesHalf: boolean
  readonly statement: ReturnType<typeof locatedAt> | null
  /** How many statements of the script went through before it, where it was sent as one message. */
  readonly completed?: number
  /** Whether everything about it is known: the script went through, and another run would find nothing. */
  readonly isTold?: true
  /** Whether the script itself went through and the ledger did not take its row. */
  readonly isLedgerRow?: true
}

type LedgerRow = ReturnType<LedgerTable['recordSql']>

const failureOf = (error: unknown, sent: string, leavesHalf = false): SendFailure => ({
  error: serverErrorOf(error, sent),
  leavesHalf,
  statement: null,
})

/**
 * Sends one script as its tool would and records it in the ledger where the tool does. Returns null when it is in.
 * `text` stands in for the script's own where something was provided before; it has the same length and lines.
 * With `transaction: 'all-pending'` the caller has opened the transaction and closes it.
 */
export async function sendScript(
  session: Session,
  script: Script,
  record: LedgerRow,
  transaction: 'per-file' | 'all-pending',
  text: string = script.text,
): Promise<SendFailure | null> {
  switch (script.send) {
    case 'batch':
      return (await sendText(session, text)) ?? (await whenClosed(session, record))
    case 'transaction':
      return await inTransaction(
        session,
        async () => (await sendText(session, text)) ?? (await sendRecord(session, record)),
      )
    case 'statements':
      return (await sendStatements(session, script, text)) ?? (await whenClosed(session, record))
    case 'pieces': {
      const send = async (): Promise<SendFailure | null> =>
        (await sendPieces(session, script, text)) ?? (await sendRecord(session, record))
      return transaction === 'all-pending' ? await send() : await inTransaction(session, send)
    }
  }
}

/** BEGIN, the work, COMMIT; ROLLBACK after a failure. A deferred constraint may fail at COMMIT. */
export async function inTransaction(
  session: Session,
  work: () => Promise<SendFailure | null>,
): Promise<SendFailure | null> {
  try {
    await session.send('BEGIN')
  } catch (error) {
    return failureOf(error, 'BEGIN')
  }
  const failure = await work()
  if (failure === null) {
    try {
      await session.send('COMMIT')
      return null
    } catch (error) {
      return failureOf(error, 'COMMIT')
    }
  }
  // The script may have ended the tool's transaction itself: what stood before its COMMIT then stays.
  const wasStillOpen = session.isInTransaction
  await session.send('ROLLBACK').catch(() => undefined)
  return { ...failure, leavesHalf: failure.leavesHalf || !wasStillOpen }
}

async function sendText(session: Session, text: string): Promise<SendFailure | null> {
  try {
    await session.send(text)
    return null
  } catch (error) {
    return { ...failureOf(error, text), completed: session.completed }
  }
}

/** Without a transaction of the tool, one that the file leaves open is lost when the tool disconnects. */
async function whenClosed(session: Session, record: LedgerRow): Promise<SendFailure | null> {
  if (!session.isInTransaction) return await sendRecord(session, record)
  await session.send('ROLLBACK').catch(() => undefined)
  return { error: LEFT_OPEN, leavesHalf: false, statement: null }
}

/** Worded as the server words its own; the code is that of an invalid transaction state. */
export const LEFT_OPEN: ServerError = {
  sqlstate: '25000',
  message:
    'the file leaves a transaction open (BEGIN without COMMIT): everything in it is lost when the tool disconnects',
  detail: null,
  hint: null,
  offset: null,
  schema: null,
  table: null,
  column: null,
  constraint: null,
}

async function sendStatements(session: Session, script: Script, text: string): Promise<SendFailure | null> {
  const statements = statementsOf({ ...script, text })
  // What the grammar cannot split goes over whole, and the server says what is wrong with it.
  if (statements === null) return await sendText(session, text)
  for (const [index, statement] of statements.entries()) {
    const failure = await sendText(session, statement.text)
    if (failure === null) continue
    return {
      ...failure,
      leavesHalf: index > 0,
      statement: locatedAt(script, statement.parsed, index + 1, failure.error.offset),
    }
  }
  return null
}

async function sendPieces(session: Session, script: Script, text: string): Promise<SendFailure | null> {
  if (text !== script.text) return await sendText(session, text)
  for (const [index, piece] of (script.pieces ?? []).entries()) {
    if (piece.text.trim() === '') continue
    const failure = await sendText(session, piece.text)
    if (failure === null) continue
    const excerpt = piece.text.trim().slice(0, 400)
    const line = piece.line + countLines(piece.text.slice(0, piece.text.length - piece.text.trimStart().length))
    return { ...failure, statement: { index: index + 1, line, column: 1, text: excerpt } }
  }
  return null
}

const countLines = (text: string): number => text.split('\n').length - 1

/** Records a migration in the ledger, as the tool does. */
export async function sendRecord(session: Session, record: LedgerRow): Promise<SendFailure | null> {
  for (const { text, values } of record) {
    try {
      await session.run(text, values)
    } catch (error) {
      const failure = failureOf(error, text)
      const message = `the ledger does not take its row: ${failure.error.message}`
      return { ...failure, error: { ...failure.error, message, offset: null }, isLedgerRow: true }
    }
  }
  return null
}

/** The ledger rows that the tool writes for a migration; none where its ledger is unknown. */
export const recordOf = (ledger: LedgerTable | null, migration: Migration): LedgerRow =>
  ledger?.recordSql(migration) ?? []

/** The ledger rows that the tool takes back with a down. */
export const forgetOf = (ledger: LedgerTable | null, migration: Migration): LedgerRow =>
  ledger?.forgetSql(migration) ?? []
