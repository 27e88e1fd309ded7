import { cut, plainLine, withoutCiCommands } from './plain-text.ts'
import { duration } from './wording.ts'

/** Where progress goes: stderr, or anything that takes text. */
export interface ProgressStream {
  readonly write: (text: string) => unknown
  /** Columns of the terminal, where there is one. */
  readonly columns?: number | undefined
}

export interface Progress {
  /** Says what is being done now. Cheap: it may be called for every migration. */
  say(line: string): void
  /** Ends it; a terminal's line is cleared. May be called more than once. */
  done(): void
}

const TICK_MS = 100
/** A run shorter than this says nothing in a log. */
const QUIET_MS = 1_000
/** A log gets a line at most this often, and after ten seconds only every tenth one. */
const LOG_EVERY_MS = 1_000
const LONG_AFTER_MS = 10_000
const LOG_LONG_EVERY_MS = 10_000

/**
 * Progress of a run. On a terminal one line that is written over, with the time spent on the current step once it
 * takes longer than a second; elsewhere plain lines, seldom, and none in a run of less than a second.
 * Its timer never keeps the process alive.
 */
export function startProgress(stream: ProgressStream, options: { isTty: boolean }): Progress {
  return options.isTty ? onTerminal(stream) : inLog(stream)
}

function onTerminal(stream: ProgressStream): Progress {
  let current: string | null = null
  let since = Date.now()
  let shown = ''
  const timer = every(TICK_MS, () => {
    if (current === null) return
    const spentMs = Date.now() - since
    const spent = spentMs >= 1_000 ? ` (${duration(Math.floor(spentMs / 1000) * 1000)})` : ''
    const line = cut(`${current}${spent}`, Math.max(20, (stream.columns ?? 80) - 1))
    if (line === shown) return
    shown = line
    stream.write(`\r\u001B[2K${line}`)
  })
  return {
    say(line) {
      current = safe(line)
      since = Date.now()
    },
    done() {
      clearInterval(timer)
      if (shown !== '') stream.write('\r\u001B[2K')
      shown = ''
      current = null
    },
  }
}

function inLog(stream: ProgressStream): Progress {
  const startedAt = Date.now()
  let lastAt = startedAt
  let current: string | null = null
  const timer = every(TICK_MS, () => {
    const now = Date.now()
    const spentMs = now - startedAt
    if (current === null || spentMs < QUIET_MS) return
    if (now - lastAt < (spentMs > LONG_AFTER_MS ? LOG_LONG_EVERY_MS : LOG_EVERY_MS)) return
    lastAt = now
    stream.write(`${current} (${duration(Math.floor(spentMs / 1000) * 1000)})\n`)
    current = null
  })
  return {
    say(line) {
      current = safe(line)
    },
    done() {
      clearInterval(timer)
      current = null
    },
  }
}

const safe = (line: string): string => withoutCiCommands(plainLine(line))

const every = (intervalMs: number, act: () => void): NodeJS.Timeout => setInterval(act, intervalMs).unref()
