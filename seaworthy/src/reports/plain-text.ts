import { stripVTControlCharacters } from 'node:util'

/** What stands where a character stood that could steer a terminal or hide what a text says. */
const REPLACEMENT = '\uFFFD'

/** Controls but for tab and newline, line and paragraph separators, and the marks that turn the direction of text. */
const STEERING =
  // oxlint-disable-next-line eslint/no-control-regex
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g

/**
 * A text from SQL or from a server, made safe to show: terminal sequences are taken out; other control characters,
 * marks that turn the direction of text, and broken surrogates show as U+FFFD. Newlines and tabs stay.
 */
export const plainLines = (text: string): string =>
  stripVTControlCharacters(text).replaceAll('\r\n', '\n').replaceAll(STEERING, REPLACEMENT).toWellFormed()

/** The same on one line: every run of white space is one blank. */
export const plainLine = (text: string): string => plainLines(text).replaceAll(/\s+/g, ' ').trim()

/**
 * Lets no line be read as a command by the CI server that prints it: GitHub and Gitea act on lines that begin
 * with `::`, and, like Azure and TeamCity, on `##[…]`, `##vso[…]`, `##teamcity[…]`.
 * Source: actions/runner, ActionCommand.cs (TryParseV2, TryParse).
 */
export const withoutCiCommands = (text: string): string =>
  text.replaceAll(/^(\s*):(?=:)/gm, '$1: ').replaceAll(/##(?=\w*\[)/g, '## ')

let segmenter: Intl.Segmenter | undefined
/** Made when it is first needed: it takes 30 ms, and most texts are plain. */
const graphemesOf = (text: string): Iterable<Intl.SegmentData> =>
  (segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })).segment(text)
const WIDE =
  /^(?:\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Emoji_Presentation}|[\u3000-\u303F\uFF01-\uFF60])/u
/** ASCII, and our own signs and quotes: each is one code unit, one column, and a grapheme of its own. */
const NARROW = /^[\u0020-\u007E‘’…→✓✗]*$/

const splitGraphemes = (text: string): string[] =>
  NARROW.test(text) ? text.split('') : [...graphemesOf(text)].map((part) => part.segment)

const widthOfGrapheme = (grapheme: string): number =>
  WIDE.test(grapheme) ? 2 : /^[\p{M}\u200B-\u200D]+$/u.test(grapheme) ? 0 : 1

/** Columns that a text without controls takes in a terminal: wide characters take two, combining marks none. */
export const displayWidth = (text: string): number =>
  NARROW.test(text) ? text.length : splitGraphemes(text).reduce((sum, one) => sum + widthOfGrapheme(one), 0)

/** The longest beginning of `text` that takes at most `width` columns. */
export function head(text: string, width: number): string {
  if (NARROW.test(text)) return text.slice(0, width)
  let taken = ''
  let used = 0
  // The segmenter is slow, so a long text is not taken apart beyond what is asked for.
  for (const { segment } of graphemesOf(text)) {
    used += widthOfGrapheme(segment)
    if (used > width) break
    taken += segment
  }
  return taken
}

/** The text, cut to `width` columns with `...` at the end where something was cut. */
export const cut = (text: string, width: number): string =>
  head(text, width).length === text.length ? text : `${head(text, Math.max(0, width - 3))}...`

/**
 * One paragraph broken into lines of at most `width` columns, at blanks where there are any.
 * `firstWidth` is the room on the first line. Leading blanks (the indentation of SQL in a hint) are kept.
 */
export function wrap(text: string, width: number, firstWidth = width): string[] {
  const indent = head(/^ */.exec(text)?.[0] ?? '', Math.max(0, firstWidth - 1))
  const lines: string[] = []
  let line = indent
  let hasWord = false
  const room = (): number => Math.max(1, lines.length === 0 ? firstWidth : width)
  const flush = (next: string): void => {
    lines.push(next)
    line = ''
    hasWord = false
  }
  for (const word of text.trimStart().split(' ')) {
    if (hasWord && displayWidth(line) + 1 + displayWidth(word) > room()) flush(line)
    let rest = hasWord ? ` ${word}` : word
    while (displayWidth(line) + displayWidth(rest) > room()) {
      const part = head(rest, room() - displayWidth(line)) || firstGrapheme(rest)
      rest = rest.slice(part.length)
      flush(line + part)
    }
    line += rest
    hasWord = true
  }
  return [...lines, line]
}

const firstGrapheme = (text: string): string => splitGraphemes(text)[0] ?? ''
