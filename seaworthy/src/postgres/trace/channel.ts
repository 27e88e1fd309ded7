import type { Client } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'
import { type Document, parseDocument } from './documents.ts'

/** A document that an instrument of ours sent, with the call stack in which it was sent, innermost first. */
export interface Report {
  readonly document: Document
  readonly stack: string
}

/** How much one statement may report. A loop over a big table writes many times; more than this is no migration. */
const MOST_REPORTS = 500_000
const MOST_CHARACTERS = 128_000_000

/** Receives what the instruments report in the migrating session. Somebody else's notices are not for us. */
export class Channel {
  readonly #prefix: string
  #reports: Report[] = []
  #characters = 0
  #isOver = false

  constructor(client: Client, mark: string) {
    this.#prefix = `${mark} `
    client.on('notice', ({ message = '', where = '' }) => {
      if (message.startsWith(this.#prefix)) this.#receive(message.slice(this.#prefix.length), where)
    })
  }

  /**
   * What was reported since it was last asked here, in order.
   * @throws SeaworthyError('limit') if that was more than fits: the trace is then unproven.
   */
  take(): readonly Report[] {
    if (this.#isOver) throw new SeaworthyError('limit', 'a migration does more in one statement than can be traced')
    const reports = this.#reports
    this.#reports = []
    this.#characters = 0
    return reports
  }

  #receive(encoded: string, where: string): void {
    this.#characters += encoded.length + where.length
    this.#isOver ||= this.#reports.length >= MOST_REPORTS || this.#characters > MOST_CHARACTERS
    if (this.#isOver) return
    const document = parseDocument(Buffer.from(encoded, 'base64').toString('utf8'))
    // Null: something else that begins like ours. It adds nothing, and takes nothing away.
    if (document !== null) this.#reports.push({ document, stack: outside(where) })
  }
}

/** The call stack without its first line, which is our own function. */
function outside(where: string): string {
  const end = where.indexOf('\n')
  return end === -1 ? '' : where.slice(end + 1)
}
