import type { Client } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'
import type { Answer, Obligation } from '../../gate/obligation.ts'
import { loadGrammar } from '../../sql/parse.ts'
import { problemOf } from './problem.ts'
import { type Called, readQuestion } from './question.ts'
import { BEGIN_READING, leave, OWN_NAMES, placeOf, type Reading, reach, wordsOf } from '../production.ts'
import { type Witness, witnessOf } from './witness.ts'

/** How long the driver waits beyond the server's own time limit. */
const GRACE_MS = 3_000
/** The type of a count (pg_type.dat). */
const INT8 = 20
/** A question waits for no lock longer than that. */
const LOCK_TIMEOUT_MS = 2_000

export interface AskOptions {
  readonly url: URL
  /** How long one question may take. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
  /** Asked once, before any question: who answers. Throws to refuse. */
  readonly accept: (witness: Witness) => void
  /** The present time; replaced in tests. */
  readonly now: () => Date
}

/**
 * Asks production, one read-only transaction a question: no lock but ACCESS SHARE, no search path but the server's own, row security an
 * error and not a smaller count. A question that cannot be answered is an answer with its problem; no value of a row
 * leaves the server. @throws SeaworthyError('network') if it cannot be reached.
 */
export async function askProduction(
  questions: readonly Obligation[],
  options: AskOptions,
): Promise<{ readonly witness: Witness; readonly answers: readonly Answer[] }> {
  await loadGrammar()
  const reading: Reading = {
    application: 'seaworthy prove',
    limitMs: options.timeoutMs + GRACE_MS,
    signal: options.signal,
  }
  let client = await reach(options.url, reading)
  try {
    const witness = await witnessOf(client)
    options.accept(witness)
    const answers: Answer[] = []
    for (const [index, question] of questions.entries()) {
      options.signal.throwIfAborted()
      options.progress(`asking ${index + 1} of ${questions.length}: ${question.question}`)
      const answer = await answerTo(client, question, options)
      options.signal.throwIfAborted()
      answers.push(answer.answer)
      if (!answer.isOver) continue
      await leave(client)
      client = await reach(options.url, reading)
      const again = await witnessOf(client)
      if (again.identity !== witness.identity) throw anotherServer()
    }
    return { witness, answers }
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof SeaworthyError) throw error
    throw new SeaworthyError('network', `${placeOf(options.url)} could not be asked: ${wordsOf(error, options.url)}`)
  } finally {
    await leave(client)
  }
}

const anotherServer = (): SeaworthyError =>
  new SeaworthyError('network', 'the connection was lost, and behind the same URL another database answers now', {
    hint: 'Ask again when it is settled which one is production.',
  })

async function answerTo(
  client: Client,
  question: Obligation,
  { timeoutMs, now }: AskOptions,
): Promise<{ readonly answer: Answer; readonly isOver: boolean }> {
  const askedAt = now().toISOString()
  const without = (problem: string, isOver = false): { answer: Answer; isOver: boolean } => ({
    answer: { id: question.id, answeredAt: askedAt, rows: null, problem },
    isOver,
  })
  const read = readQuestion(question.sql)
  if (read === null) return without('it is not one SELECT that only reads, so it was not sent')
  try {
    await client.query(beginSql(timeoutMs))
    const volatile = await volatileOf(client, read.calls)
    if (volatile !== null) {
      await client.query('ROLLBACK')
      return without(`it calls ${volatile}, which may do more than read, so it was not sent`)
    }
    const { rows: places } = await client.query<{ replica: boolean; replayed: string | null }>(REPLAY_SQL)
    const [place] = places
    const { rows, fields } = await client.query<unknown[]>({ text: question.sql, rowMode: 'array' })
    await client.query('ROLLBACK')
    const isReplica = place?.replica !== false
    const answeredAt = isReplica ? (place?.replayed ?? null) : askedAt
    if (answeredAt === null) return without('this replica does not say up to which time it has replayed')
    const count = countOf(rows, fields)
    if (count === null) return without('the answer is not a count')
    return { answer: { id: question.id, answeredAt, rows: count, problem: null }, isOver: false }
  } catch (error) {
    const isAnswer = error instanceof Error && 'severity' in error && typeof error.severity === 'string'
    const isBack =
      isAnswer &&
      (await client.query('ROLLBACK').then(
        () => true,
        () => false,
      ))
    return without(problemOf(error), !isBack)
  }
}

/** The one number of an answer; null if it is anything else. */
function countOf(rows: readonly unknown[][], fields: readonly { readonly dataTypeID: number }[]): number | null {
  if (rows.length !== 1 || fields.length !== 1 || fields[0]?.dataTypeID !== INT8) return null
  const count = Number(rows[0]?.[0] ?? Number.NaN)
  return Number.isSafeInteger(count) && count >= 0 ? count : null
}

/** One question runs on one core of production at most. */
const beginSql = (timeoutMs: number): string => `${BEGIN_READING}; ${OWN_NAMES};
  SET LOCAL statement_timeout = ${Math.round(timeoutMs)};
  SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS};
  SET LOCAL idle_in_transaction_session_timeout = ${Math.round(timeoutMs) + GRACE_MS};
  SET LOCAL max_parallel_workers_per_gather = 0;
  SET LOCAL standard_conforming_strings = on`

/** The last transaction that a replica has replayed: its answers are true for that time. */
const REPLAY_SQL = `SELECT pg_catalog.pg_is_in_recovery() AS replica, pg_catalog.to_char(
    pg_catalog.pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS replayed`

/** A function of the question that the server does not promise to only read; null if there is none. */
async function volatileOf(client: Client, calls: readonly Called[]): Promise<string | null> {
  if (calls.length === 0) return null
  const { rows } = await client.query<{ name: string }>(
    `SELECT n.nspname || '.' || p.proname AS name FROM pg_catalog.pg_proc p
       JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
       JOIN unnest($1::text[], $2::text[]) AS called(schema, name)
         ON called.schema = n.nspname AND called.name = p.proname
      WHERE p.provolatile = 'v' ORDER BY 1 LIMIT 1`,
    [calls.map((one) => one.schema), calls.map((one) => one.name)],
  )
  return rows[0]?.name ?? null
}
