import type { Allowed } from './allow.ts'
import { answer, type Answered } from './answer.ts'
import { type Action, type Check, type CheckResult, runCheck } from './check.ts'
import { cannotProve, type Finding } from './finding.ts'
import { type GivenFile, judgeGiven } from './given.ts'
import { type Carried, merge } from './merge.ts'
import type { Obligation } from './obligation.ts'
import type { Observations } from './observation.ts'
import { type Accepted, type Acceptance, type Policy, judgeAcceptances } from './policy.ts'
import type { Overruled } from './settle.ts'
import { type Verdict, combine, verdictOf } from './verdict.ts'

/** One thing that is judged: a migration folder, with what was observed of it. */
export interface Subject {
  readonly name: string
  readonly observations: Observations
}

export interface SubjectResult extends CheckResult {
  readonly subject: string
  /** Findings of this check that stand in the list of another one: they are about the same harm. */
  readonly carried: readonly Carried[]
}

export interface Evaluation {
  readonly verdict: Verdict
  readonly results: readonly SubjectResult[]
  readonly accepted: readonly (Accepted & { readonly subject: string; readonly check: string })[]
  /** Findings that a comment in their file accepts, as they were before. */
  readonly allowed: readonly (Allowed & { readonly subject: string; readonly check: string })[]
  /** Findings that another check proved to be no harm, as they were before. */
  readonly overruled: readonly (Overruled & { readonly subject: string; readonly check: string })[]
  /** Questions that only production can answer, of all subjects, each once. */
  readonly obligations: readonly Obligation[]
  /** Findings about the policy and about checks that it requires and nobody ran. */
  readonly policyFindings: readonly Finding[]
}

/** What is asked of the gate: which checks over which subjects, under which policy, for which action, at which time. */
export interface Question {
  readonly subjects: readonly Subject[]
  readonly checks: readonly Check[]
  readonly policy: Policy
  readonly action: Action
  /** ISO 8601, UTC: the run's only clock. */
  readonly evaluatedAt: string
  /** With `--only`: required checks outside of `checks` are not asked for, and the answer is partial. */
  readonly isPartial: boolean
  /** Files of the candidate's own tree that the gate relies on and that came with the release; none if it is left out. */
  readonly given?: readonly GivenFile[]
}

/**
 * The heart of the gate: judges every subject with every check and combines. Pure: the same question has the same
 * answer on every machine. An empty set of subjects or checks is unproven.
 */
export function evaluate(question: Question): Evaluation {
  const { policy, evaluatedAt } = question
  const used = new Set<Acceptance>()
  const accepted: (Accepted & { subject: string; check: string })[] = []
  const overruled: (Overruled & { subject: string; check: string })[] = []
  const allowed: (Allowed & { subject: string; check: string })[] = []
  const results: SubjectResult[] = []
  for (const subject of question.subjects) {
    const context = { evaluatedAt, settings: policy.settings, action: question.action }
    const raw = question.checks.map((check) => runCheck(check, subject.observations, context))
    const { answered, lowered } = answer(raw, policy, evaluatedAt)
    const told = merge(
      answered.map((one) => ({ one, check: one.result.check, findings: one.findings })),
      lowered,
    )
    for (const { one, check, findings, carried } of told) {
      for (const { finding, acceptance } of one.accepted) {
        used.add(acceptance)
        accepted.push({ finding, acceptance, subject: subject.name, check })
      }
      overruled.push(...one.overruled.map((entry) => ({ ...entry, subject: subject.name, check })))
      allowed.push(...one.allowed.map((entry) => ({ ...entry, subject: subject.name, check })))
      results.push({ ...one.result, subject: subject.name, findings, carried, verdict: verdictAfter(one) })
    }
  }
  const ran = new Set(question.checks.map((check) => check.id))
  const askedCodes = new Set(question.checks.flatMap((check) => check.explanations.map((one) => one.code)))
  const wasAsked = (code: string): boolean => !question.isPartial || askedCodes.has(code)
  const standing = results.flatMap((one) => one.findings).filter((one) => one.severity !== 'note')
  const policyFindings = [
    ...(question.isPartial ? [] : missingChecks(policy.required[question.action], ran)),
    ...judgeAcceptances(policy, used, evaluatedAt, wasAsked, standing),
    ...judgeGiven(question.given ?? [], policy),
  ]
  const policyVerdict = verdictOf({ findings: policyFindings, proved: ['the policy was read'] })
  // Each subject has to prove something for itself: a folder in which nothing applied is not covered by its neighbour.
  const bySubject = question.subjects.map((subject) =>
    combine(results.filter((one) => one.subject === subject.name).map((one) => one.verdict)),
  )
  // A policy that has nothing to say must not turn "nothing ran" into a pass, so its verdict counts only if it is bad.
  const verdict = combine([...bySubject, ...(policyVerdict === 'pass' ? [] : [policyVerdict])])
  const obligations = new Map(results.flatMap((one) => one.obligations).map((one) => [one.id, one]))
  return { verdict, results, accepted, allowed, overruled, obligations: [...obligations.values()], policyFindings }
}

/** The verdict comes from what the check itself said: telling a harm only once never improves it. */
const verdictAfter = ({ result, findings }: Answered): CheckResult['verdict'] =>
  result.verdict === 'not-applicable' ? result.verdict : verdictOf({ findings, proved: result.proved })

const missingChecks = (required: readonly string[], ran: ReadonlySet<string>): Finding[] =>
  required
    .filter((id) => !ran.has(id))
    .map((id) =>
      cannotProve({
        code: 'policy/required-check-missing',
        message: `the policy requires the check ${id}, and it did not run`,
        subject: id,
        hint: 'Run without --only, or take the check out of the policy (which needs a reason in its review).',
      }),
    )
