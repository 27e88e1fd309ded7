import { bundle } from '../gate/evidence.ts'
import type { RunReport } from '../reports/run-report.ts'
import { runReport } from './check-report.ts'
import type { CheckFlags, CheckRequest } from './check-request.ts'
import { type CheckContext, type JudgedRun, judgedRun } from './judged-run.ts'
import type { ConfigChoice } from './surroundings.ts'

/**
 * `seaworthy check`: a run of the gate, its evidence where that is asked for, and its report with the files that it is to
 * be written to. Throws SeaworthyError for what is no judgement.
 */
export async function check(
  dirs: readonly string[],
  flags: CheckFlags,
  configChoice: ConfigChoice,
  context: CheckContext,
): Promise<{ report: RunReport; reports: CheckRequest['reports'] }> {
  const run = await judgedRun(dirs, flags, configChoice, context)
  const { request } = run
  if (request.evidence !== null) await writeBundle(run, request.evidence, context.version)
  return {
    report: runReport({ ...run, version: context.version, evidenceDir: request.evidence }),
    reports: request.reports,
  }
}

async function writeBundle(run: JudgedRun, dir: string, toolVersion: string): Promise<void> {
  const { around, request, folders, candidate, configFile } = run
  const { writeEvidence } = await import('../evidence/write.ts')
  const { runRequest } = await import('./run-request.ts')
  const about = { toolVersion, candidate, request: await runRequest(around.root, request, folders, configFile) }
  await writeEvidence(bundle(run.question, run.evaluation, about), dir)
}
