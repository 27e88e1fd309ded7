import { plainLine } from './plain-text.ts'
import type { ReportEmergency, RunReport } from './run-report.ts'

/** An emergency that is still open, in one line that cannot steer a terminal. */
export function emergencyLine({ seq, at, by, action, candidate, reason }: ReportEmergency): string {
  const what = `${plainLine(action) || 'something'} of ${shortCandidate(candidate)}`
  return `open emergency #${seq}: ${what} went past the gate at ${at}, by ${plainLine(by ?? 'somebody')}: ${plainLine(reason)}`
}

/** What a report has to say about emergencies: each that is open, or why nobody knows. Empty: there is nothing to say. */
export const emergencyLines = ({ emergencies = [], emergenciesUnread }: Told): string[] => [
  ...emergencies.map(emergencyLine),
  ...(emergenciesUnread === undefined ? [] : [`whether emergencies are open is not known: ${plainLine(emergenciesUnread)}`]),
]

type Told = Pick<RunReport, 'emergencies' | 'emergenciesUnread'>

/** As many digits of a commit or a digest as tell it from others. */
function shortCandidate(candidate: string | null): string {
  if (candidate === null) return 'a candidate that nobody named'
  const [, algorithm = '', digits] = /^(sha256:)?([0-9a-f]{12})[0-9a-f]+$/.exec(candidate) ?? []
  return digits === undefined ? plainLine(candidate) : algorithm + digits
}
