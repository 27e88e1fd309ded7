import type { Shape } from '../../migrations/shape.ts'

/**
 * The text of a shape file: JSON with one line an entry, so that a change of one object is a change of one line, and a
 * final newline. The same shape is always the same text.
 */
export function shapeText(shape: Shape): string {
  const members = Object.entries(shape).map(([key, value]) => `  ${JSON.stringify(key)}: ${memberText(value)}`)
  return `{\n${members.join(',\n')}\n}\n`
}

function memberText(value: unknown): string {
  if (Array.isArray(value))
    return linesOf(
      '[',
      value.map((item) => JSON.stringify(item)),
      ']',
      '  ',
    )
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${innerText(member)}`)
  return linesOf('{', members, '}', '  ')
}

const innerText = (value: unknown): string =>
  Array.isArray(value)
    ? linesOf(
        '[',
        value.map((item) => JSON.stringify(item)),
        ']',
        '    ',
      )
    : JSON.stringify(value)

const linesOf = (open: string, lines: readonly string[], close: string, indent: string): string =>
  lines.length === 0
    ? open + close
    : `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`
