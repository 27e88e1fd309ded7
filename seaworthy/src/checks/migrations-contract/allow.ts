import { type Finding, familyOf, note, refuse, warn } from '../../gate/finding.ts'
import { NEVER_INLINE } from '../../gate/policy.ts'
import { commentsOf } from '../../sql/parse.ts'
import type { Message } from './script.ts'

const MARK = 'seaworthy:allow'
const FORM = /seaworthy:allow(?![\w-])[ \t]*([a-z]+(?:-[a-z]+)*\/[a-z]+(?:-[a-z]+)*)?/
const REASON = /\breason\s*=\s*"([^"]*)"/

/** An inline acceptance: a comment on lines of its own, directly above a statement. */
interface Allow {
  readonly code: string | null
  readonly reason: string
  readonly line: number
  readonly column: number
  /** Offset of the statement below; null if none stands there. */
  readonly statement: number | null
  isUsed: boolean
}

/** The inline acceptances of one message. Only real comments count, never text inside of a string or a body. */
export class Allows {
  readonly #allows: readonly Allow[]
  readonly #families: readonly string[]
  readonly #file: string

  constructor(message: Message, file: string, families: readonly string[]) {
    this.#allows = message.text.includes(MARK) ? readAllows(message) : []
    this.#families = families.filter((family) => !NEVER_INLINE.includes(family))
    this.#file = file
  }

  get isEmpty(): boolean {
    return this.#allows.length === 0
  }

  /** The finding as a note if a comment above its statement accepts it with a reason, and may; else as it was. */
  accept(finding: Finding, statement: number): Finding {
    if (this.#allows.length === 0 || finding.severity === 'note' || finding.outcome === 'unproven') return finding
    const allow = this.#allows.find((one) => one.statement === statement && one.code === finding.code)
    if (allow === undefined) return finding
    allow.isUsed = true
    if (allow.reason === '' || !this.#families.includes(familyOf(finding.code))) return finding
    return note({ ...finding, message: `${finding.message} (accepted in the file: ${allow.reason})` })
  }

  /** What the comments themselves have to answer for. Asked after all statements were judged. */
  findings(): Finding[] {
    return this.#allows.flatMap((allow) => {
      const where = { file: this.#file, line: allow.line, column: allow.column }
      const subject = `inline acceptance of ${allow.code ?? 'nothing'}`
      if (allow.code === null || allow.reason === '') {
        return refuse({
          code: 'policy/allow-without-reason',
          message: `an inline acceptance without ${allow.code === null ? 'a code' : 'a reason'}`,
          where,
          subject,
          hint: `-- ${MARK} ${allow.code ?? 'family/name'} reason="why this is safe here"`,
        })
      }
      if (!this.#families.includes(familyOf(allow.code))) {
        return refuse({
          code: 'policy/allow-not-permitted',
          message: `the policy does not let a comment accept ${allow.code}`,
          where,
          subject,
          hint: `Accept it in the policy, with an author and an expiry; a comment may accept: ${this.#families.join(', ')}.`,
        })
      }
      if (allow.isUsed) return []
      return warn({
        code: 'policy/unused-allow',
        message: `the inline acceptance of ${allow.code} accepts nothing`,
        where,
        subject,
        hint: 'Remove it, or put it on the lines directly above the statement it is for.',
      })
    })
  }
}

function readAllows(message: Message): Allow[] {
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
      statement: isAbove ? below.start : null,
      isUsed: false,
    }
  })
}

/** The line of an offset, from 1, as the server counts lines. */
function lineNumbers(text: string): (offset: number) => number {
  const ends: number[] = []
  for (const match of text.matchAll(/\r\n|\r|\n/g)) ends.push(match.index + match[0].length)
  return (offset) => 1 + ends.filter((end) => end <= offset).length
}
