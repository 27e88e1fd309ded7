import { emergencyLines } from './emergencies.ts'
import { plainLine, plainLines } from './plain-text.ts'
import { type Reported, type Sorted, sortFindings } from './reported.ts'
import type { RunReport } from './run-report.ts'
import { codeCounts } from './wording.ts'

/** GitHub shows no more than 10 annotations of a type per step (and 50 per job). */
const MOST_PER_TYPE = 10

type Level = 'error' | 'warning' | 'notice'

/**
 * GitHub's workflow commands, one a line, for the lines of a pull request: at most ten of a type, of which the last sums
 * up what did not fit. Notes and accepted findings are notices. Empty if there is nothing to say.
 * Source: docs.github.com, "Workflow commands for GitHub Actions"; actions/toolkit, packages/core/src/command.ts.
 */
export function renderAnnotations(report: RunReport): string {
  const sorted: Sorted = sortFindings(report)
  const emergency = emergencyAnnotation(report)
  const lines = [
    ...ofLevel('error', [...sorted.errors, ...sorted.unproven]),
    ...emergency,
    ...ofLevel('warning', sorted.warnings, MOST_PER_TYPE - emergency.length),
    ...ofLevel('notice', [...sorted.accepted, ...sorted.allowed, ...sorted.notes]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** One for all that are open, so that they do not take the place of findings. */
function emergencyAnnotation(report: RunReport): string[] {
  const lines = emergencyLines(report)
  return lines.length === 0 ? [] : [`::warning title=Seaworthy admission/emergency::${data(lines.join('\n'))}`]
}

function ofLevel(level: Level, findings: readonly Reported[], most = MOST_PER_TYPE): string[] {
  if (findings.length <= most) return findings.map((one) => annotation(level, one))
  const shown = findings.slice(0, most - 1)
  const rest = findings.slice(shown.length)
  const codes = codeCounts(rest.map((one) => plainLine(one.finding.code)))
  return [
    ...shown.map((one) => annotation(level, one)),
    `::${level} title=Seaworthy::${data(`and ${rest.length} more: ${codes}`)}`,
  ]
}

function annotation(level: Level, { finding, acceptance, folder }: Reported): string {
  const { where } = finding
  const place: [string, string][] =
    where === null
      ? []
      : [
          ['file', where.file],
          ['line', String(where.line)],
          ['col', String(where.column)],
        ]
  const about = where === null && folder !== null ? `${folder}: ` : ''
  const unproven = finding.outcome === 'unproven' && acceptance === null ? 'unproven: ' : ''
  const accepted =
    acceptance === null ? '' : ` (accepted until ${acceptance.expires} by ${acceptance.author}: ${acceptance.reason})`
  const hint = finding.hint === null || acceptance !== null ? '' : `\nInstead: ${finding.hint}`
  const proof = finding.proof && acceptance === null ? `\nObserved: ${finding.proof}` : ''
  const properties = [...place, ['title', `Seaworthy ${unproven}${finding.code}`]]
  const written = properties.map(([key = '', value = '']) => `${key}=${property(value)}`).join(',')
  return `::${level} ${written}::${data(`${about}${finding.message}${accepted}${proof}${hint}`)}`
}

const data = (text: string): string =>
  plainLines(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
