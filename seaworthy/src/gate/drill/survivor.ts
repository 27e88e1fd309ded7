import { canonicalJson } from '../canonical.ts'
import { type Action, type CheckSettings, type Mutant, runCheck } from '../check.ts'
import type { DrillRow } from './drill.ts'
import type { Evaluation, Question, Subject, SubjectResult } from '../evaluate.ts'
import { familyOf, type Finding, type Where } from '../finding.ts'
import type { Observations } from '../observation.ts'
import { DEFAULT_POLICY } from '../policy.ts'

/** A mutant that its check does not refuse, and both answers of the gate. */
export interface LetThrough {
  readonly question: Question
  readonly base: Evaluation
  readonly after: Evaluation
  readonly subject: Subject
  /** What the mutant made of the subject's observations. */
  readonly made: Observations
  readonly check: string
  readonly mutant: Mutant
  /** What the mutant's own check said before and after; undefined if it did not run. */
  readonly own: { readonly before: SubjectResult | undefined; readonly after: SubjectResult | undefined }
}

/** Why a mutant is not refused by the check that it belongs to, and whether that is the gate's fault at all. */
export function whyLetThrough(one: LetThrough): Pick<DrillRow, 'outcome' | 'why'> {
  const { before, after } = one.own
  if (after === undefined) return whyNotRun(one)
  const answered = acceptedBy(one) ?? allowedBy(one) ?? overruledBy(one)
  if (answered !== null) return { outcome: 'survived', why: answered }
  const condition = conditionOf(one)
  if (condition !== null) return { outcome: 'not-here', why: condition }
  const refused = refusalsOf(before)
  if (refused.length > 0) {
    return {
      outcome: 'unproven',
      why: `the last run is refused as it is, and the mutant adds nothing to what ${one.check} says: ${refused.join(', ')}`,
    }
  }
  const loosened = neededSettings(one, DEFAULT_POLICY.settings)
  if (loosened === null) return { outcome: 'survived', why: notSeenBy(one.check, before, after) }
  return { outcome: 'survived', why: `the policy lets it through; with ${loosened} it is refused` }
}

function whyNotRun({ question, check }: LetThrough): Pick<DrillRow, 'outcome' | 'why'> {
  const { action, policy, isPartial } = question
  if (!policy.required[action].includes(check)) {
    return {
      outcome: 'survived',
      why: `${check} did not run, and the policy does not require it for ${nameOf(action)}`,
    }
  }
  if (isPartial) return { outcome: 'survived', why: `${check} did not run: the run was limited by --only` }
  return {
    outcome: 'unproven',
    why: `${check} did not run; the policy requires it, so that the gate passes nothing at all`,
  }
}

const nameOf = (action: Action): string => (action === 'deploy' ? 'a deploy' : 'a pull request')

/** Entries about this check and subject that only the damaged set has. */
function added<T extends Entry>(one: LetThrough, after: readonly T[], before: readonly T[]): T[] {
  const isOurs = (entry: Entry): boolean => entry.check === one.check && entry.subject === one.subject.name
  const known = new Set(before.filter(isOurs).map(keyOf))
  return after.filter((entry) => isOurs(entry) && !known.has(keyOf(entry)) && entry.finding.outcome !== 'none')
}

interface Entry {
  readonly check: string
  readonly subject: string
  readonly finding: Finding
}

const keyOf = ({ finding }: Entry): string => canonicalJson([finding.code, finding.where, finding.subject])

function acceptedBy(one: LetThrough): string | null {
  const [entry] = added(one, one.after.accepted, one.base.accepted)
  if (entry === undefined) return null
  const { code, file, subject, author, expires, reason } = entry.acceptance
  const limits = [file, subject].filter((part) => part !== undefined)
  return `accepted by the policy: ${[code, ...limits].join(', ')} until ${expires} by ${author} (${reason})`
}

function allowedBy(one: LetThrough): string | null {
  const [entry] = added(one, one.after.allowed, one.base.allowed)
  if (entry === undefined) return null
  const { finding, comment, reason } = entry
  return `allowed by the comment at ${placeOf(comment)}: ${finding.code} (${reason}); the policy lets a comment accept ${familyOf(finding.code)}`
}

const placeOf = ({ file, line }: Where): string => `${file}:${line}`

function overruledBy(one: LetThrough): string | null {
  const [entry] = added(one, one.after.overruled, one.base.overruled)
  return entry === undefined ? null : `overruled by ${entry.by}: ${entry.finding.code} (${entry.why})`
}

/** What the mutant says it takes to be a harm, where this run was asked for something else, and that it is one then. */
function conditionOf(one: LetThrough): string | null {
  const { action, settings } = one.mutant.context ?? {}
  const { question } = one
  if (action !== undefined && action !== question.action && isRefusedUnder(one, question.policy.settings, action)) {
    return `it is only refused for ${nameOf(action)}`
  }
  const needed = settings === undefined ? null : neededSettings(one, settings)
  return needed === null ? null : `it is only refused where the policy says ${needed}`
}

/** Which of these settings, where the policy has others, would make the check refuse it; null if not even all of them do. */
function neededSettings(one: LetThrough, wanted: CheckSettings): string | null {
  const given: CheckSettings = one.question.policy.settings
  const known = new Map<string, unknown>(Object.entries(given))
  const different = Object.entries(wanted).filter(([name, value]) => !isEqual(value, known.get(name)))
  if (different.length === 0) return null
  const alone = different.find(([name, value]) => isRefusedUnder(one, { ...given, [name]: value }))
  if (alone !== undefined) return told([alone])
  return isRefusedUnder(one, wanted) ? told(different) : null
}

const told = (settings: readonly (readonly [name: string, value: unknown])[]): string =>
  settings.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ')

const isEqual = (a: unknown, b: unknown): boolean => canonicalJson([a]) === canonicalJson([b])

/** Whether the mutant's own check would refuse it under other settings, and does not refuse the run as it is by them. */
function isRefusedUnder(one: LetThrough, settings: CheckSettings, action: Action = one.question.action): boolean {
  const check = one.question.checks.find(({ id }) => id === one.check)
  if (check === undefined) return false
  const context = { evaluatedAt: one.question.evaluatedAt, settings, action }
  const isRefused = (observations: Observations): boolean =>
    ['fail', 'unproven'].includes(runCheck(check, observations, context).verdict)
  return isRefused(one.made) && !isRefused(one.subject.observations)
}

const refusalsOf = (result: SubjectResult | undefined): readonly string[] => {
  if (result?.verdict !== 'fail' && result?.verdict !== 'unproven') return []
  const said = [...result.findings, ...result.carried].filter((finding) => finding.outcome !== 'none')
  return said.length === 0 ? ['nothing is proved'] : [...new Set(said.map((finding) => finding.code))]
}

/** The check ran and does not refuse: what it says instead. */
function notSeenBy(check: string, before: SubjectResult | undefined, after: SubjectResult): string {
  if (after.verdict === 'not-applicable') return `${check} does not apply: ${after.reason ?? 'no reason is given'}`
  const known = new Set(before?.findings.map((finding) => canonicalJson(finding)))
  const warned = after.findings.filter((one) => one.severity === 'warning' && !known.has(canonicalJson(one)))
  const codes = [...new Set(warned.map((finding) => finding.code))]
  return codes.length > 0 ? `${check} only warns of it: ${codes.join(', ')}` : `${check} does not see it`
}
