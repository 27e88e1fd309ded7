import { styleText } from 'node:util'
import type { Entry } from '../../gate/chain/chain.ts'
import type { Emergency } from '../../gate/chain/emergency.ts'
import { cut, displayWidth, plainLine, withoutCiCommands, wrap } from '../../reports/plain-text.ts'
import { count } from '../../reports/wording.ts'
import { said } from './said.ts'

export interface LedgerList {
  readonly file: string
  /** Newest first. */
  readonly entries: readonly Entry[]
  /** Whether there are more that fit. */
  readonly hasMore: boolean
  /** Those that are open. */
  readonly emergencies: readonly Emergency[]
}

const HEADS = ['#', 'when (UTC)', 'what', 'candidate', 'who', 'said']
/** Longer names of people and machines are cut. */
const WIDEST_CELL = 30
const GAP = '  '
/** Where what an entry says would have less room than this beside the rest, it stands below it. */
const NARROWEST_SAID = 30
const INDENT = 4
/** A terminal that is narrower is taken for one of this width. */
const NARROWEST = 40

/** The ledger for a person: what is open first, then a table. Nothing in it can steer a terminal or a CI server's log. */
export function listText(
  list: LedgerList,
  { color, width }: { readonly color: boolean; readonly width: number | null },
): string {
  const paint = (style: 'bold' | 'red', text: string): string =>
    color ? styleText(style, text, { validateStream: false }) : text
  const rows = list.entries.map(cells)
  const layout = tableOf(rows, width)
  const lines = [
    ...list.emergencies.map((one) => paint('red', `OPEN EMERGENCY ${emergencyLine(one)}`)),
    ...(rows.length === 0 ? ['no entry fits'] : [paint('bold', layout.heads), ...layout.lines]),
    ...(list.hasMore ? [`the newest ${count(rows.length, 'entry', 'entries')}; more with --limit`] : []),
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

/**
 * The lines of a table: the last column is broken over lines of its own where it has not enough room, and nothing of it is
 * cut. With null for the width, each row is one line.
 */
function tableOf(rows: readonly (readonly string[])[], width: number | null): { heads: string; lines: string[] } {
  const wide = width === null ? Infinity : Math.max(NARROWEST, width)
  const widths = HEADS.map((head, index) => Math.max(head.length, ...rows.map((row) => displayWidth(row[index] ?? ''))))
  const beside = (row: readonly string[]): string =>
    row
      .slice(0, -1)
      .map((cell, index) => padded(cell, widths[index] ?? 0, index))
      .join(GAP)
  const room = wide - displayWidth(beside(HEADS)) - GAP.length
  const lastWidth = widths.at(-1) ?? 0
  const isBelow = room < Math.min(NARROWEST_SAID, lastWidth)
  const linesOf = (row: readonly string[]): string[] => {
    if (width === null) return [`${beside(row)}${GAP}${last(row)}`.trimEnd()]
    if (isBelow) {
      const below = last(row) === '' ? [] : wrap(last(row), wide - INDENT)
      return [cut(beside(row).trimEnd(), wide), ...below.map((line) => ' '.repeat(INDENT) + line)]
    }
    const [first = '', ...more] = wrap(last(row), room)
    const indent = ' '.repeat(wide - room)
    return [`${beside(row)}${GAP}${first}`.trimEnd(), ...more.map((line) => indent + line)]
  }
  const heads = isBelow ? cut(beside(HEADS).trimEnd(), wide) : `${beside(HEADS)}${GAP}${last(HEADS)}`
  return { heads, lines: rows.flatMap(linesOf) }
}

const last = (row: readonly string[]): string => row.at(-1) ?? ''

/** An emergency in a line. */
export function emergencyLine({ entry, candidate, action, reason }: Emergency): string {
  const who = plainLine(entry.actor.user ?? 'somebody')
  const what = `${plainLine(action) || 'something'} of ${shortCandidate(candidate)}`
  return `#${entry.seq}: ${what}, by ${who} at ${shortTime(entry.at)}: ${plainLine(reason)}`
}

const cells = (entry: Entry): string[] => [
  String(entry.seq),
  shortTime(entry.at),
  entry.kind,
  shortCandidate(entry.candidate),
  cut(plainLine(who(entry)), WIDEST_CELL),
  said(entry),
]

const who = ({ actor }: Entry): string =>
  [actor.user, actor.host].filter((one) => one !== null).join('@') + (actor.ci === null ? '' : ' (CI)')

const shortTime = (at: string): string => at.slice(0, 19).replace('T', ' ')

/** The first twelve digits of a digest or a commit: enough for `--candidate`. */
function shortCandidate(candidate: string | null): string {
  if (candidate === null) return '–'
  const [algorithm, digits] = /^(\w+:)?([0-9a-f]{12})[0-9a-f]+$/.exec(candidate)?.slice(1) ?? []
  return digits === undefined ? cut(plainLine(candidate), WIDEST_CELL) : (algorithm ?? '') + digits
}

/** Numbers stand at the right of their column. */
const padded = (cell: string, width: number, index: number): string => {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(cell)))
  return index === 0 ? blanks + cell : cell + blanks
}
