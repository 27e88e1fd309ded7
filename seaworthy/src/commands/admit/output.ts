import { styleText } from 'node:util'
import type { ExitCode } from '../../gate/error.ts'
import type { Finding } from '../../gate/finding.ts'
import { emergencyLine } from '../../reports/emergencies.ts'
import { jsonText } from '../../reports/json.ts'
import { cut, plainLine, withoutCiCommands } from '../../reports/plain-text.ts'
import { startProgress } from '../../reports/progress.ts'
import { admit, type AdmitReport, type AdmitRequest } from './admit.ts'

export interface AdmitOutput {
  readonly signal: AbortSignal
  readonly version: string
  readonly isJson: boolean
  /** False with --no-color. */
  readonly color: boolean
}

/** Runs `admit` for a person or a machine: the decision to stdout, progress to stderr. Returns the exit code. */
export async function runAdmit(request: AdmitRequest, output: AdmitOutput): Promise<ExitCode> {
  const { env } = process
  const progress = startProgress(process.stderr, { isTty: process.stderr.isTTY })
  const report = await admit(request, {
    cwd: process.cwd(),
    env,
    version: output.version,
    signal: output.signal,
    progress: (line) => progress.say(line),
  }).finally(() => progress.done())
  const color = output.color && process.stdout.isTTY && (env['NO_COLOR'] ?? '') === ''
  process.stdout.write(output.isJson ? jsonText(report) : admitText(report, color))
  return report.exitCode
}

const LONGEST = 400

/** The decision for a person: the answer first, what speaks against it, what was looked at. */
export function admitText(report: AdmitReport, color: boolean): string {
  const { findings, looked, emergencies, entry, exitCode } = report
  const wide = Math.max(...looked.map(({ what }) => what.length))
  const lines = [
    headline(report, color),
    ...findings.flatMap(findingLines),
    '',
    'looked at',
    ...looked.map(({ what, seen }) => `  ${plainLine(what).padEnd(wide)}  ${cut(plainLine(seen), LONGEST)}`),
    '',
    ...emergencies.map(emergencyLine),
    `recorded as #${entry.seq} in ${plainLine(entry.file)}`,
    `exit ${exitCode}`,
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

function headline({ isAdmitted, verdict, emergency, action }: AdmitReport, color: boolean): string {
  const word = isAdmitted ? (emergency === null ? 'ADMITTED' : 'ADMITTED IN AN EMERGENCY') : 'NOT ADMITTED'
  const style = isAdmitted ? (emergency === null ? 'green' : 'yellow') : 'red'
  const painted = color ? styleText(['bold', style], word, { validateStream: false }) : word
  const why = {
    pass: 'everything is as it was judged',
    fail: 'something speaks against it',
    unproven: 'not everything could be proved',
  }
  return `${painted}  ${action}: ${verdict}, ${why[verdict]}`
}

const MARK = { error: '✗', warning: '!', note: '·' } as const

function findingLines({ severity, outcome, code, message, hint }: Finding): string[] {
  const what = outcome === 'unproven' ? 'unproven' : severity
  return [
    `  ${MARK[severity]} ${code} (${what})`,
    `    ${plainLine(message)}`,
    ...(hint === null ? [] : [`    → ${plainLine(hint)}`]),
  ]
}
