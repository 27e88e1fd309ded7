import type { Allow } from './allow.ts'
import type { PreconditionRule } from './certificate/precondition.ts'
import type { ClaimContext, ClaimToCheck } from './cold/looked-again.ts'
import type { NotHere } from './drill/drill.ts'
import { cannotProve, type Explanation, type Finding } from './finding.ts'
import type { Kind, Observations } from './observation.ts'
import type { Obligation } from './obligation.ts'
import { type CheckVerdict, type Judgement, type Settled, verdictOf } from './verdict.ts'

/** What a judge may know besides the observations. No clock: `evaluatedAt` is the run's recorded time. */
export interface JudgeContext {
  /** ISO 8601, UTC. */
  readonly evaluatedAt: string
  /** The settings of this check from the policy, already parsed. */
  readonly settings: CheckSettings
  /** What the verdict is to be good for; a pull request where nothing is said. */
  readonly action?: Action
  /** What `Check.prior` made of the same observations, if somebody kept it. */
  readonly prior?: unknown
}

/** A pull request asks "may this be merged?", a deploy "may this go live now?". */
export type Action = 'pull-request' | 'deploy'

/** The settings that the checks of migrations read. Every one has a default in gate/policy.ts. */
export interface CheckSettings {
  readonly profile: 'online' | 'additive'
  /** Families of findings that an inline `-- seaworthy:allow` may accept. */
  readonly inlineAcceptance: readonly string[]
  /** Whether a missing or failing down file refuses the release; else it warns. */
  readonly requireDowns: boolean
  /** From which size on a table counts as large where its real size is known (`--shape`): either is enough. */
  readonly largeTable: { readonly rows: number; readonly bytes: number }
  /** How old an answer of production may be when a deploy relies on it, in hours. */
  readonly answersMaxAgeHours: number
  /** How many of production's queries may be stale (not prepare even before the release), in percent. */
  readonly staleQueriesPercent: number
}

export type Applicability = { readonly applies: true } | { readonly applies: false; readonly reason: string }

/** One question to the observations. A check is a folder; nothing else in the program has to learn of it. */
export interface Check {
  readonly id: string
  /** Raised whenever the same observations may be judged differently. */
  readonly version: number
  /** The question, as a person would ask it. */
  readonly question: string
  /** Kinds without which there is no judgement: missing or failed means unproven. */
  readonly needs: readonly Kind<unknown>[]
  /** Kinds that are judged when they are there. One that was tried and failed means unproven. */
  readonly uses: readonly Kind<unknown>[]
  /** Loads code (a parser's grammar), never the world. Called once before `judge`. */
  readonly prepare?: () => Promise<void>
  /** Asked when everything needed was observed: an observed reason not to judge, such as "there are no down files". */
  readonly applicability?: (observations: Observations, context: JudgeContext) => Applicability
  readonly judge: (observations: Observations, context: JudgeContext) => Judgement
  /**
   * False for one that never answers for what others say (no `settled`, no `allows`): whoever asks about another check need
   * not judge it. Were it to hand over any all the same, they are dropped.
   */
  readonly canAnswerForOthers?: false
  /** Every code that the judge can return. */
  readonly explanations: readonly Explanation[]
  /**
   * The part of judging that only depends on what is live, where that takes long: plain JSON, made from the observations
   * and nothing else. A judge that is given it (`JudgeContext.prior`) says what it says without it.
   */
  readonly prior?: (observations: Observations) => unknown
  /** What of the world its verdict rests on, and has to be the same when somebody acts on the verdict. */
  readonly preconditions?: readonly PreconditionRule[]
  /** What these observations say of the world that somebody else can look at again (`verify --cold`). Pure. */
  readonly claims?: (observations: Observations, context: ClaimContext) => readonly ClaimToCheck[]
}

/**
 * The light side of a check whose judging takes long: who it is and what its judgement depends on, without loading the
 * check. Two calls with the same identity (and the same build of the program) have the same judgement.
 */
