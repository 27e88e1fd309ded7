import { SeaworthyError } from '../../gate/error.ts'
import type { RunReport } from '../../reports/run-report.ts'
import { runReport } from './report.ts'
import type { CheckFlags, CheckRequest } from './request.ts'
import { type CheckContext, judgedRun } from './judged-run.ts'
import { emergenciesAt } from '../open-emergencies.ts'
import { recordRun } from './record-run.ts'
import type { ConfigChoice } from '../surroundings.ts'

export interface Checked {
  readonly report: RunReport
  readonly reports: CheckRequest['reports']
  /** Why the run is not in the ledger that is there; null where it is, or where there is none. */
  readonly unrecorded: string | null
  /** Why there is no evidence though it was asked for; only beside a verdict that refuses, which it must not hide. */
  readonly unwritten: SeaworthyError | null
}

/**
 * `seaworthy check`: a run of the gate, its evidence where that is asked for, signed where a key is named, and its report
 * with the files that it is to be written to. Throws SeaworthyError for what is no judgement.
 */
export async function check(
  dirs: readonly string[],
  flags: CheckFlags,
  configChoice: ConfigChoice,
  context: CheckContext,
): Promise<Checked> {
  const isNamed = (flags.image ?? flags.buildInfo ?? flags.sign ?? flags.passphraseFile) !== undefined
  const before = isNamed ? await import('./before.ts') : null
  const { named, signer = null } = (await before?.beforeRun(dirs, flags, configChoice, context)) ?? {}
  const run = await judgedRun(dirs, flags, configChoice, { ...context, named })
  // Somebody may have checked out another commit while the run went on.
  before?.refuseOtherBuild(run.candidate)
  // Before anything is signed: a certificate countersigns the ledger with this run in it.
  const unrecorded = context.argv === undefined ? null : await recordRun(run, { env: context.env, argv: context.argv })
  const { evidence: dir } = run.request
  let unwritten: SeaworthyError | null = null
  const evidence =
    dir === null
      ? null
      : await (
          await import('./write-bundle.ts')
        )
          .writeBundle(run, dir, signer, context.version)
          .catch((error: unknown) => {
            if (run.evaluation.verdict === 'pass' || !(error instanceof SeaworthyError)) throw error
            unwritten = error
            return null
          })
  return {
    report: runReport({
      ...run,
      version: context.version,
      evidence,
      // Asked last: a certificate of this run may have closed one.
      emergencies: await emergenciesAt(run.request.stateFile, run.around.repository),
    }),
    reports: run.request.reports,
    unrecorded,
    unwritten,
  }
}
