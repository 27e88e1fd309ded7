import type { Emergency } from '../gate/chain/emergency.ts'
import { markdownText } from './markdown-text.ts'
import { cut, plainLine } from './plain-text.ts'
import type { ReportedEmergencies, ReportEmergency } from './run-report.ts'
import { hanging, type Paint } from './terminal-layout.ts'

/** An emergency that is still open, in one line that cannot steer a terminal. */
export function emergencyLine({ seq, at, by, action, candidate, reason }: ReportEmergency): string {
  const what = `${plainLine(action) || 'something'} of ${shortCandidate(candidate)}`
  return `open emergency #${seq}: ${what} went past the gate at ${at}, by ${plainLine(by ?? 'somebody')}: ${plainLine(reason)}`
}

/** Each emergency of this project in a line, and those of others together in a short one. */
export function openEmergencyLines(emergencies: readonly ReportEmergency[]): string[] {
  const others = emergencies.filter(({ isElsewhere }) => isElsewhere === true)
  return [
    ...emergencies.filter(({ isElsewhere }) => isElsewhere !== true).map(emergencyLine),
    ...(others.length === 0
      ? []
      : [`open emergencies of commits that this repository does not have: ${numbers(others.map(({ seq }) => seq))}`]),
  ]
}

/** So many are named. */
const MOST_NAMED = 10

/** `#3, #7` */
export function numbers(seqs: readonly number[]): string {
  const more = seqs.length - MOST_NAMED
  const named = seqs.slice(0, MOST_NAMED).map((seq) => `#${seq}`)
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** `it closes emergency #3`; null where it closes none. */
export const closesWords = (closes: readonly number[] | undefined): string | null =>
  closes === undefined || closes.length === 0
    ? null
    : `it closes emergenc${closes.length === 1 ? 'y' : 'ies'} ${numbers(closes)}`

/** What a report has to say about emergencies: each that is open, or why nobody knows. Empty: there is nothing to say. */
export const emergencyLines = ({ emergencies = [], emergenciesUnread }: ReportedEmergencies): string[] => [
  ...openEmergencyLines(emergencies),
  ...(emergenciesUnread === undefined
    ? []
    : [`whether emergencies are open is not known: ${plainLine(emergenciesUnread)}`]),
]

/** The same at a terminal: somebody went past the gate, and nobody has mended that yet. */
export const emergencyParagraphs = (told: ReportedEmergencies, width: number, paint: Paint): string[] =>
  emergencyLines(told).flatMap((text) =>
    hanging({ head: '', text, indent: 2, width, paint }, [
      ['bold', 'red'],
      ['bold', 'red'],
    ]),
  )

const MOST_BULLETS = 20
const LONGEST_BULLET = 1_000

/** The same as a list of Markdown, bounded. Empty: there is nothing to say. */
export function emergencyBullets(told: ReportedEmergencies): string {
  const lines = emergencyLines(told)
  const shown = lines.slice(0, MOST_BULLETS).map((line) => `- 🚨 ${markdownText(cut(line, LONGEST_BULLET))}`)
  return [...shown, ...(lines.length > shown.length ? [`- and ${lines.length - shown.length} more`] : [])].join('\n')
}

/** As many digits of a commit or a digest as tell it from others. */
function shortCandidate(candidate: string | null): string {
  if (candidate === null) return 'a candidate that nobody named'
  const [, algorithm = '', digits] = /^(sha256:)?([0-9a-f]{12})[0-9a-f]+$/.exec(candidate) ?? []
  return digits === undefined ? plainLine(candidate) : algorithm + digits
}

/** An emergency of our ledger in the form that every document has it in. */
export const reportEmergency = ({ entry, action, candidate, reason }: Emergency): ReportEmergency => ({
  seq: entry.seq,
  at: entry.at,
  by: entry.actor.user,
  action,
  candidate,
  reason,
})
