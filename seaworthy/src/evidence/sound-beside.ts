import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { PlacedFile } from './sound.ts'

/** The file of the thread: the sources in a checkout, what was made of them in the package. */
const THREAD = new URL(`./sound-thread${path.extname(new URL(import.meta.url).pathname)}`, import.meta.url)

/**
 * `soundAmong` in a thread of its own, while this one goes on. Takes the bytes away from the caller. Empty where the thread
 * comes to no end: nothing is sound that nobody has looked at.
 */
export async function soundBeside(bytes: Uint8Array<ArrayBuffer>, files: readonly PlacedFile[]): Promise<Set<string>> {
  return await new Promise((resolve) => {
    const nothing = (): void => resolve(new Set())
    try {
      const thread = new Worker(THREAD, {
        workerData: { bytes, files },
        transferList: [bytes.buffer],
        // Nothing that it reads needs the environment, or what this process was started with.
        env: {},
        execArgv: [],
      })
      thread.once('message', (sound: readonly string[]) => resolve(new Set(sound)))
      thread.once('error', nothing)
      thread.once('exit', nothing)
    } catch {
      nothing()
    }
  })
}
