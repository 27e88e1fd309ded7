import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const bin = path.resolve(import.meta.dirname, '../../bin/seaworthy.js')

export interface Ran {
  /** Null when it was ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => void
  readonly done: Promise<Ran>
  /** Resolves when stderr or stdout contains the text. */
  readonly says: (text: string) => Promise<void>
}

/** The environment of a test: no CI, no settings of the machine, git without anyone's configuration. */
const ENV = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  SEAWORTHY_CACHE: process.env['SEAWORTHY_CACHE'],
  // Nobody's own ledger is read, or written to. No test may make one there.
  XDG_STATE_HOME: path.join(tmpdir(), `seaworthy-nobodys-${process.pid}`),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  NO_COLOR: '1',
}

/** Starts the command line as a user does. */
export function start(args: readonly string[], cwd: string, env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...ENV, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const wake of waiting) wake()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const wake of waiting) wake()
  })
  const done = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    pid: child.pid ?? -1,
    kill: (signal) => child.kill(signal),
    done,
    says: async (text) => {
      await new Promise<void>((resolve, reject) => {
        const wake = (): void => {
          if ((stdout + stderr).includes(text)) resolve()
        }
        waiting.add(wake)
        wake()
        void done.then(() => reject(new Error(`it ended without saying ${text}: ${stderr}`)))
      })
    },
  }
}

/** Runs the command line to its end. */
export const seaworthy = async (args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> =>
  await start(args, cwd, env).done

/** A folder of its own that is removed with `using`. */
export class Project implements Disposable {
  readonly root = mkdtempSync(path.join(tmpdir(), 'seaworthy-test-'))

  constructor(files: Readonly<Record<string, string | Buffer>> = {}) {
    this.write(files)
  }

  write(files: Readonly<Record<string, string | Buffer>>): this {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.root, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
    return this
  }

  at(name: string): string {
    return path.join(this.root, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
