import { writeSync } from 'node:fs'
import { EXIT, type ExitCode } from './gate/error.ts'

/**
 * Sees to it that the exit code is the run's own. A pipeline goes by it: a configuration that ends the process (it is a
 * program), or waits for what never comes, must not look like a pass, and neither must an answer that could not be written.
 */
export class ProcessEnd {
  #isFinished = false
  #isUntold = false

  constructor() {
    process.on('exit', (code) => {
      if (this.#isFinished || code === EXIT.cancelled) return
      tell('the run was ended before it had an answer: does the configuration end the process, or wait for something?')
      process.exitCode = EXIT.bug
    })
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever closes the pipe has read enough.
      if (error.code === 'EPIPE') return
      this.#isUntold = true
      tell(`the answer could not be written: ${error.message}`)
      if (this.#isFinished && process.exitCode === EXIT.pass) process.exitCode = EXIT.unproven
    })
    // A terminal that is gone must not end a run that has something to clean up.
    process.stderr.on('error', () => undefined)
  }

  /** The run's own answer. What nobody could be told is no pass. */
  finish(code: ExitCode): void {
    this.#isFinished = true
    process.exitCode = this.#isUntold && code === EXIT.pass ? EXIT.unproven : code
  }
}

function tell(words: string): void {
  try {
    writeSync(2, `seaworthy: ${words}\n`)
  } catch {
    // There is nobody left to tell; the exit code says it.
  }
}
