/** All looks of an admission together may take so long, if nobody says otherwise. */
export const USUAL_LIMIT_MS = 60_000

/** The time that the looks of one admission have. Whoever makes one disposes of it. */
export class TimeLimit implements Disposable {
  /** Aborted when the time is over, or when somebody cancels. */
  readonly signal: AbortSignal
  readonly #ms: number
  readonly #cancelled: AbortSignal
  readonly #own = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(ms: number, cancelled: AbortSignal) {
    this.#ms = ms
    this.#cancelled = cancelled
    this.signal = AbortSignal.any([this.#own.signal, cancelled])
    this.#timer = setTimeout(() => this.#own.abort(), ms)
  }

  /** What is said of something that could not be seen in time. */
  get reason(): string {
    return `not everything could be looked at within ${this.#ms / 1000} s`
  }

  /** What a look comes to; null where the time was over before. @throws the reason of whoever cancels, at once. */
  async within<T>(look: () => Promise<T>): Promise<T | null> {
    const { signal } = this
    this.#cancelled.throwIfAborted()
    if (signal.aborted) return null
    const over = Promise.withResolvers<null>()
    const end = (): void => over.resolve(null)
    signal.addEventListener('abort', end, { once: true })
    const seen = look().catch((error: unknown) => {
      // What was broken off says so by an error of its own.
      if (signal.aborted) return null
      throw error
    })
    try {
      const found = await Promise.race([seen, over.promise])
      this.#cancelled.throwIfAborted()
      return found
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
