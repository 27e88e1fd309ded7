import { type Allow, openFamilies, type Span } from '../../gate/allow.ts'
import { type Finding, familyOf, refuse } from '../../gate/finding.ts'
import { commentsOf, placesOf, type Statement } from '../../sql/parse.ts'
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
  const placeAt = placesOf(text)
  let [lineStart, lineEnd, before] = [0, text.indexOf('\n'), -1]
  const comments = (commentsOf(text) ?? []).map((comment) => {
    while (lineEnd !== -1 && lineEnd < comment.start) {
      lineStart = lineEnd + 1
      lineEnd = text.indexOf('\n', lineStart)
    }
    const isFirst = before < lineStart
    before = comment.start
    return {
      ...comment,
      column: comment.start - lineStart + 1,
      isAlone: isFirst && isBlank(text, lineStart, comment.start),
      lastLine: placeAt(comment.end).line,
    }
  })
  // By the line on which a comment stands alone, the last line of those that follow it without a free one.
  const lastFrom = new Map<number, number>()
  for (const { isAlone, line, lastLine } of comments.toReversed())
    if (isAlone) lastFrom.set(line, lastFrom.get(lastLine + 1) ?? lastLine)
  return comments.flatMap((comment) => {
    const match = FORM.exec(comment.text)
    if (match === null) return []
    // Further comments may stand between it and the statement, as long as no line is left free.
    const last = lastFrom.get(comment.lastLine + 1) ?? comment.lastLine
    const below = firstFrom(message.statements, comment.end)
    const isAbove = below !== undefined && comment.isAlone && (below.line === last + 1 || below.line === last)
    return {
      code: match[1] ?? null,
      reason: (REASON.exec(comment.text)?.[1] ?? '').trim(),
      line: comment.line + message.line - 1,
      column: comment.column,
      statement: isAbove ? spanOf(message, placeAt, below) : null,
    }
  })
}

/** Whether nothing stands between two offsets. Looks no further than to the first character. */
function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (/\S/.test(text.charAt(at))) return false
  return true
}

/** The first statement that begins at the offset or behind it. */
function firstFrom(statements: readonly Statement[], offset: number): Statement | undefined {
  let [low, high] = [0, statements.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((statements[middle]?.start ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return statements[low]
}

function spanOf({ line }: Message, placeAt: ReturnType<typeof placesOf>, { start, end }: Statement): Span {
  const [from, to] = [placeAt(start), placeAt(end)]
  return { line: from.line + line - 1, column: from.column, endLine: to.line + line - 1, endColumn: to.column }
}
