import { access, constants, open } from 'node:fs/promises'
import { isPipe, readPipe } from '../config/pipe.ts'
import { reasonOf, SeaworthyError } from '../gate/error.ts'
import type { InputFiles } from './check/request.ts'

/**
 * The text of a file that the user named, at most `limit` bytes of UTF-8. `flag` is what it was named by.
 * @throws SeaworthyError('config') if it is not there, not a file, too large, or not text.
 */
export async function readInput(file: string, limit: number, flag: string): Promise<string> {
  const bytes = await read(file, limit, flag)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SeaworthyError('config', `${file} is not UTF-8 text`, { hint: `Give ${flag} another file.` })
  }
}

async function read(file: string, limit: number, flag: string): Promise<Uint8Array> {
  try {
    if (await isPipe(file)) return await readPipe(file, limit)
    await using handle = await open(file, 'r')
    const { size } = await handle.stat()
    if (size > limit) throw tooLarge(file, `${size} bytes`, limit, flag)
    // A device does not say how much it has.
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of handle.createReadStream({ autoClose: false, end: limit })) {
      if (!Buffer.isBuffer(chunk)) continue
      bytes += chunk.length
      if (bytes > limit) throw tooLarge(file, 'more bytes', limit, flag)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    if (error instanceof SeaworthyError) throw error
    throw unreadable(file, flag, error)
  }
}

const tooLarge = (file: string, found: string, limit: number, flag: string): SeaworthyError =>
  new SeaworthyError('config', `${file} is too large: ${found}, and ${limit} are read`, {
    hint: `Give ${flag} a smaller file.`,
  })

const FLAGS: readonly (readonly [keyof InputFiles | 'ledger', string])[] = [
  ['shape', '--shape'],
  ['workload', '--workload'],
  ['seedSql', '--seed-sql'],
  ['answers', '--answers'],
  ['ledger', '--ledger'],
]

/** Looks before the run whether the files that it was given are there. Throws SeaworthyError('config') otherwise. */
export async function checkInputs(inputs: InputFiles & { readonly ledger?: string | null }): Promise<void> {
  for (const [name, flag] of FLAGS) {
    const file = inputs[name] ?? null
    if (file === null) continue
    try {
      await access(file, constants.R_OK)
    } catch (error) {
      throw unreadable(file, flag, error)
    }
  }
}

const HINTS: Readonly<Record<string, string>> = {
  '--shape': 'A shape is what this writes: seaworthy capture postgresql://… -o shape.json',
  '--answers': 'Ask production: seaworthy prove --against URL --out FILE.',
}

const unreadable = (file: string, flag: string, error: unknown): SeaworthyError =>
  new SeaworthyError('config', `${file} (${flag}) cannot be read: ${reasonOf(error)}`, {
    hint: HINTS[flag] ?? `Look at ${flag}.`,
  })
