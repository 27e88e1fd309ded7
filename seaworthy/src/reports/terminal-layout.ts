import { displayWidth, wrap } from './plain-text.ts'

/** Names that `util.styleText` knows, applied together; an empty list leaves the text as it is. */
export type Style = readonly ('bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan')[]

/** Puts colour on a text that is already laid out, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** A head and a paragraph after it, whose further lines are indented. */
export interface Hanging {
  readonly head: string
  readonly text: string
  /** Columns before each further line. */
  readonly indent: number
  readonly width: number
  readonly paint: Paint
  /** The part of the head that gets the head's style; all of it if left out. */
  readonly accent?: string
}

/** Lays out a paragraph behind its head. The styles are those of the head and of the text. */
export function hanging(layout: Hanging, [headStyle, textStyle]: readonly [Style, Style]): string[] {
  const { head, width, paint, accent } = layout
  const paintedHead =
    accent === undefined ? paint(headStyle, head) : head.replace(accent, () => paint(headStyle, accent))
  const room = width - displayWidth(head)
  const indent = ' '.repeat(layout.indent)
  // A head that leaves no room for a word (a long path) has its line to itself.
  if (room < 12) {
    const rest = wrap(layout.text, Math.max(1, width - layout.indent))
    return [paintedHead.trimEnd(), ...rest.map((line) => `${indent}${paint(textStyle, line)}`)]
  }
  return wrap(layout.text, Math.max(1, width - layout.indent), room).map((line, index) =>
    index === 0 ? `${paintedHead}${paint(textStyle, line)}`.trimEnd() : `${indent}${paint(textStyle, line)}`,
  )
}
