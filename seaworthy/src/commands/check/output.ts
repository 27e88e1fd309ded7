import { EXIT, type ExitCode, SeaworthyError } from '../../gate/error.ts'
import { startProgress } from '../../reports/progress.ts'
import type { SigningSecrets } from '../../signing/secrets.ts'
import type { RunReport } from '../../reports/run-report.ts'
import type { CheckFlags, CheckRequest } from './request.ts'
import { check } from './check.ts'
import type { ConfigChoice } from '../surroundings.ts'

export interface OutputContext {
  readonly signal: AbortSignal
  readonly version: string
  readonly secrets: SigningSecrets
  readonly isJson: boolean
  /** False with --no-color. */
  readonly color: boolean
}

/** Runs `check` for a person or a machine: results to stdout, progress to stderr. Returns the report's exit code. */
export async function runCheck(
  dirs: readonly string[],
  flags: CheckFlags,
  config: ConfigChoice,
  context: OutputContext,
): Promise<ExitCode> {
  const { env } = process
  const progress = startProgress(process.stderr, { isTty: process.stderr.isTTY })
  const { report, reports, unrecorded, unwritten } = await check(dirs, flags, config, {
    cwd: process.cwd(),
    env,
    version: context.version,
    signal: context.signal,
    progress: (line) => progress.say(line),
    secrets: context.secrets,
    argv: process.argv.slice(2),
  }).finally(() => progress.done())
  await print(report, context, env)
  if (unrecorded !== null) process.stderr.write(`seaworthy: ${unrecorded}\n`)
  if (unwritten !== null) tell(unwritten)
  return await writeReports(report, reports)
}

async function print(report: RunReport, context: OutputContext, env: NodeJS.ProcessEnv): Promise<void> {
  if (context.isJson) {
    const { renderJson } = await import('../../reports/json.ts')
    process.stdout.write(renderJson(report))
    return
  }
  const { renderTerminal } = await import('../../reports/terminal.ts')
  const color = context.color && process.stdout.isTTY && (env['NO_COLOR'] ?? '') === ''
  process.stdout.write(renderTerminal(report, { color, width: process.stdout.columns ?? 100 }))
  if (env['GITHUB_ACTIONS'] === 'true') {
    const { renderAnnotations } = await import('../../reports/annotations.ts')
    process.stdout.write(renderAnnotations(report))
  }
}

/** A report that cannot be written is an error of the run, but never hides a verdict that refuses. */
async function writeReports(report: RunReport, reports: CheckRequest['reports']): Promise<ExitCode> {
  if (reports.length === 0) return report.exitCode
  const { writeReport } = await import('../../reports/index.ts')
  for (const { kind, file } of reports) {
    try {
      await writeReport(kind, file, report)
    } catch (error) {
      if (report.exitCode === EXIT.pass || !(error instanceof SeaworthyError)) throw error
      tell(error)
    }
  }
  return report.exitCode
}

const tell = ({ message, hint }: SeaworthyError): void =>
  void process.stderr.write(`seaworthy: ${message}${hint === null ? '' : `\n  → ${hint}`}\n`)
