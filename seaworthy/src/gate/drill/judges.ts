import { openFamilies } from '../allow.ts'
import { answer } from '../answer.ts'
import { canonicalJson } from '../canonical.ts'
import { type Check, type JudgeContext, type Mutant, runCheck } from '../check.ts'
import { type DrillRow, isNotHere } from './drill.ts'
import { whyLetThrough } from './survivor.ts'
import { evaluate, type Evaluation, type Question, type Subject, type SubjectResult } from '../evaluate.ts'
import { familyOf, type Finding, type Where } from '../finding.ts'
import type { Observation, Observations } from '../observation.ts'
import type { Policy } from '../policy.ts'
import { isSettleable } from '../settle.ts'
import type { Judgement } from '../verdict.ts'

/**
 * The judge tier of `seaworthy drill`: every mutant of every check is made from each subject's own observations, and the
 * whole gate is asked again with the same policy, for the same action. `base` is its answer to `question` as it is.
 *
 * A mutant is refused if the gate does not pass it *and* the check that it belongs to says something of it that it does
 * not say of the run as it is: a damaged observation also contradicts the others, and what other checks say to that would
 * hide a judge that sees nothing. Mutants that can only be made from the check's sample are left out.
 */
export function drillJudges(
  question: Question,
  base: Evaluation,
  mutantsOf: ReadonlyMap<string, readonly Mutant[]>,
): readonly DrillRow[] {
  const asked = { ...question, checks: question.checks.map((check) => judgingOnce(check, question)) }
  return question.subjects.flatMap((subject) =>
    [...mutantsOf].flatMap(([check, mutants]) =>
      mutants
        .filter((mutant) => mutant.sampleOnly === undefined)
        .map((mutant): DrillRow => {
          const row = {
            tier: 'judge',
            check,
            world: mutant.name,
            title: mutant.name,
            subject: subject.name,
            family: null,
          } as const
          return { ...row, ...outcomeOf({ asked, base, subject, check, mutant }) }
        }),
    ),
  )
}

interface Trial {
  readonly asked: Question
  readonly base: Evaluation
  readonly subject: Subject
  readonly check: string
  readonly mutant: Mutant
}

type Outcome = Pick<DrillRow, 'outcome' | 'by' | 'why'>

function outcomeOf(trial: Trial): Outcome {
  const { asked, base, subject, check, mutant } = trial
  let made: ReturnType<Mutant['damage']>
  try {
    made = mutant.damage(subject.observations)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { outcome: 'unproven', by: [], why: `the mutant could not be made, which is a bug in Seaworthy: ${reason}` }
  }
  if (isNotHere(made)) return { outcome: 'not-here', by: [], why: made.notHere }
  if (!isDamaged(subject.observations, made)) {
    return { outcome: 'unproven', by: [], why: 'the mutant changed nothing, which is a bug in Seaworthy' }
  }
  const isOwn = (one: SubjectResult): boolean => one.check === check && one.subject === subject.name
  const before = base.results.find(isOwn)
  const surely = surelyRefused(trial, made, before) ?? refusedAfterAnswers(trial, made)
  if (surely !== null) return { outcome: 'refused', by: surely, why: null }
  const observations = made
  const subjects = asked.subjects.map((one) => (one === subject ? { ...one, observations } : one))
  const after = evaluate({ ...asked, subjects })
  const own = { before, after: after.results.find(isOwn) }
  // It says nothing new: then it refuses by what it no longer proves.
  if (after.verdict !== 'pass' && isRefusal(own.after) && !isRefusal(own.before)) {
    return { outcome: 'refused', by: [], why: 'the check proves nothing of it' }
  }
  return { by: [], ...whyLetThrough({ question: asked, base, after, subject, made, check, mutant, own }) }
}

/**
 * The codes of what the check newly says, if one of them can be answered for by nobody: neither the policy nor a comment
 * nor another check. Then the whole gate says no as well, whatever it says besides; null where it has to be asked.
 */
