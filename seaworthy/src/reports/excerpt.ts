import type { Finding } from '../gate/finding.ts'
import type { Excerpt, ReportFinding } from './run-report.ts'

/** A line longer than this is generated text, and an excerpt of it helps nobody; the rest is cut. */
const LONGEST_LINE = 2_000

/** The line of `text` (from 1), or null if the text has no such line. Line ends are those of `sql/parse.ts`. */
export function excerptAt(text: string, line: number): Excerpt | null {
  let start = 0
  for (let current = 1; current < line; current += 1) {
    const end = endOfLine(text, start)
    if (end >= text.length) return null
    start = end + (text.startsWith('\r\n', end) ? 2 : 1)
  }
  const found = text.slice(start, Math.min(endOfLine(text, start), start + LONGEST_LINE))
  return found.trim() === '' ? null : { line, text: found }
}

function endOfLine(text: string, from: number): number {
  let index = from
  while (index < text.length && text[index] !== '\n' && text[index] !== '\r') index += 1
  return index
}

/** The findings with the line of SQL that each is about. `textOf` gives a file's text by its path in `where.file`. */
export const withExcerpts = (
  findings: readonly Finding[],
  textOf: (file: string) => string | undefined,
): ReportFinding[] =>
  findings.map((finding) => {
    const text = finding.where === null ? undefined : textOf(finding.where.file)
    const excerpt = finding.where === null || text === undefined ? null : excerptAt(text, finding.where.line)
    return { ...finding, excerpt }
  })
