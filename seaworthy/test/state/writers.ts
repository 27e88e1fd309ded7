import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const main = path.join(import.meta.dirname, 'writer-main.ts')

export interface Writer {
  /** Resolves when it has said something: it is at work. */
  readonly isAtWork: Promise<unknown>
  /** Ends its input, which it waits for. */
  readonly end: () => void
  readonly kill: (signal: NodeJS.Signals) => void
  /** The exit code, and what it complained of. */
  readonly done: Promise<{ readonly code: number | null; readonly stderr: string }>
}

/** Starts a process that writes to a ledger, see writer-main.ts; `launch` may wrap its command. */
export function writer(args: readonly string[], launch: readonly string[] = []): Writer {
  const [command = '', ...rest] = [...launch, process.execPath, main, ...args]
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return {
    isAtWork: once(child.stdout, 'data'),
    end: () => child.stdin.end(),
    kill: (signal) => child.kill(signal),
    done: once(child, 'close').then(([code]) => ({ code: typeof code === 'number' ? code : null, stderr })),
  }
}

/** Does something as a user who may not do everything: root would write to any file. */
export async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await work()
  process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
