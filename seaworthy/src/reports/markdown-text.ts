import { plainLine, plainLines } from './plain-text.ts'

/**
 * A text as Markdown that shows the text and nothing else: no HTML, no link, no image, no list, no mention, no
 * reference to an issue. What could mark something up is escaped; `@name`, `#1` and `!1` are parted by an empty comment,
 * since forges look for them after rendering.
 */
export const markdownText = (text: string): string =>
  plainLine(text)
    .replaceAll(/[\\`*{}[\]#|~!$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, (mark) => `\\${mark}`)
    .replace(/^(\d+(?=[.)])|(?=[-+=]))(.)/, String.raw`$1\$2`)
    .replaceAll(/:(?=\/\/)|(?<=www)\./gi, (mark) => `\\${mark}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@<!-- -->')
    .replaceAll(/\\([#!])(?=\d)/g, String.raw`\$1<!-- -->`)

/** A text as a code span, safe in a table too. Text without anything visible shows as a blank. */
export function codeSpan(text: string): string {
  const line = plainLine(text).replaceAll('|', '\\|')
  if (line === '') return '` `'
  const fence = '`'.repeat(longestRun(line) + 1)
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${line}${pad}${fence}`
}

/** A text as a fenced block that the text cannot close. */
export function codeBlock(text: string, language: string): string {
  const lines = plainLines(text)
  const fence = '`'.repeat(Math.max(3, longestRun(lines) + 1))
  return `${fence}${language}\n${lines}\n${fence}`
}

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length))
