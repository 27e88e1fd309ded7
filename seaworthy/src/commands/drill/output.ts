import path from 'node:path'
import { EXIT, type ExitCode } from '../../gate/error.ts'
import { type DrillReport, drillExit, renderDrill, renderDrillMarkdown } from '../../reports/drill.ts'
import { checkReportPlaces, writeReportText } from '../../reports/index.ts'
import { jsonText } from '../../reports/json.ts'
import { startProgress } from '../../reports/progress.ts'
import { placesOfLedger } from '../../state/names-beside.ts'
import { type CheckFlags, requestHere } from '../check/request.ts'
import { chosenWorlds, drill, type DrillChoice } from './drill.ts'
import { emergenciesAt } from '../open-emergencies.ts'
import type { ConfigChoice } from '../surroundings.ts'

export interface DrillOutput {
  readonly signal: AbortSignal
  readonly version: string
  readonly isJson: boolean
  /** False with --no-color. */
  readonly color: boolean
  /** Files to write a Markdown report to. */
  readonly markdown: readonly string[]
}

/** Drills for a person or a machine: the matrix to stdout, progress to stderr. Returns the exit code. */
export async function runDrill(
  dirs: readonly string[],
  flags: CheckFlags,
  config: ConfigChoice,
  choice: DrillChoice,
  output: DrillOutput,
): Promise<ExitCode> {
  const startedAt = performance.now()
  const { env } = process
  const { signal, version } = output
  const progress = startProgress(process.stderr, { isTty: process.stderr.isTTY })
  const context = { cwd: process.cwd(), env, version, signal, progress: (line: string) => progress.say(line) }
  const { around, request } = await requestHere(dirs, flags, config, context)
  const markdown = output.markdown.map((file) => ({ kind: 'markdown', file: path.resolve(file) }) as const)
  await checkReportPlaces(markdown, request.stateFile === undefined ? [] : placesOfLedger(request.stateFile))
  const { control, rows } = await drill({ dirs, flags, choice: config, context }, choice).finally(() => progress.done())
  const report: DrillReport = {
    schemaVersion: 1,
    tool: 'seaworthy',
    version,
    command: 'drill',
    exitCode: drillExit(control, rows),
    control,
    rows,
    ...(await emergenciesAt(request.stateFile, around.repository)),
    durationMs: Math.round(performance.now() - startedAt),
  }
  const color = output.color && process.stdout.isTTY && (env['NO_COLOR'] ?? '') === ''
  process.stdout.write(
    output.isJson ? jsonText(report) : renderDrill(report, { color, width: process.stdout.columns ?? 100 }),
  )
  for (const { kind, file } of markdown) await writeReportText(kind, file, renderDrillMarkdown(report))
  return report.exitCode
}

/** Prints every bad world, without running any. */
export async function listWorlds(names: readonly string[], isJson: boolean): Promise<ExitCode> {
  const worlds = (await chosenWorlds(names)).map(({ check, world: { name, title, why, refusedBy } }) => ({
    check,
    name,
    title,
    why,
    refusedBy,
  }))
  const lines = worlds.map((one) => `${one.name} (${one.check})\n  ${one.title}\n  why: ${one.why}\n`)
  process.stdout.write(isJson ? jsonText({ schemaVersion: 1, worlds }) : lines.join('\n'))
  return EXIT.pass
}