export interface Memo extends Pick<
  Check,
  'id' | 'version' | 'question' | 'needs' | 'uses' | 'applicability' | 'preconditions'
> {
  /** Plain JSON. Everything that `judge` reads, and nothing that changes from run to run. */
  readonly identity: (observations: Observations, context: JudgeContext) => unknown
  /** The same for `Check.prior`: everything that it reads. */
  readonly priorIdentity?: (observations: Observations) => unknown
}

/** A damaged set of observations that the judge must refuse. */
export interface Mutant {
  readonly name: string
  /** The gate that said yes here, or what production would suffer. */
  readonly why: string
  /**
   * Damages a set that the judge passes: the check's own sample, or what a user's last run observed (`seaworthy drill`).
   * Says why not where the set has nothing that could be damaged so.
   */
  readonly damage: (observations: Observations) => Observations | NotHere
  /** Settings or an action without which the judge does not refuse it; what is not named is the default. */
  readonly context?: Partial<JudgeContext>
  /** Why it can only be made from the check's own sample; `seaworthy drill` leaves it out. */
  readonly sampleOnly?: string
}

/** The outcome of one check on one subject. */
export interface CheckResult {
  readonly check: string
  readonly version: number
  readonly verdict: CheckVerdict
  readonly findings: readonly Finding[]
  readonly proved: readonly string[]
  readonly obligations: readonly Obligation[]
  readonly settled: readonly Settled[]
  readonly allows: readonly Allow[]
  /** Set when the verdict is `not-applicable`. */
  readonly reason: string | null
}

/**
 * Judges one subject. What a check needs and could not be observed is unproven, and so is a judge that threw:
 * no path leads from "could not look" to "pass". The caller has awaited `check.prepare`.
 */
export function runCheck(check: Check, observations: Observations, context: JudgeContext): CheckResult {
  const base = { check: check.id, version: check.version, reason: null, obligations: [], settled: [], allows: [] }
  const missing = missingFindings(check, observations)
  if (missing.length > 0) return { ...base, verdict: 'unproven', findings: missing, proved: [] }
  try {
    const applicability = check.applicability?.(observations, context) ?? { applies: true }
    if (!applicability.applies) {
      return { ...base, verdict: 'not-applicable', findings: [], proved: [], reason: applicability.reason }
    }
    const judgement = check.judge(observations, context)
    const { findings, proved, obligations = [], settled = [], allows = [] } = judgement
    const answers = check.canAnswerForOthers === false ? {} : { settled, allows }
    return { ...base, verdict: verdictOf(judgement), findings, proved, obligations, ...answers }
  } catch (error) {
    return { ...base, verdict: 'unproven', findings: [judgeThrew(check, error)], proved: [] }
  }
}

function missingFindings(check: Check, observations: Observations): Finding[] {
  const findings: Finding[] = []
  for (const kind of [...check.needs, ...check.uses]) {
    const found = observations.find(kind)
    if (found === undefined && !check.needs.includes(kind)) continue
    if (found?.status === 'observed' && found.version === kind.version) continue
    const reason =
      found === undefined
        ? 'nobody looked'
        : found.status === 'failed'
          ? found.reason
          : `it is of version ${found.version}, and this judge knows version ${kind.version}`
    findings.push(
      cannotProve({
        code: 'unproven/not-observed',
        message: `${kind.name} could not be observed: ${reason}`,
        subject: kind.name,
        hint: found?.status === 'failed' ? found.hint : null,
        ...(found?.status === 'failed' ? { cause: reason } : {}),
      }),
    )
  }
  return findings
}

const judgeThrew = (check: Check, error: unknown): Finding =>
  cannotProve({
    code: 'unproven/judge-error',
    message: `the judge of ${check.id} stopped: ${error instanceof Error ? error.message : String(error)}`,
    subject: check.id,
    hint: 'This is a bug in Seaworthy: please report it with the evidence folder (--evidence DIR).',
  })
