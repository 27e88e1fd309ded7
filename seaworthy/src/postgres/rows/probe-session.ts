import type { Client } from 'pg'
import type { ProbeResult } from '../../migrations/effects.ts'
import { isAnswer, isInfrastructure, serverErrorOf } from '../server-error.ts'

/** A time limit of ours ended it, or a lock stood in the way: nothing is said about the schema. */
export class Unanswered extends Error {}

const LOCK_NOT_AVAILABLE = '55P03'

/** Every value as the server prints it. */
const AS_TEXT = { getTypeParser: () => String }

/** Sends statements of which each is taken back. */
export class ProbeSession {
  readonly #client: Client
  #isLost = false

  constructor(client: Client) {
    this.#client = client
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
      return await work()
    } finally {
      await this.#client.query('ROLLBACK').catch(() => undefined)
    }
  }

  /** @throws what `pg` throws. */
  async send(
    text: string,
    values: readonly (string | null)[] = [],
  ): Promise<{ readonly count: number; readonly rows: (string | null)[][] }> {
    const query = { text, values: [...values], rowMode: 'array' as const, types: AS_TEXT }
    const { rows, rowCount } = await this.#client.query<(string | null)[]>(query)
    return { count: rowCount ?? 0, rows }
  }

  /**
   * Tries something and takes it back. Constraints that are deferred are checked as at the commit that never comes.
   * @throws Unanswered if no verdict can come of it.
   */
  async attempt(work: () => Promise<Omit<ProbeResult, 'error'>>): Promise<ProbeResult> {
    await this.#client.query('SAVEPOINT probe')
    const result = await this.#tried(work)
    await this.#client.query('ROLLBACK TO SAVEPOINT probe')
    return result
  }

  async #tried(work: () => Promise<Omit<ProbeResult, 'error'>>): Promise<ProbeResult> {
    try {
      const result = await work()
      await this.#client.query('SET CONSTRAINTS ALL IMMEDIATE')
      return { error: null, ...result }
    } catch (error) {
      if (!isAnswer(error)) throw error
      const answer = serverErrorOf(error, '')
      if (isInfrastructure(answer) || answer.sqlstate === LOCK_NOT_AVAILABLE) throw new Unanswered(answer.message)
      const { sqlstate, message, table, constraint } = answer
      return { error: { sqlstate, message, table, constraint }, rows: 0, isKept: false, altered: [] }
    }
  }
}
