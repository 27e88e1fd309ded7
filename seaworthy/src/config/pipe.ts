import { closeSync, constants, openSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Socket } from 'node:net'

/** Nobody waits longer for whoever writes. */
const TIMEOUT_MS = 10_000

/** Whether the file is a pipe, such as `<(seaworthy policy)`. Throws what the file system says. */
export const isPipe = async (file: string): Promise<boolean> => (await stat(file)).isFIFO()

/**
 * What somebody writes into a pipe, at most `limit` bytes. Opening it does not wait for a writer, and reading does so for ten
 * seconds.
 * @throws Error that says what is in the way.
 */
export async function readPipe(file: string, limit: number, timeoutMs: number = TIMEOUT_MS): Promise<Buffer> {
  const stream = streamOf(openSync(file, constants.O_RDONLY | constants.O_NONBLOCK))
  const timer = setTimeout(() => {
    stream.destroy(new Error(`it is a pipe, and nobody wrote all of it within ${timeoutMs / 1_000} s`))
  }, timeoutMs)
  try {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of stream) {
      if (!Buffer.isBuffer(chunk)) continue
      bytes += chunk.length
      if (bytes > limit) throw new Error(`it has more than ${limit} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } finally {
    clearTimeout(timer)
    stream.destroy()
  }
}

function streamOf(fd: number): Socket {
  try {
    return new Socket({ fd, readable: true, writable: false })
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
