import type { Client } from 'pg'
import type { ProbeResult } from '../../migrations/effects.ts'
import { isAnswer, isInfrastructure, serverErrorOf } from '../server-error.ts'

/** A time limit of ours ended it, or a lock stood in the way: nothing is said about the schema. */
export class Unanswered extends Error {}

export interface ProbeStatement {
  readonly text: string
  readonly values?: readonly (string | null)[]
}

/** What the server printed to one statement. */
export interface Answer {
  readonly count: number
  readonly rows: readonly (readonly (string | null)[])[]
}

const LOCK_NOT_AVAILABLE = '55P03'

/** Every value as the server prints it. */
const AS_TEXT = { getTypeParser: () => String }

/** Sends statements of which each is taken back, without waiting for the answer to one before the next. */
export class ProbeSession {
  readonly #client: Client
  #isLost = false

  constructor(client: Client) {
    this.#client = client
    // `pg` looks at it before each query. No statement here is chosen by the answer to one that is under way.
    Object.defineProperty(client, 'pipeline', { value: true })
    client.once('end', () => {
      this.#isLost = true
    })
  }

  get isLost(): boolean {
    return this.#isLost
  }

  /** Works in a transaction, with what the server prints being the same before and after; then rolls it back. */
  async within<T>(limits: { zone: string; statementMs: number }, work: () => Promise<T>): Promise<T> {
    await this.#client.query(
      `BEGIN READ WRITE; SET LOCAL statement_timeout = ${limits.statementMs}; SET LOCAL lock_timeout = ${limits.statementMs};
       SET LOCAL bytea_output = hex; SET LOCAL extra_float_digits = 1; SET LOCAL "DateStyle" = 'ISO, YMD';
       SET LOCAL "IntervalStyle" = postgres; SET LOCAL jit = off`,
    )
    try {
      await this.#client.query("SELECT pg_catalog.set_config('TimeZone', $1, true)", [limits.zone])
      // Going back to it keeps it, so that one is enough for all attempts.
      await this.#client.query('SAVEPOINT probe')
      return await work()
    } finally {
      await this.#client.query('ROLLBACK').catch(() => undefined)
    }
  }

  /**
   * Tries statements one after the other and takes them back. All of them are on their way when this returns. Constraints
   * that are deferred are checked as at the commit that never comes.
   * @throws Unanswered if no verdict can come of it.
   */
  async attempt(
    statements: readonly ProbeStatement[],
    read: (answers: readonly Answer[]) => Omit<ProbeResult, 'error'>,
  ): Promise<ProbeResult> {
    const answers = await this.#takenBack([...statements, { text: 'SET CONSTRAINTS ALL IMMEDIATE' }])
    return Array.isArray(answers) ? { error: null, ...read(answers) } : answers
  }

  /** Asks without writing; null if the server refuses to answer. */
  async ask(statement: ProbeStatement): Promise<Answer | null> {
    const answers = await this.#takenBack([statement])
    return Array.isArray(answers) ? (answers[0] ?? null) : null
  }

  async #takenBack(statements: readonly ProbeStatement[]): Promise<Answer[] | ProbeResult> {
    const tried = statements.map(async (one) => await this.#send(one))
    const ended = this.#send({ text: 'ROLLBACK TO SAVEPOINT probe' })
    const [last, ...settled] = await Promise.allSettled([ended, ...tried])
    if (last.status === 'rejected') throw last.reason
    const answers: Answer[] = []
    for (const one of settled) {
      if (one.status === 'rejected') return failed(one.reason)
      answers.push(one.value)
    }
    return answers
  }

  async #send({ text, values = [] }: ProbeStatement): Promise<Answer> {
    const query = { text, values: [...values], rowMode: 'array' as const, types: AS_TEXT }
    const { rows, rowCount } = await this.#client.query<(string | null)[]>(query)
    return { count: rowCount ?? 0, rows }
  }
}

function failed(error: unknown): ProbeResult {
  if (!isAnswer(error)) throw error
  const answer = serverErrorOf(error, '')
  if (isInfrastructure(answer) || answer.sqlstate === LOCK_NOT_AVAILABLE) throw new Unanswered(answer.message)
  const { sqlstate, message, table, constraint } = answer
  return { error: { sqlstate, message, table, constraint }, rows: 0, isKept: false, altered: [] }
}
