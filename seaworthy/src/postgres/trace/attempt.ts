import type { TracedStatement } from '../../migrations/effects.ts'
import { type NodeOf, as, walk } from '../../sql/tree.ts'
import { type SendFailure, LEFT_OPEN, recordOf, sendRecord } from '../apply.ts'
import { locatedAt } from '../locate.ts'
import { isLedgerLeftOut, type Run } from '../runner.ts'
import { serverErrorOf } from '../server-error.ts'
import type { Sent } from './messages.ts'
import type { Step } from './steps.ts'
import type { Record, Tracer } from './tracer.ts'

/** The server's codes for what no transaction allows: active_sql_transaction, invalid_transaction_termination. */
const NEEDS_NO_TRANSACTION: ReadonlySet<string> = new Set(['25001', '2D000'])
/** A file with many statements is data for the greater part; its plain INSERTs are no longer looked at one by one. */
const LOOKED_AT_CLOSELY = 40

/** A step that failed, and how. */
export interface StepFailure {
  readonly at: number
  readonly step: Step
  readonly failure: SendFailure
}

/** Sends the steps of a unit one by one. It can be resumed behind what is committed for good. */
export class Attempt {
  readonly #run: Run
  readonly #tracer: Tracer
  readonly #steps: readonly Step[]
  /** Of all statements that are in, or would be with the transaction that is open. */
  readonly #records: Record[] = []
  #kept = 0
  #committed = 0
  #transaction: number
  /** Whether the open transaction is one that we opened for the statements of a message. */
  #isImplicit = false

  constructor(run: Run, tracer: Tracer, plan: { readonly steps: readonly Step[]; readonly transaction: number }) {
    this.#run = run
    this.#tracer = tracer
    this.#steps = plan.steps
    this.#transaction = plan.transaction
  }

  get records(): readonly TracedStatement[] {
    return this.#records
  }

  /** The number of the last transaction. */
  get transaction(): number {
    return this.#transaction
  }

  /** Whether something is committed that no second attempt may send again. */
  get isHalfIn(): boolean {
    return this.#committed > 0
  }

  /** Sends what is not committed yet, but for the steps in `skipped`. Null when all is in; else everything open is taken back. */
  async send(skipped: ReadonlySet<number>): Promise<StepFailure | null> {
    this.#records.length = this.#kept
    for (let at = this.#committed; at < this.#steps.length; at += 1) {
      const step = this.#steps[at]
      if (step === undefined || skipped.has(at)) continue
      const failure = await this.#take(step)
      if (failure !== null) {
        await this.#takeBack()
        return { at, step, failure }
      }
      if (!this.#run.session.isInTransaction) this.#keep(at + 1)
    }
    return null
  }

  #keep(committed: number): void {
    this.#committed = committed
    this.#kept = this.#records.length
  }

