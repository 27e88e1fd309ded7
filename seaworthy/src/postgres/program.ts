import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { type Account, asAccount, cannotChangeUser, isNotPermitted } from './account.ts'
import { endGroup } from './process-group.ts'
import { serverEnvironment } from './watchdog.ts'

/** How a program ended, and what it wrote to its error output. */
export interface Ended {
  /** Null if a signal ended it. */
  readonly code: number | null
  readonly output: string
}

/**
 * Runs a program as the account, in a bare environment, with `input` on its standard input.
 * @throws SeaworthyError('scratch-server') if we may not act as the account, the signal's reason if it was aborted, and
 * a system error if there is no such program.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: { account: Account | null; signal: AbortSignal; input?: string },
): Promise<Ended> {
  const { account, signal, input } = options
  signal.throwIfAborted()
  const child = spawn(file, args, {
    ...asAccount(account),
    cwd: '/',
    env: serverEnvironment(),
    // A group of its own: a ctrl-C in the terminal reaches us first, and we end its children with it.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const closed = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  // What is half-way through is thrown away, so nothing needs to tidy up.
  const abort = (): void => endGroup(child)
  signal.addEventListener('abort', abort, { once: true })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  try {
    const [output, code] = await Promise.all([text(child.stderr), closed])
    signal.throwIfAborted()
    return { code, output: output.trim() }
  } catch (error) {
    signal.throwIfAborted()
    throw account !== null && isNotPermitted(error) ? cannotChangeUser(account, error) : error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
