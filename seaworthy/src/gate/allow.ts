import { type Finding, familyOf, note, warn, type Where } from './finding.ts'
import { NEVER_INLINE } from './policy.ts'

/** From where to where a statement goes. Lines and columns count from 1; the end is behind the last character. */
export interface Span {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/**
 * A comment directly above a statement that answers for one code. The check that reads the files hands it over, and the
 * gate applies it to what every check says about that statement: one harm is answered for once, whoever saw it.
 */
export interface Allow {
  readonly code: string
  readonly reason: string
  /** Where the comment stands. */
  readonly where: Where
  /** The statement below it; null if none stands there. */
  readonly statement: Span | null
}

/** A finding that a comment in its file accepts, as it was before. */
export interface Allowed {
  readonly finding: Finding
  readonly reason: string
  /** Where the comment stands. */
  readonly comment: Where
}

/** The families that a comment may accept under these settings. */
export const openFamilies = (families: readonly string[]): readonly string[] =>
  families.filter((family) => !NEVER_INLINE.includes(family))

const isWithin = ({ line, column }: Where, span: Span): boolean =>
  (line > span.line || (line === span.line && column >= span.column)) &&
  (line < span.endLine || (line === span.endLine && column <= span.endColumn))

/** Whether the comment answers for the finding: same code, same file, inside of its statement, and an open family. */
export function isAllowedBy(finding: Finding, allow: Allow, families: readonly string[]): boolean {
  const { where } = finding
  if (finding.code !== allow.code || allow.statement === null || where === null) return false
  // Something unproven is never accepted: that would be a path from "could not look" to "pass".
  if (finding.outcome === 'unproven' || finding.severity === 'note') return false
  return (
    openFamilies(families).includes(familyOf(finding.code)) &&
    where.file === allow.where.file &&
    isWithin(where, allow.statement)
  )
}

/** The finding as a note that names the reason. */
export const allowedNote = (finding: Finding, allow: Allow): Finding =>
  note({ ...finding, message: `${finding.message} (accepted in the file: ${allow.reason})` })

/** What is said about a comment that no finding of any check needed. */
export const unusedAllow = (allow: Allow): Finding =>
  warn({
    code: 'policy/unused-allow',
    message: `the inline acceptance of ${allow.code} accepts nothing`,
    where: allow.where,
    subject: `inline acceptance of ${allow.code}`,
    hint: `Look whether the code is right (seaworthy explain ${allow.code}) and whether the comment stands directly above its statement; else remove it.`,
  })