  async #takeBack(): Promise<void> {
    await this.#run.session.send('ROLLBACK').catch(() => undefined)
    this.#isImplicit = false
    this.#tracer.forget()
    await this.#tracer.ended(null)
  }

  async #take(step: Step): Promise<SendFailure | null> {
    switch (step.do) {
      case 'begin':
        return await this.#begin()
      case 'send':
        return await this.#sendStatement(step)
      case 'end-message':
        return this.#isImplicit ? await this.#commit() : null
      case 'check-closed':
        return this.#run.session.isInTransaction ? { error: LEFT_OPEN, leavesHalf: false, statement: null } : null
      case 'record':
        return await this.#record(step)
      case 'commit':
        return await this.#commit()
    }
  }

  async #begin(): Promise<SendFailure | null> {
    this.#transaction += 1
    return await this.#sendText('BEGIN')
  }

  async #commit(): Promise<SendFailure | null> {
    this.#isImplicit = false
    const wasOpen = this.#run.session.isInTransaction
    const failure = await this.#sendText('COMMIT')
    if (failure === null && wasOpen) await this.#tracer.ended(this.#records.at(-1) ?? null)
    return failure
  }

  async #record({ migration }: Step): Promise<SendFailure | null> {
    const rows = isLedgerLeftOut(this.#run) ? [] : recordOf(this.#run.ledger, migration)
    const failure = await sendRecord(this.#run.session, rows)
    // What the ledger's own row sets off is the tool's doing.
    if (failure === null) this.#tracer.forget()
    return failure
  }

  async #sendStatement(step: Extract<Step, { do: 'send' }>): Promise<SendFailure | null> {
    const control = as(step.sent.parsed.node, 'TransactionStmt')
    if (control !== undefined) return await this.#sendControl(step, control)
    const isWrapped = !this.#run.session.isInTransaction
    if (isWrapped) {
      const failure = await this.#begin()
      if (failure !== null) return failure
      this.#isImplicit = true
    }
    const failure = await this.#sendText(step.sent.text)
    if (failure === null) return await this.#account(step, this.#transaction)
    const isRefused = NEEDS_NO_TRANSACTION.has(failure.error.sqlstate ?? '')
    if (!isRefused || !isWrapped || !step.isAlone) return located(failure, step)
    await this.#takeBack()
    const alone = await this.#sendText(step.sent.text)
    return alone === null ? await this.#account(step, null) : located(alone, step)
  }

  async #account(step: Extract<Step, { do: 'send' }>, transaction: number | null): Promise<null> {
    const { migration, sent } = step
    const record = this.#tracer.open(migration.up.file, migration.version, sent, transaction)
    this.#records.push(record)
    if (sent.index > LOOKED_AT_CLOSELY && this.#run.session.isInTransaction && isPlainInsert(sent)) {
      this.#tracer.afterPlain(record, sent.text)
    } else await this.#tracer.after(record, sent)
    return null
  }

  /** The file's own BEGIN, COMMIT, ROLLBACK, SAVEPOINT. */
  async #sendControl(
    step: Extract<Step, { do: 'send' }>,
    control: NodeOf<'TransactionStmt'>,
  ): Promise<SendFailure | null> {
    const { session } = this.#run
    const isBegin = control.kind === 'TRANS_STMT_BEGIN' || control.kind === 'TRANS_STMT_START'
    const wasOpen = session.isInTransaction
    // In one message BEGIN makes what came before it a part of its transaction.
    const isTakenOver = isBegin && this.#isImplicit && control.options === undefined
    if (isBegin && !wasOpen) this.#transaction += 1
    const number = wasOpen || isBegin ? this.#transaction : null
    if (isBegin) this.#isImplicit = false
    const failure = isTakenOver ? null : await this.#sendText(step.sent.text)
    if (failure !== null) return located(failure, step)
    if (!session.isInTransaction) this.#isImplicit = false
    const { migration, sent } = step
    const record = this.#tracer.open(migration.up.file, migration.version, sent, number)
    this.#records.push(record)
    const isEnd = wasOpen && (!session.isInTransaction || control.chain === true)
    if (isEnd) await this.#tracer.ended(record)
    if (isEnd && control.chain === true) this.#transaction += 1
    return null
  }

  async #sendText(text: string): Promise<SendFailure | null> {
    try {
      await this.#run.session.send(text)
      return null
    } catch (error) {
      return { error: serverErrorOf(error, text), leavesHalf: false, statement: null }
    }
  }
}

const located = (failure: SendFailure, { migration, sent }: Extract<Step, { do: 'send' }>): SendFailure => {
  const { offset } = failure.error
  const whole = migration.up.send === 'pieces' ? null : migration.up
  const statement =
    whole === null
      ? { index: sent.index, line: sent.line, column: sent.column, text: sent.text.slice(0, 400) }
      : locatedAt(whole, sent.parsed, sent.index, offset)
  return { ...failure, statement }
}

/** INSERT … VALUES of constants: it calls nothing but what the table itself does. */
function isPlainInsert({ parsed }: Sent): boolean {
  const insert = as(parsed.node, 'InsertStmt')
  if (insert === undefined || insert.withClause !== undefined || insert.onConflictClause !== undefined) return false
  let isPlain = (as(insert.selectStmt, 'SelectStmt')?.valuesLists ?? []).length > 0
  walk(insert.selectStmt, 'FuncCall', () => (isPlain = false))
  walk(insert.selectStmt, 'SubLink', () => (isPlain = false))
  return isPlain
}
