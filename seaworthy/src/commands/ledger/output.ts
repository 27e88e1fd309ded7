import { styleText } from 'node:util'
import type { Emergency, Entry, Json } from '../../gate/chain.ts'
import { cut, displayWidth, plainLine, withoutCiCommands } from '../../reports/plain-text.ts'
import { count } from '../../reports/wording.ts'

export interface LedgerList {
  readonly file: string
  /** Newest first. */
  readonly entries: readonly Entry[]
  /** Whether there are more that fit. */
  readonly hasMore: boolean
  readonly openEmergencies: readonly Emergency[]
}

const HEADS = ['#', 'when (UTC)', 'what', 'candidate', 'who', 'said']
/** What tells most of an entry, in this order. */
const TELLING = ['verdict', 'outcome', 'action', 'code', 'finding', 'reason']
/** Longer names of people and machines are cut. */
const WIDEST_CELL = 30

/** The ledger for a person: what is open first, then a table. Nothing in it can steer a terminal or a CI server's log. */
export function listText(
  list: LedgerList,
  { color, width }: { readonly color: boolean; readonly width: number | null },
): string {
  const paint = (style: 'bold' | 'red', text: string): string =>
    color ? styleText(style, text, { validateStream: false }) : text
  const rows = list.entries.map(cells)
  const widths = HEADS.map((head, index) => Math.max(head.length, ...rows.map((row) => displayWidth(row[index] ?? ''))))
  const line = (row: readonly string[]): string => {
    const text = row.map((cell, index) => padded(cell, widths[index] ?? 0, index)).join('  ')
    return (width === null ? text : cut(text, width)).trimEnd()
  }
  const lines = [
    ...list.openEmergencies.map((one) => paint('red', emergencyLine(one))),
    ...(rows.length === 0 ? ['no entry fits'] : [paint('bold', line(HEADS)), ...rows.map(line)]),
    ...(list.hasMore ? [`the newest ${count(rows.length, 'entry', 'entries')}; more with --limit`] : []),
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

/** An emergency that is still open, in a line. */
export function emergencyLine({ entry, candidate, action, reason }: Emergency): string {
  const who = plainLine(entry.actor.user ?? 'somebody')
  const what = `${plainLine(action) || 'something'} of ${shortCandidate(candidate)}`
  return `OPEN EMERGENCY #${entry.seq}: ${what}, by ${who} at ${shortTime(entry.at)}: ${plainLine(reason)}`
}

const cells = (entry: Entry): string[] => [
  String(entry.seq),
  shortTime(entry.at),
  entry.kind,
  shortCandidate(entry.candidate),
  cut(plainLine(who(entry)), WIDEST_CELL),
  told(entry.content),
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

function told(content: Json): string {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return plainLine(String(content))
  const members = new Map(Object.entries(content))
  const texts = TELLING.map((name) => members.get(name)).filter((value) => typeof value === 'string')
  return plainLine(texts.join(', '))
}

/** Numbers stand at the right of their column. */
const padded = (cell: string, width: number, index: number): string => {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(cell)))
  return index === 0 ? blanks + cell : cell + blanks
}
