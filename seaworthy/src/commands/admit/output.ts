import { styleText } from 'node:util'
import type { ExitCode } from '../../gate/error.ts'
import type { Finding } from '../../gate/finding.ts'
import { closesWords, openEmergencyLines } from '../../reports/emergencies.ts'
import { jsonText } from '../../reports/json.ts'
import { cut, displayWidth, plainLine, withoutCiCommands } from '../../reports/plain-text.ts'
import { startProgress } from '../../reports/progress.ts'
import { hanging, type Paint } from '../../reports/terminal-layout.ts'
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
  process.stdout.write(
    output.isJson ? jsonText(report) : admitText(report, { color, width: process.stdout.columns ?? 100 }),
  )
  return report.exitCode
}

const LONGEST = 400

/** How a text is laid out. */
interface Page {
  readonly color: boolean
  /** Columns. */
  readonly width: number
}

/** The decision for a person: the answer first, what speaks against it, what was looked at. */
export function admitText(report: AdmitReport, page: Page): string {
  const { findings, looked, emergencies, emergency, exitCode } = report
  const wide = Math.max(...looked.map(({ what }) => displayWidth(plainLine(what))))
  // The emergency of this very admission stands above.
  const others = emergencies.filter(({ seq }) => seq !== emergency?.seq)
  const lines = [
    ...headline(report, page),
    ...findings.flatMap((finding) => findingLines(finding, page)),
    '',
    'looked at',
    ...looked.flatMap(({ what, seen }) => {
      const name = plainLine(what)
      const head = `  ${name}${' '.repeat(wide - displayWidth(name))}  `
      return paragraph(head, cut(plainLine(seen), LONGEST), Math.min(displayWidth(head), 30), page)
    }),
    '',
    ...openEmergencyLines(others).flatMap((line) => paragraph('', line, 2, page)),
    ...paragraph('', recordedWords(report), 2, page),
    `exit ${exitCode}`,
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

const paint: Paint = (_style, text) => text

const paragraph = (head: string, text: string, indent: number, { width }: Page): string[] =>
  hanging({ head, text, indent, width, paint }, [[], []])

function recordedWords({ entry, emergency }: AdmitReport): string {
  const own = emergency === null || emergency.seq === null ? '' : ` (the emergency as #${emergency.seq})`
  const words = [`recorded as #${entry.seq}${own} in ${plainLine(entry.file)}`, closesWords(entry.closes)]
  return words.filter((one) => one !== null).join('; ')
}

function headline({ isAdmitted, verdict, emergency, action }: AdmitReport, page: Page): string[] {
  const word = isAdmitted ? (emergency === null ? 'ADMITTED' : 'ADMITTED IN AN EMERGENCY') : 'NOT ADMITTED'
  const style = isAdmitted ? (emergency === null ? 'green' : 'yellow') : 'red'
  const why = {
    pass: 'everything is as it was judged',
    fail: 'something speaks against it',
    unproven: 'not everything could be proved',
  }
  const [first = '', ...rest] = paragraph(`${word}  `, `${action}: ${verdict}, ${why[verdict]}`, 2, page)
  if (!page.color) return [first, ...rest]
  return [first.replace(word, styleText(['bold', style], word, { validateStream: false })), ...rest]
}

const MARK = { error: '✗', warning: '!', note: '·' } as const

function findingLines({ severity, outcome, code, message, hint }: Finding, page: Page): string[] {
  const what = outcome === 'unproven' ? 'unproven' : severity
  return [
    `  ${MARK[severity]} ${code} (${what})`,
    ...paragraph('    ', plainLine(message), 4, page),
    ...(hint === null ? [] : paragraph('    → ', plainLine(hint), 6, page)),
  ]
}
