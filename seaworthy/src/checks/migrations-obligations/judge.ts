import type { JudgeContext } from '../../gate/check.ts'
import { cannotProve, type Finding, notApplied, note, refuse } from '../../gate/finding.ts'
import { type AnswerState, asked, inTheWay, type Obligation, shortIdentity } from '../../gate/obligation.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Judgement } from '../../gate/verdict.ts'
import { effects, type Effects } from '../../observers/effects/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { type Answering, answering } from './answering.ts'
import { judgeConflicts } from './conflicts.ts'
import { type Asking, derive, type Derived, type Unasked } from './derive.ts'
import { isStill } from '../still.ts'

type Asked = Asking & AnswerState & Obligation
type Failure = NonNullable<Effects['failure']>

/** What `derive` finds where nothing was sent and nothing has changed. */
const NOTHING_ASKED: Derived = { obligations: [], unasked: [], unclear: [] }

/** What `prove` does is said at every open question. */
const ASK =
  'Ask production: seaworthy prove --against URL; then seaworthy check --action deploy --answers seaworthy-answers.json. Give both the same --shape, if there is one.'

/** Judges what the release asks of production's rows, and what production has said to it. */
export function judge(observations: Observations, context: JudgeContext): Judgement {
  const tree = observations.need(migrationTree)
  const what = observations.need(pending)
  const seen = observations.need(effects)
  const derived = what.files.length === 0 && isStill(seen) ? NOTHING_ASKED : derive(tree, what.files, seen)
  const { given, findings: aboutServer } = answering(observations, context.action === 'deploy')
  const questions = derived.obligations.map((one) => askedOf(one, given, context))
  const isDeploy = context.action === 'deploy'
  const findings = [
    ...(seen.failure === null ? [] : [incomplete(seen.failure)]),
    ...(questions.length === 0 ? [] : aboutServer),
    ...questions.flatMap((one) => questionFinding(one, context)),
    ...derived.unasked.map((one) => unaskedFinding(one, isDeploy)),
    ...derived.unclear.map((table) => unclearFinding(table)),
    ...judgeConflicts(seen, derived),
  ]
  return { findings, proved: provedBy(questions, derived, given), obligations: questions.map(plain) }
}

const plain = ({
  id,
  question,
  subject,
  where,
  sql,
  rowsSql,
  failsFrom,
  consequence,
  code,
}: Obligation): Obligation => ({
  id,
  question,
  subject,
  where,
  sql,
  rowsSql,
  failsFrom,
  consequence,
  code,
})

function askedOf(obligation: Asking & Obligation, given: Answering['given'], context: JudgeContext): Asked {
  const answer = given?.answers.find((one) => one.id === obligation.id)
  const { evaluatedAt, settings } = context
  return asked(obligation, answer, { evaluatedAt, maxAgeHours: settings.answersMaxAgeHours })
}

function provedBy(questions: readonly Asked[], derived: Derived, given: Answering['given']): string[] {
  if (questions.length === 0) {
    return derived.unasked.length === 0
      ? ['the release asks nothing of the rows that production has']
      : ['what the release asks of the rows that production has is known']
  }
  const known = `what the release asks of the rows that production has is known: ${questions.length} ${questions.length === 1 ? 'question' : 'questions'}`
  const [oldest, ...others] = questions
    .flatMap((one) => (one.state === 'answered' ? one.answer.answeredAt : []))
    .toSorted()
  if (oldest === undefined || given === undefined) return [known]
  return [
    known,
    `production (${shortIdentity(given.server.identity)}) answered ${others.length + 1} of ${questions.length} well, the oldest answer being of ${oldest}`,
  ]
}

function questionFinding(one: Asked, context: JudgeContext): Finding[] {
  const isDeploy = context.action === 'deploy'
  const { subject, where, endLine } = one
  if (one.state === 'answered') return []
  if (one.state === 'violated') {
    return [
      refuse({
        code: one.code,
        message: `production says no to "${one.question}": ${inTheWay(one, one.answer.rows)} in the way; ${one.consequence}`,
        where,
        subject,
        endLine,
        hint: `Mend the rows in production first, then ask again. To see some of them: ${one.rowsSql}`,
        proof: `answered at ${one.answer.answeredAt}`,
      }),
    ]
  }
  if (!isDeploy) {
    return [
      note({
        code: one.code,
        message: `only production can say: ${one.question}; else ${one.consequence}`,
        where,
        subject,
        endLine,
        hint: ASK,
      }),
    ]
  }
  if (one.state === 'stale') {
    return [
      cannotProve({
        code: 'obligation/stale-answer',
        message: `production's answer to "${one.question}" ${whyStale(one.answer.answeredAt, context)}`,
        where,
        subject,
        endLine,
        hint: ASK,
      }),
    ]
  }
  const problem = one.answer?.problem ?? null
  const why = problem === null ? 'production was not asked' : `production could not answer: ${problem}`
  return [
    cannotProve({
      code: 'obligation/unanswered',
      message: `${why}: ${one.question}; else ${one.consequence}`,
      where,
      subject,
      endLine,
      hint: ASK,
    }),
  ]
}

/** Why an answer of that time does not count. */
function whyStale(answeredAt: string, { evaluatedAt, settings }: JudgeContext): string {
  const ageHours = (Date.parse(evaluatedAt) - Date.parse(answeredAt)) / 3_600_000
  if (Number.isNaN(ageHours)) return `has no date that can be read (${answeredAt})`
  return ageHours < 0
    ? `is dated ${answeredAt}, which is in the future: the clock of production, or of this machine, is wrong`
    : `is of ${answeredAt}, ${Math.floor(ageHours)} hours ago, and the policy takes none that is older than ${settings.answersMaxAgeHours} hours`
}

function unaskedFinding({ wanted, statement, why, isSettled }: Unasked, isDeploy: boolean): Finding {
  const about = {
    where: statement?.where ?? null,
    endLine: statement?.endLine ?? null,
    subject: wanted.subject,
  }
  if (isSettled) {
    return note({
      ...about,
      code: 'obligation/settled-by-release',
      message: `${wanted.question}: production is not asked, since ${why}`,
      hint: 'Rows like those of production (--seed-sql FILE) make the rehearsal say more.',
    })
  }
  const input = {
    ...about,
    code: 'obligation/not-askable',
    message: `${wanted.question}: production cannot be asked, since ${why}; ${wanted.consequence} if it is not so`,
    hint: 'Do what it depends on in a release before this one; then production can be asked.',
  }
  return isDeploy ? cannotProve(input) : note(input)
}

const unclearFinding = (table: string): Finding =>
  cannotProve({
    code: 'obligation/not-askable',
    message: `nobody can say under which name production has the rows of ${table}, so nothing is known of what is asked of them`,
    subject: `table ${table}`,
    hint: 'Rename it by a statement of its own (ALTER TABLE … RENAME TO …), in a migration of its own.',
  })

const incomplete = (failure: Failure): Finding =>
  cannotProve({
    code: 'unproven/obligations-incomplete',
    message: `migration ${failure.version} did not apply (${failure.error.message}), so nobody knows what it and those after it ask of production's rows`,
    where: { file: failure.file, line: failure.statement?.line ?? 1, column: failure.statement?.column ?? 1 },
    subject: `migration ${failure.version}`,
    hint: 'Mend what keeps it from applying, then run again.',
    cause: notApplied(failure.version),
  })
