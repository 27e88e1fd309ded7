import { canonicalJson } from '../canonical.ts'
import type { Action } from '../check.ts'
import type { DrillRow, World, WorldChange } from './drill.ts'
import { evaluate, type Evaluation, type Question, type SubjectResult } from '../evaluate.ts'
import { familyOf, type Finding, type Where } from '../finding.ts'

/** A bad world that the whole gate was asked about, beside the same project as it is (the control). */
export interface JudgedWorld {
  readonly check: string
  readonly world: World
  readonly change: WorldChange
  readonly subject: string
  readonly control: Answered
  readonly answered: Answered
}

export interface Answered {
  readonly question: Question
  readonly evaluation: Evaluation
}

/** What a row says of a bad world before anything came of it. */
export const aboutWorld = (
  check: string,
  world: World,
  subject: string,
): Pick<DrillRow, 'check' | 'world' | 'title' | 'subject' | 'family'> & { readonly tier: 'world' } => ({
  tier: 'world',
  check,
  world: world.name,
  title: world.title,
  subject,
  family: world.refusedBy[0] === undefined ? null : familyOf(world.refusedBy[0]),
})

/** The same question without one check, and what the gate says then. */
export function withoutCheck(question: Question, check: string): Answered {
  const less = { ...question, checks: question.checks.filter(({ id }) => id !== check) }
  return { question: less, evaluation: evaluate(less) }
}

/**
 * What came of a bad world. It is refused only if the gate does not pass it, and says so by a finding that this world is
 * to be refused by and that it does not have about the project as it is.
 */
export function worldRow(judged: JudgedWorld): DrillRow {
  const { check, world, subject, control, answered } = judged
  const row = aboutWorld(check, world, subject)
  const { evaluation } = answered
  const known = new Set(against(control.evaluation, subject).map(keyOf))
  const all = against(evaluation, subject)
  const fresh = all.filter((one) => !known.has(keyOf(one)))
  const meant = all.filter(({ code }) => world.refusedBy.includes(code))
  const by = codesOf(meant.filter((one) => fresh.includes(one)))
  if (evaluation.verdict !== 'pass' && by.length > 0) return { ...row, outcome: 'refused', by, why: null }
  if (evaluation.verdict !== 'pass' && meant.length > 0) {
    return { ...row, outcome: 'unproven', by: codesOf(meant), why: hiddenBy(meant) }
  }
  const why = openedBy(judged)
  if (evaluation.verdict === 'pass' || fresh.length === 0) return { ...row, outcome: 'survived', by: [], why }
  const others = codesOf(fresh)
  return {
    ...row,
    outcome: 'unproven',
    by: others,
    why: `refused for another reason (${others.join(', ')}), which proves nothing about the harm itself: ${why}`,
  }
}

/** The project as it is has it already, by what the release brings or by what it is itself. */
function hiddenBy(meant: readonly Said[]): string {
  const codes = codesOf(meant).join(', ')
  const whose = [...new Set(meant.map(({ subject, where }) => where?.file ?? subject).filter((one) => one !== null))]
  return `hidden: the project as it stands has ${codes} already (${whose.join(', ')}), so nothing new can be told from it. Mend that first, or drill on the base, without this release`
}

type Said = Pick<Finding, 'code' | 'subject' | 'outcome'> & { readonly where: Where | null }

/** Everything that stands against the release: of this subject, and about the policy. */
function against(evaluation: Evaluation, subject: string): readonly Said[] {
  const own = evaluation.results.filter((one) => one.subject === subject)
  const all: readonly Said[] = [...told(evaluation, subject), ...own.flatMap((one) => one.carried)]
  return all.filter(({ outcome }) => outcome !== 'none')
}

const keyOf = ({ code, subject, where }: Said): string => canonicalJson([code, subject, where?.file ?? null])

const codesOf = (findings: readonly Said[]): string[] => [...new Set(findings.map(({ code }) => code))]

/** What opens the way to a bad world that is not refused by what it should be, in words. */
function openedBy({ check, world, change, subject, control, answered }: JudgedWorld): string {
  const { question, evaluation } = answered
  const isMeant = ({ code }: { readonly code: string }): boolean => world.refusedBy.includes(code)
  if (change.leftOut !== undefined) return whyMayBeLeftOut(change.leftOut, question)
  const known = new Set(told(control.evaluation, subject).map(keyOf))
  const isBrought = ({ code }: Finding): boolean => code === BROUGHT && change.configuration !== undefined
  const mild = told(evaluation, subject).find((one) => isMeant(one) && (isBrought(one) || !known.has(keyOf(one))))
  // What the release brings itself opens the way to all the rest, also where it brings a configuration as it is.
  if (mild?.code === BROUGHT) return mildly(mild)
  const accepted = evaluation.accepted.find((one) => one.subject === subject && isMeant(one.finding))
  if (accepted !== undefined) {
    const { code, author, expires, reason } = accepted.acceptance
    return `accepted by the policy: ${code} until ${expires} by ${author} (${reason})`
  }
  const allowed = evaluation.allowed.find((one) => one.subject === subject && isMeant(one.finding))
  if (allowed !== undefined) {
    return `allowed by the comment at ${allowed.comment.file}:${allowed.comment.line}: ${allowed.finding.code} (${allowed.reason})`
  }
  const overruled = evaluation.overruled.find((one) => one.subject === subject && isMeant(one.finding))
  if (overruled !== undefined) return `overruled by ${overruled.by}: ${overruled.finding.code} (${overruled.why})`
  if (mild !== undefined) return mildly(mild)
  return whySilent(
    check,
    evaluation.results.find((one) => one.check === check && one.subject === subject),
    question,
  )
}

/** What is told of this subject and of the policy, in a list of its own, whatever it makes of the verdict. */
const told = ({ results, policyFindings }: Evaluation, subject: string): readonly Finding[] => [
  ...policyFindings,
  ...results.filter((one) => one.subject === subject).flatMap((one) => one.findings),
]

const mildly = ({ severity, code }: Finding): string => `only told as a ${severity}: ${code}${HOW[code] ?? ''}`

const BROUGHT = 'policy/input-changed'

/** What would make more of it than a warning. */
const HOW: Readonly<Record<string, string>> = {
  [BROUGHT]: ' (read the configuration from the base, where the release cannot change it: --config-from REF)',
  'obligation/database-not-compared': ' (give the shape of production, --shape FILE: it names its database)',
}

const nameOf = (action: Action): string => (action === 'deploy' ? 'a deploy' : 'a pull request')

function whyMayBeLeftOut(check: string, { isPartial, policy, action }: Question): string {
  if (isPartial) return 'the run is limited by --only, and misses no other check'
  return policy.required[action].includes(check)
    ? 'the gate passes although it is required'
    : `the policy does not require ${check} for ${nameOf(action)}`
}

function whySilent(check: string, own: SubjectResult | undefined, { isPartial }: Question): string {
  if (own === undefined) return `${check} did not run${isPartial ? ': the run is limited by --only' : ''}`
  if (own.verdict === 'not-applicable') return `${check} does not apply: ${own.reason ?? 'no reason is given'}`
  return 'no check says anything of it'
}
