import { type ChildProcess, spawn } from 'node:child_process'
import { SeaworthyError } from '../gate/error.ts'
import { Redactor } from '../gate/redaction.ts'
import { LIMIT_BYTES } from './key-file.ts'

const TIMEOUT_MS = 30_000
/** So much of what it complains of is shown. */
const MOST_SHOWN = 300

export interface SecretCommand {
  /** The program and its arguments; no shell is involved. */
  readonly argv: readonly string[]
  /** The folder that it is run in. */
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** In milliseconds; 30 seconds if it is left out. */
  readonly timeoutMs?: number
}

/**
 * What the command of a secret manager prints. It is ended, with its process group, when it takes too long,
 * prints too much, or the run ends.
 * @throws SeaworthyError('unreadable') if it cannot be run or takes too long, prints too much or fails, with the end of
 * its stderr without anything like a secret. Nothing of its stdout is ever in a message.
 */
export async function secretFrom(command: SecretCommand): Promise<string> {
  const [program = '', ...args] = command.argv
  command.signal.throwIfAborted()
  const child = spawn(program, args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that what it starts ends with it.
    detached: true,
    windowsHide: true,
  })
  const end = (): void => endGroup(child)
  process.once('exit', end)
  try {
    const { code, stdout, stderr } = await ended(child, program, command, end)
    if (code !== 0) throw failed(program, `it ended with ${code}`, complaint(stderr, stdout, command.env))
    return stdout
  } finally {
    process.removeListener('exit', end)
  }
}

interface Ended {
  /** An exit code, or the name of a signal. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

async function ended(
  child: ChildProcess,
  program: string,
  { signal, timeoutMs = TIMEOUT_MS }: SecretCommand,
  end: () => void,
): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const stop = (error: unknown): void => {
    reject(error)
    end()
  }
  const [stdout, stderr] = [new Bounded(), new Bounded()]
  child.stdout?.on('data', (chunk: Buffer) => {
    if (!stdout.add(chunk)) stop(limited(program, `printed more than ${LIMIT_BYTES} bytes`))
  })
  child.stderr?.on('data', (chunk: Buffer) => void stderr.add(chunk))
  child.once('error', () => reject(failed(program, 'there is no such program, or it cannot be run', '')))
  // What it left running would hold its pipes open.
  child.once('exit', end)
  child.once('close', (code, killedBy) =>
    resolve({ code: code ?? killedBy ?? 'a signal', stdout: stdout.text(), stderr: stderr.text() }),
  )
  const timer = setTimeout(() => stop(limited(program, `took longer than ${timeoutMs / 1000} seconds`)), timeoutMs)
  const cancel = (): void => stop(signal.reason)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

/** The first bytes of a stream. */
class Bounded {
  readonly #chunks: Buffer[] = []
  #bytes = 0

  /** False once there is too much; what is too much is not kept. */
  add(chunk: Buffer): boolean {
    this.#bytes += chunk.length
    if (this.#bytes > LIMIT_BYTES) return false
    this.#chunks.push(chunk)
    return true
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}

/** Environment variables whose values are taken for secrets. */
const SECRET_NAME = /TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH/i

const lines = (text: string): string[] => text.split(/\r?\n/).map((line) => line.trim())

/** The end of what a command complained of, on one line: without what it printed, what its environment hides, and long encoded texts. */
function complaint(stderr: string, stdout: string, env: NodeJS.ProcessEnv): string {
  const hidden = Object.entries(env).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : []))
  const redactor = new Redactor([
    stdout.trim(),
    ...lines(stdout),
    ...hidden,
    ...hidden.flatMap((one) => lines(one ?? '')),
  ])
  const told = redactor
    .text(stderr)
    .replaceAll(/-----BEGIN[^]*?(?:-----END[^-]*-----|$)/g, '***')
    .replaceAll(/[A-Za-z0-9+/_=-]{32,}/g, '***')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  return told.length > MOST_SHOWN ? `…${told.slice(-MOST_SHOWN)}` : told
}

const HINT =
  'Run it by hand: it has to print the key (or the passphrase) to stdout and nothing else, without asking anything.'

const failed = (program: string, why: string, said: string): SeaworthyError =>
  new SeaworthyError('unreadable', `the command ${program} gave no secret: ${why}${said === '' ? '' : `: ${said}`}`, {
    hint: HINT,
  })

const limited = (program: string, what: string): SeaworthyError =>
  new SeaworthyError('unreadable', `the command ${program} gave no secret: it ${what}`, { hint: HINT })
