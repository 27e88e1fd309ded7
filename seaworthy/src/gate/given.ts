import { cannotProve, type Finding, note, refuse, warn } from './finding.ts'
import type { Policy } from './policy.ts'

/** What a file beside the migrations says to the gate. */
export type GivenAs = 'configuration' | 'ledger' | 'shape' | 'workload' | 'rows' | 'answers'

/** A file of the candidate's own tree that the gate relies on, and that is not as it stands at the base. */
export interface GivenFile {
  readonly as: GivenAs
  /** Relative to the repository root. */
  readonly file: string
  /** `unknown`: nobody could say what it is at the base. */
  readonly change: 'new' | 'edited' | 'unknown'
  /** The commit that it was compared with; null where there is none. */
  readonly base: string | null
  /** Why it is unknown; null otherwise. */
  readonly why: string | null
}

const SAYS: Record<GivenAs, string> = {
  configuration: 'the policy and what is checked',
  ledger: 'what production has applied',
  shape: 'what production is like',
  workload: 'which queries must go on working',
  rows: 'which rows the release is tried on',
  answers: 'what production answered',
}

/**
 * Findings about files that came with the release that they help to judge: whoever wrote the one could write the other.
 * They warn, or refuse where the policy says so. Not knowing then is unproven.
 */
export function judgeGiven(given: readonly GivenFile[], policy: Partial<Pick<Policy, 'changedInputs'>>): Finding[] {
  const isStrict = policy.changedInputs === 'refuse'
  return given.map((one) => {
    const since = one.base === null ? '' : ` since ${one.base.slice(0, 7)}`
    const about = { subject: one.file, hint: one.as === 'configuration' ? CONFIGURATION : INPUT }
    if (one.change === 'unknown') {
      const input = {
        ...about,
        code: 'policy/input-not-compared',
        message: `whether this release changed ${one.file}, which says ${SAYS[one.as]}, is not known: ${one.why ?? 'nobody looked'}`,
      }
      return isStrict ? cannotProve(input) : note(input)
    }
    const input = {
      ...about,
      code: 'policy/input-changed',
      message: `${one.file}, which says ${SAYS[one.as]}, ${one.change === 'new' ? 'is new' : 'was changed'}${since}, in the release that it helps to judge`,
    }
    return isStrict ? refuse(input) : warn(input)
  })
}

const CONFIGURATION =
  'Read it, and read the configuration of the base branch in a pipeline: --config-from origin/main. Change it in a pull request of its own.'
const INPUT =
  'Read the change as you read the migrations. Better: let it come in by a change of its own, or from a place that the release cannot write to. policy.changedInputs: "refuse" makes that a rule.'