function surelyRefused(
  { asked, check }: Trial,
  made: Observations,
  before: SubjectResult | undefined,
): readonly string[] | null {
  const own = asked.checks.find((one) => one.id === check)
  if (own === undefined) return null
  const { policy, evaluatedAt, action } = asked
  const raw = runCheck(own, made, { evaluatedAt, settings: policy.settings, action })
  const known = new Set(refusals(before).map(keyOf))
  const more = raw.findings.filter((one) => one.outcome !== 'none' && !known.has(keyOf(one)))
  return more.some((one) => isUnanswerable(one, policy)) ? [...new Set(more.map((one) => one.code))] : null
}

/**
 * The codes of what the check newly says after everybody has answered who may answer for it; null where that is nothing,
 * or no refusal. What the other checks say besides changes no verdict of this one.
 */
function refusedAfterAnswers({ asked, subject, check }: Trial, made: Observations): readonly string[] | null {
  const { policy, evaluatedAt, action } = asked
  const checks = asked.checks.filter((one) => one.id === check || one.canAnswerForOthers !== false)
  const context = { evaluatedAt, settings: policy.settings, action }
  const standing = (observations: Observations): readonly Finding[] => {
    const raw = checks.map((one) => runCheck(one, observations, context))
    const own = answer(raw, policy, evaluatedAt).answered.find(({ result }) => result.check === check)
    return (own?.findings ?? []).filter((one) => one.outcome !== 'none')
  }
  // The damaged ones first: they are what was judged last.
  const now = standing(made)
  const known = new Set(standing(subject.observations).map(keyOf))
  const more = now.filter((one) => !known.has(keyOf(one)))
  return more.length > 0 ? [...new Set(more.map((one) => one.code))] : null
}

const isUnanswerable = (finding: Finding, { accept, settings }: Policy): boolean =>
  finding.outcome === 'unproven' ||
  (!isSettleable(finding) &&
    !openFamilies(settings.inlineAcceptance).includes(familyOf(finding.code)) &&
    !accept.some((one) => one.code === finding.code))

const isRefusal = (result: SubjectResult | undefined): boolean =>
  result?.verdict === 'fail' || result?.verdict === 'unproven'

type Said = Pick<Finding, 'code' | 'subject' | 'outcome'> & { readonly where: Where | null }

const keyOf = ({ code, where, subject, outcome }: Said): string => canonicalJson({ code, where, subject, outcome })

const refusals = (result: SubjectResult | undefined): readonly Said[] =>
  [...(result?.findings ?? []), ...(result?.carried ?? [])].filter((one) => one.outcome !== 'none')

/** Whether anything that was observed is not what it was. */
function isDamaged(before: Observations, after: Observations): boolean {
  const old = new Map([...before].map((one) => [one.kind, one]))
  const made = [...after]
  return made.length !== old.size || made.some((one) => !isSame(one, old.get(one.kind)))
}

const isSame = (one: Observation, other: Observation | undefined): boolean =>
  one === other || (other !== undefined && canonicalJson(one) === canonicalJson(other))

/**
 * The check, which judges each subject of the question once: most mutants leave alone what most checks look at. A judge
 * looks at the kinds that its check lists, so what it said of them counts for every set in which they are the same.
 */
function judgingOnce(check: Check, { subjects, policy, action }: Question): Check {
  const known = new Map<Subject, Judgement>()
  let last: { readonly observations: Observations; readonly judgement: Judgement } | null = null
  const kinds = [...check.needs, ...check.uses]
  return {
    ...check,
    judge: (observations: Observations, context: JudgeContext): Judgement => {
      const isAsked = context.settings === policy.settings && context.action === action
      if (isAsked && last?.observations === observations) return last.judgement
      const isSame = (one: Subject): boolean =>
        kinds.every((kind) => one.observations.find(kind) === observations.find(kind))
      const same = isAsked ? subjects.find(isSame) : undefined
      const judged = (same === undefined ? undefined : known.get(same)) ?? check.judge(observations, context)
      if (same !== undefined) known.set(same, judged)
      if (isAsked) last = { observations, judgement: judged }
      return judged
    },
  }
}
