import type { ExitCode } from '../gate/error.ts'
import { startProgress } from '../reports/progress.ts'
import type { CheckFlags } from './check-request.ts'
import { check } from './check.ts'
import type { ConfigChoice } from './surroundings.ts'

export interface OutputContext {
  readonly signal: AbortSignal
  readonly version: string
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
  const report = await check(dirs, flags, config, {
    cwd: process.cwd(),
    env,
    version: context.version,
    signal: context.signal,
    progress: (line) => progress.say(line),
  }).finally(() => progress.done())
  if (context.isJson) {
    const { renderJson } = await import('../reports/json.ts')
    process.stdout.write(renderJson(report))
  } else {
    const { renderTerminal } = await import('../reports/terminal.ts')
    const color = context.color && process.stdout.isTTY && (env['NO_COLOR'] ?? '') === ''
    process.stdout.write(renderTerminal(report, { color, width: process.stdout.columns ?? 100 }))
    if (env['GITHUB_ACTIONS'] === 'true') {
      const { renderAnnotations } = await import('../reports/annotations.ts')
      process.stdout.write(renderAnnotations(report))
    }
  }
  return report.exitCode
}
