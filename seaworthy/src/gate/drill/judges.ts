import { openFamilies } from '../allow.ts'
import { answer } from '../answer.ts'
import { canonicalJson } from '../canonical.ts'
import { type Check, type JudgeContext, type Mutant, runCheck } from '../check.ts'
import { type DrillRow, isNotHere } from './drill.ts'
import { whyLetThrough } from './survivor.ts'
import { evaluate, type Evaluation, type Question, type Subject, type SubjectResult } from '../evaluate.ts'
import { familyOf, type Finding } from '../finding.ts'
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
  const judging = asked.checks.find(({ id }) => id === check)
  const by = judging === undefined ? [] : newlyRefusedBy(trial, judging, made)
  if (by.length > 0) return { outcome: 'refused', by, why: null }
  const after = evaluate({ ...asked, subjects: [{ ...subject, observations: made }] })
  const isOwn = (one: SubjectResult): boolean => one.check === check && one.subject === subject.name
  const own = { before: base.results.find(isOwn), after: after.results.find(isOwn) }
  // It says nothing new: then it refuses by what it no longer proves.
  if (isRefusal(own.after) && !isRefusal(own.before)) {
    return { outcome: 'refused', by: [], why: 'the check proves nothing of it' }
  }
  return { by: [], ...whyLetThrough({ question: asked, base, after, subject, made, check, mutant, own }) }
}

/**
 * The codes of what the check newly says after everybody has answered who may answer for it: then the whole gate says no
 * as well, whatever it says besides. What nobody can answer for needs no asking of other checks, which takes long.
 */
function newlyRefusedBy({ asked, subject }: Trial, judging: Check, made: Observations): readonly string[] {
  const { policy, evaluatedAt, action, checks } = asked
  const context = { evaluatedAt, settings: policy.settings, action }
  const newly = (said: (observations: Observations) => readonly Finding[]): readonly Finding[] => {
    const known = new Set(said(subject.observations).map(keyOf))
    return said(made).filter((one) => one.outcome !== 'none' && !known.has(keyOf(one)))
  }
  const raw = newly((observations) => runCheck(judging, observations, context).findings)
  if (raw.length > 0 && raw.every((one) => isUnanswerable(one, policy))) return codesOf(raw)
  const answering = checks.filter((one) => one === judging || one.canAnswerForOthers !== false)
  const standing = newly((observations) => {
    const results = answering.map((one) => runCheck(one, observations, context))
    const { answered } = answer(results, policy, evaluatedAt)
    return answered.filter(({ result }) => result.check === judging.id).flatMap(({ findings }) => findings)
  })
  return codesOf(standing)
}

const isUnanswerable = (finding: Finding, { accept, settings }: Policy): boolean =>
  finding.outcome === 'unproven' ||
  (!isSettleable(finding) &&
    !openFamilies(settings.inlineAcceptance).includes(familyOf(finding.code)) &&
    !accept.some((one) => one.code === finding.code))

const isRefusal = (result: SubjectResult | undefined): boolean =>
  result?.verdict === 'fail' || result?.verdict === 'unproven'

const keyOf = ({ code, where, subject, outcome }: Finding): string => canonicalJson({ code, where, subject, outcome })

const codesOf = (findings: readonly Finding[]): readonly string[] => [...new Set(findings.map(({ code }) => code))]

/** Whether anything that was observed is not what it was. */
function isDamaged(before: Observations, after: Observations): boolean {
  const old = new Map([...before].map((one) => [one.kind, one]))
  const made = [...after]
  return made.length !== old.size || made.some((one) => !isSame(one, old.get(one.kind)))
}

const isSame = (one: Observation, other: Observation | undefined): boolean =>
  one === other || (other !== undefined && canonicalJson(one) === canonicalJson(other))

/**
 * The check, which judges each set of observations once, and a subject of the question only once with all the mutants
 * that leave alone what it looks at. A judge looks at the kinds that its check lists, so what it said of them counts for
 * every set in which they are the same.
 */
function judgingOnce(check: Check, { subjects, policy, action }: Question): Check {
  const known = new WeakMap<Observations, Judgement>()
  const kinds = [...check.needs, ...check.uses]
  return {
    ...check,
    judge: (observations: Observations, context: JudgeContext): Judgement => {
      if (context.settings !== policy.settings || context.action !== action) return check.judge(observations, context)
      const isSame = (one: Subject): boolean =>
        kinds.every((kind) => one.observations.find(kind) === observations.find(kind))
      const key = subjects.find(isSame)?.observations ?? observations
      const judged = known.get(key) ?? check.judge(observations, context)
      known.set(key, judged)
      return judged
    },
  }
}
