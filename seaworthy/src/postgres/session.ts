import type { Client } from 'pg'
import { SeaworthyError } from '../gate/error.ts'

/** How long after the server's own statement_timeout we wait before we end the session ourselves. */
const GRACE_MS = 2_000

/** privilege_not_revoked and privilege_not_granted: who lacks the right to grant is only warned. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['01006', '01007'])
const MOST_WARNINGS = 1_000

export interface Warning {
  readonly sqlstate: string
  readonly message: string
}

/**
 * One connection as the tool would hold it: text goes over in simple-query messages, and the transaction status that
 * the server reports after each is known. A migration may switch the server's own time limit off, so there is a second
 * one here.
 */
export class Session implements AsyncDisposable {
  readonly client: Client
  readonly #limitMs: number
  readonly #signal: AbortSignal
  readonly #hangUp = (): void => connectionOf(this.client).stream.destroy()
  #status: 'I' | 'T' | 'E' = 'I'
  #onReady: (() => void) | null = null
  #isOver = false
  #completed = 0
  #warnings: Warning[] = []

  constructor(client: Client, limits: { readonly statementTimeoutMs: number; readonly signal: AbortSignal }) {
    this.client = client
    this.#limitMs = limits.statementTimeoutMs + GRACE_MS
    this.#signal = limits.signal
    // A cancelled run does not wait for the statement that is under way.
    this.#signal.addEventListener('abort', this.#hangUp, { once: true })
    connectionOf(client).on('readyForQuery', (message: { status: 'I' | 'T' | 'E' }) => {
      this.#status = message.status
      this.#onReady?.()
    })
    connectionOf(client).on('commandComplete', () => {
      this.#completed += 1
    })
    connectionOf(client).on('end', () => {
      this.#isOver = true
      this.#onReady?.()
    })
    client.on('notice', ({ code, message }) => {
      if (code !== undefined && WITHOUT_EFFECT.has(code) && this.#warnings.length < MOST_WARNINGS) {
        this.#warnings.push({ sqlstate: code, message: message ?? '' })
      }
    })
    // A session that the server ended answers the next query with an error; without a listener Node would stop.
    client.on('error', () => undefined)
  }

  /** Whether a transaction is open (also a failed one) after the last message. */
  get isInTransaction(): boolean {
    return this.#status !== 'I'
  }

  /** How many statements of the last message went through: all of them, or those before the one that failed. */
  get completed(): number {
    return this.#completed
  }

  /** What the server warned of since it was last asked here: statements that went through and did nothing. */
  takeWarnings(): readonly Warning[] {
    const warnings = this.#warnings
    this.#warnings = []
    return warnings
  }

  /** Throws the reason if the run was cancelled: what the session then said is no outcome of a migration. */
  throwIfAborted(): void {
    this.#signal.throwIfAborted()
  }

  /** Sends a text as one simple-query message, as is. Rejects with the driver's error. */
  async send(text: string): Promise<void> {
    this.#completed = 0
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.#hangUp()
        reject(new SeaworthyError('limit', `no answer from the server after ${this.#limitMs} ms`))
      }, this.#limitMs)
    })
    // The driver rejects at the error message; what became of the transaction comes with the message after it.
    const ready = new Promise<void>((resolve) => {
      this.#onReady = resolve
    })
    try {
      await Promise.race([this.client.query(text), limit])
    } catch (error) {
      if (!this.#isOver) await Promise.race([ready, limit]).catch(() => undefined)
      throw error
    } finally {
      this.#onReady = null
      clearTimeout(timer)
    }
  }

  /** Sends a statement with parameters; for our own statements, never for a migration's. */
  async run(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const result = await this.client.query<Record<string, unknown>>(text, [...values])
    return result.rows
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#hangUp)
    await this.client.end().catch(() => undefined)
  }
}

interface WireConnection {
  on(event: 'readyForQuery', listener: (message: { status: 'I' | 'T' | 'E' }) => void): void
  on(event: 'end' | 'commandComplete', listener: () => void): void
  readonly stream: { destroy(): void }
}

/** The wire below a client: `pg` emits the protocol's ReadyForQuery and CommandComplete on its connection object, which its types leave out. */
export function connectionOf(client: Client): WireConnection {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { connection } = client as unknown as { connection: WireConnection }
  return connection
}
