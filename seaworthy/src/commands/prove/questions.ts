import { loadChecks } from '../../checks/index.ts'
import { subjectsOfBundle } from '../../evidence/question.ts'
import { readBundle } from '../../evidence/read.ts'
import { runCheck } from '../../gate/check.ts'
import { SeaworthyError } from '../../gate/error.ts'
import type { Finding } from '../../gate/finding.ts'
import type { Obligation } from '../../gate/obligation.ts'
import { DEFAULT_POLICY } from '../../gate/policy.ts'
import type { CheckVerdict } from '../../gate/verdict.ts'
import { effects } from '../../observers/effects/kind.ts'
import { shape } from '../../observers/shape/kind.ts'

/** The check that derives them. */
export const OBLIGATIONS = 'migrations-obligations'

/** What the releases of some folders ask, and what keeps it from being known. */
export interface Questions {
  readonly obligations: readonly Obligation[]
  readonly verdicts: readonly CheckVerdict[]
  /** Findings that leave something unknown; a note is none. */
  readonly unknown: readonly Finding[]
  /** `host:port` of servers that were given for the rehearsal. */
  readonly rehearsedOn: readonly string[]
  /** The database of the shape that the rehearsal had; null where it had none. */
  readonly captured: Captured | null
}

/** Which database a shape is of. */
export interface Captured {
  /** Null where the server did not say who it is. */
  readonly witness: string | null
  readonly database: string
}

/**
 * The questions of an evidence bundle that an earlier `check --evidence` wrote: derived anew from its observations.
 * Throws SeaworthyError('config') for a bundle that cannot be used.
 */
export async function questionsOfEvidence(dir: string): Promise<Questions> {
  const [check] = await loadChecks([OBLIGATIONS])
  if (check === undefined) throw new SeaworthyError('internal', `there is no check ${OBLIGATIONS}`)
  const kinds = [...check.needs, shape]
  const bundle = await readBundle(dir)
  await check.prepare?.()
  const context = { evaluatedAt: bundle.manifest.evaluatedAt, settings: DEFAULT_POLICY.settings }
  const rehearsedOn: string[] = []
  const results = []
  let captured: Captured | null = null
  for (const { observations } of await subjectsOfBundle(bundle, kinds)) {
    const found = observations.maybe(shape)
    if (found !== undefined) captured = { witness: found.witness, database: found.database.name }
    const server = observations.maybe(effects)?.server
    if (server?.origin === 'given') rehearsedOn.push(server.place)
    results.push(runCheck(check, observations, context))
  }
  return {
    obligations: [...new Map(results.flatMap((one) => one.obligations).map((one) => [one.id, one])).values()],
    verdicts: results.map((one) => one.verdict),
    unknown: results.flatMap((one) => one.findings).filter((one) => one.outcome !== 'none'),
    rehearsedOn,
    captured,
  }
}
