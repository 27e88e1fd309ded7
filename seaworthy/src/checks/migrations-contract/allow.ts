import { type Allow, openFamilies, type Span } from '../../gate/allow.ts'
import { type Finding, familyOf, refuse } from '../../gate/finding.ts'
import { commentsOf, placeOf } from '../../sql/parse.ts'
import type { Message } from './script.ts'

const MARK = 'seaworthy:allow'
const FORM = /seaworthy:allow(?![\w-])[ \t]*([a-z]+(?:-[a-z]+)*\/[a-z]+(?:-[a-z]+)*)?/
const REASON = /\breason\s*=\s*"([^"]*)"/
/** As long as the policy asks of its acceptances. */
const LEAST_REASON = 10

/** An inline acceptance as it stands in the file: a comment on lines of its own, directly above a statement. */
interface Comment {
  readonly code: string | null
  readonly reason: string
  readonly line: number
  readonly column: number
  /** The statement below; null if none stands there. */
  readonly statement: Span | null
}

/** What the inline acceptances of one message are, and what is wrong with those that are none. */
export interface ReadAllows {
  readonly allows: readonly Allow[]
  readonly findings: readonly Finding[]
}

/**
 * The inline acceptances of one message; the gate applies them to what every check says. Only real comments count, never
 * text inside of a string or a body. `families` are those that the policy lets a comment accept.
 */
export function allowsOf(message: Message, file: string, families: readonly string[]): ReadAllows {
  const open = openFamilies(families)
  const allows: Allow[] = []
  const findings: Finding[] = []
  for (const { code, reason, line, column, statement } of message.text.includes(MARK) ? readAllows(message) : []) {
    const where = { file, line, column }
    const subject = `inline acceptance of ${code ?? 'nothing'}`
    if (code === null || reason.length < LEAST_REASON) {
      findings.push(
        refuse({
          code: 'policy/allow-without-reason',
          message: `an inline acceptance without ${whatIsMissing(code, reason)}`,
          where,
          subject,
          hint: `-- ${MARK} ${code ?? 'family/name'} reason="why this is safe here"`,
        }),
      )
    } else if (open.includes(familyOf(code))) allows.push({ code, reason, where, statement })
    else {
      findings.push(
        refuse({
          code: 'policy/allow-not-permitted',
          message: `the policy does not let a comment accept ${code}`,
          where,
          subject,
          hint: `Accept it under policy.accept in seaworthy.config.ts, with an author and an expiry; a comment may accept: ${open.join(', ')}.`,
        }),
      )
    }
  }
  return { allows, findings }
}

function whatIsMissing(code: string | null, reason: string): string {
  if (code === null) return 'a code'
  return reason === ''
    ? 'a reason'
    : `a reason that a reader understands: "${reason}" is shorter than ${LEAST_REASON} characters`
}

function readAllows(message: Message): Comment[] {
  const { text } = message
  const lines = lineNumbers(text)
  const comments = (commentsOf(text) ?? []).map((comment) => ({
    ...comment,
    isAlone: text.slice(text.lastIndexOf('\n', comment.start - 1) + 1, comment.start).trim() === '',
    lastLine: lines(comment.end),
  }))
  return comments.flatMap((comment, index) => {
    const match = FORM.exec(comment.text)
    if (match === null) return []
    // Further comments may stand between it and the statement, as long as no line is left free.
    let last = comment.lastLine
    for (const next of comments.slice(index + 1)) if (next.isAlone && next.line === last + 1) last = next.lastLine
    const below = message.statements.find((one) => one.start >= comment.end)
    const isAbove = below !== undefined && comment.isAlone && (below.line === last + 1 || below.line === last)
    return {
      code: match[1] ?? null,
      reason: (REASON.exec(comment.text)?.[1] ?? '').trim(),
      line: comment.line + message.line - 1,
      column: comment.start - text.lastIndexOf('\n', comment.start - 1),
      statement: isAbove ? spanOf(message, below.start, below.end) : null,
    }
  })
}

function spanOf({ text, line }: Message, start: number, end: number): Span {
  const [from, to] = [placeOf(text, start), placeOf(text, end)]
  return { line: from.line + line - 1, column: from.column, endLine: to.line + line - 1, endColumn: to.column }
}

/** The line of an offset, from 1, as the server counts lines. */
function lineNumbers(text: string): (offset: number) => number {
  const ends: number[] = []
  for (const match of text.matchAll(/\r\n|\r|\n/g)) ends.push(match.index + match[0].length)
  return (offset) => 1 + ends.filter((end) => end <= offset).length
}
