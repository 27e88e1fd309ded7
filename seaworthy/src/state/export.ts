import { isUtf8 } from 'node:buffer'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { canonicalJson } from '../gate/canonical.ts'
import { type Head, MOST_CONTENT_BYTES } from '../gate/chain/chain.ts'
import { ChainReader, type ChainReport } from '../gate/chain/reader.ts'
import { reasonOf, SeaworthyError } from '../gate/error.ts'
import type { StateStore } from './store.ts'

/** No line of ours is longer: the content, the command in its longest encoding, and the rest. */
const MOST_LINE_BYTES = 2 * MOST_CONTENT_BYTES
const NEWLINE = 0x0a

/** The whole ledger, oldest first: one entry a line, as canonical JSON, with its digest. */
export async function* exportLines(store: StateStore): AsyncIterable<string> {
  for await (const entry of store.entries({})) yield `${canonicalJson(entry)}\n`
}

/**
 * Verifies the chain in an exported file, in the order of its lines.
 * @throws SeaworthyError('state') if it cannot be read to the end, or is no regular file: nobody waits for what writes to a pipe.
 */
export async function verifyExport(file: string, heads: readonly Head[], signal?: AbortSignal): Promise<ChainReport> {
  const reader = new ChainReader(heads)
  try {
    // Text with bytes that are no UTF-8 could not have been written by us; it is told as a row that cannot be read.
    for await (const line of linesOf(file)) {
      reader.readLine(isUtf8(line) ? line.toString('utf8') : '')
      signal?.throwIfAborted()
    }
  } catch (error) {
    if (error instanceof SeaworthyError || signal?.aborted === true) throw error
    throw new SeaworthyError('state', `the export ${file} cannot be read: ${reasonOf(error)}`, {
      hint: 'Name the file that seaworthy ledger export wrote.',
      cause: error,
    })
  }
  return reader.report()
}

/** The lines of a file without their ends. Only "\n" ends one: JSON may hold every other line separator as it is. */
async function* linesOf(file: string): AsyncIterable<Buffer> {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  if (!(await handle.stat()).isFile()) throw new Error('it is no regular file')
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    if (!Buffer.isBuffer(chunk)) continue
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      yield bytes.subarray(from, end)
      from = end + 1
    }
    rest = bytes.subarray(from)
    if (rest.length > MOST_LINE_BYTES) {
      throw new SeaworthyError('state', `the export ${file} has a line of more than ${MOST_LINE_BYTES} bytes`, {
        hint: 'This is no file that seaworthy ledger export wrote.',
      })
    }
  }
  if (rest.length > 0) yield rest
}
