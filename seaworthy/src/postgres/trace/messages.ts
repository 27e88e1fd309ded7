import type { Script } from '../../migrations/model.ts'
import { parseSql, type Statement } from '../../sql/parse.ts'

/** A statement that the traced run sends for itself. */
export interface Sent {
  readonly parsed: Statement
  readonly text: string
  /** From 1, in its file. */
  readonly index: number
  readonly line: number
  readonly column: number
  readonly endLine: number
}

/** Statements that the tool sends as one message: without a transaction around them they are one of their own. */
export type Message = readonly Sent[]

/** What a tool sends for a script, message by message; null if the grammar cannot read it. */
export function messagesOf(script: Script): readonly Message[] | null {
  const texts = script.send === 'pieces' ? (script.pieces ?? []) : [{ text: script.text, line: 1 }]
  const messages: Message[] = []
  let count = 0
  for (const { text, line } of texts) {
    const parsed = parseSql(text)
    if (!parsed.ok) return null
    const statements = parsed.statements.map((one, at) => sentOf(one, text, line - 1, count + at + 1))
    count += statements.length
    if (script.send === 'statements') messages.push(...statements.map((one) => [one]))
    else messages.push(statements)
  }
  return messages
}

function sentOf(parsed: Statement, whole: string, linesBefore: number, index: number): Sent {
  const text = whole.slice(parsed.start, parsed.end)
  const line = linesBefore + parsed.line
  return { parsed, text, index, line, column: parsed.column, endLine: line + breaksIn(text.trimEnd()) }
}

/** A lone carriage return ends a line as well. */
const breaksIn = (text: string): number => text.split(/\r\n|\r|\n/).length - 1
