import { EXIT, type ExitCode, SeaworthyError } from './gate/error.ts'
import { ProcessEnd } from './process-end.ts'
import { withoutUrlCredentials } from './gate/redaction.ts'
import { ownVersion } from './version.ts'

/** Stopping servers and removing their folders takes a few seconds at most. */
const LONGEST_CLEANING_MS = 30_000

/** A process-wide promise: the first ctrl-C (or SIGTERM, or a terminal that is closed) stops cleanly, a second one at once. */
function cancelOnSignals(): AbortSignal {
  const cancel = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (cancel.signal.aborted) process.exit(EXIT.cancelled)
      process.stderr.write('\nStopping and cleaning up. Press ctrl-C again to stop at once.\n')
      cancel.abort(new Cancelled())
      // What does not hear the signal (a file system that does not answer) is not waited for.
      setTimeout(() => process.exit(EXIT.cancelled), LONGEST_CLEANING_MS).unref()
    })
  }
  return cancel.signal
}

class Cancelled extends Error {}

/** Says what happened, where, and the next step; returns the exit code. A bug shows its stack, a mistake does not. */
function explain(error: unknown, signal: AbortSignal): ExitCode {
  if (signal.aborted) {
    process.stderr.write('Cancelled; nothing was left running.\n')
    return EXIT.cancelled
  }
  if (error instanceof SeaworthyError && error.code !== 'internal') {
    const hint = error.hint === null ? '' : `\n  → ${error.hint}`
    process.stderr.write(withoutUrlCredentials(`seaworthy: ${error.message}${hint}\n`))
    return error.exitCode
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(
    withoutUrlCredentials(`seaworthy: this is a bug in Seaworthy ${ownVersion()}, please report it\n${stack}\n`),
  )
  return EXIT.bug
}

/**
 * PostgreSQL's grammar is one enormous WebAssembly function. V8's optimising compiler takes 1 s of processor time and
 * 550 MB to make it faster, and even over 8000 files that never pays. Has to come before any WebAssembly is loaded.
 */
async function keepGrammarCheap(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8')
  setFlagsFromString('--no-wasm-tier-up')
  setFlagsFromString('--no-wasm-dynamic-tiering')
}

/** Parse, run, and set the exit code. Never calls process.exit on the way out: a pipe may still be full. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${ownVersion()}\n`)
    return
  }
  const end = new ProcessEnd()
  const signal = cancelOnSignals()
  try {
    await keepGrammarCheap()
    const { run } = await import('./commands/program/program.ts')
    end.finish(await run(argv, { signal, version: ownVersion() }))
  } catch (error) {
    end.finish(explain(error, signal))
  }
}

// Started by itself, without bin/seaworthy.js, it must not look like a pass.
if (import.meta.main) await main(process.argv.slice(2))
