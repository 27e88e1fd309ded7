import { open, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SeaworthyError } from '../gate/error.ts'

/** How each kind begins as we write it. A formatter may have set its spaces anew. */
const BEGINNINGS = {
  json: /^\s*\{\s*"schemaVersion":\s*\d+,\s*"tool":\s*"seaworthy"/,
  sarif: /^\s*\{\s*"\$schema":\s*"https:\/\/json\.schemastore\.org\/sarif-/,
  junit: /^<\?xml [^>]{0,80}>\s*<testsuites name="seaworthy"/,
  markdown: /^(?:<!-- seaworthy:check -->|## Drill: |# \S{1,4} Review: )/,
} as const
const HEAD_BYTES = 1024

export interface Target {
  /** Behind symbolic links, so that a link stays and its target is replaced. */
  readonly path: string
  /** False for a character device (`/dev/null`, a terminal), which is written to. */
  readonly isReplaceable: boolean
}

/**
 * Where a report goes: to nothing yet, an empty file, an earlier report of its kind, or a character device.
 * @throws SeaworthyError('usage') for any other file, which would be lost, for a pipe, whose reader may never come, and for
 *   each of the `spared` files, there or not. An error of the file system as it is.
 */
export async function targetOf(
  kind: keyof typeof BEGINNINGS,
  file: string,
  spared: readonly string[] = [],
): Promise<Target> {
  const refused = (why: string): SeaworthyError =>
    new SeaworthyError('usage', `cannot write the ${kind} report to ${file}: ${why}`, {
      hint: 'Name another file, or remove this one if nobody needs it.',
    })
  const places = await Promise.all(spared.map(placeOf))
  if (places.includes(await placeOf(file))) throw refused("it is the ledger's place")
  // Not by its real path: what /dev/stdout leads to may have none.
  const found = await stat(file).catch(unlessMissing)
  if (found === null) return { path: file, isReplaceable: true }
  if (found.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' })
  if (found.isCharacterDevice()) return { path: file, isReplaceable: false }
  if (!found.isFile()) throw refused('it is a pipe, a socket or a disk')
  const path = await realpath(file)
  if (found.size === 0 || BEGINNINGS[kind].test(await headOf(path))) return { path, isReplaceable: true }
  throw refused(`it is there already and is no ${kind} report of ours`)
}

async function headOf(file: string): Promise<string> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

/** One name for a place, by whatever path it is reached, whether or not something is there. */
async function placeOf(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch {
    return join(await realpath(dirname(file)).catch(() => dirname(file)), basename(file))
  }
}

function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
