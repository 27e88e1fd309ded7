import type { CertifiedObligation, Release } from '../certificate/statement.ts'
import { cannotProve, type Finding, refuse } from '../finding.ts'
import { type Answer, asked, type AskedObligation, inTheWay } from '../obligation.ts'
import type { AdmissionInput, Part } from './input.ts'

const ASK = 'Ask production: seaworthy prove --against URL --out FILE; then give its answers: --answers FILE.'

/** Whether production has answered every question of the certificate well, and lately enough to act now. */
export function judgeObligations({ obligations }: Pick<Release, 'obligations'>, input: AdmissionInput): Part {
  const found = obligations.map((one) => stateFinding(one, input))
  const good = found.filter((one) => one === null).length
  return {
    findings: found.filter((one) => one !== null),
    proved: good === 0 ? [] : [`production answered ${good} of ${obligations.length} questions well`],
  }
}

function stateFinding(one: CertifiedObligation, { answers, now, policy }: AdmissionInput): Finding | null {
  const at = { evaluatedAt: now, maxAgeHours: policy.settings.answersMaxAgeHours }
  const given = answers?.answers.find(({ id }) => id === one.id)
  const known = given !== undefined && isNewer(given, one) ? asked(one, given, at) : certifiedState(one, at)
  const about = { subject: one.subject, hint: ASK }
  const { state, answer } = known
  if (state === 'answered') return null
  if (state === 'violated') {
    return refuse({
      ...about,
      code: 'admission/obligation-violated',
      message: `production says no to "${one.question}"${answer?.rows ? `: ${inTheWay(one, answer.rows)} in the way` : ''}; ${one.consequence}`,
      hint: `Mend the rows in production first, then ask again. What was asked: ${one.sql}`,
    })
  }
  if (state === 'stale') {
    return cannotProve({
      ...about,
      code: 'admission/obligation-stale',
      message: `production's answer to "${one.question}" is of ${answer?.answeredAt ?? one.answeredAt}; it is ${now}, and the policy takes none that is older than ${at.maxAgeHours} hours or of the future`,
    })
  }
  const why = answer?.problem ?? null
  return cannotProve({
    ...about,
    code: 'admission/obligation-open',
    message: `${why === null ? 'production was not asked' : `production could not answer: ${why}`}: ${one.question}; else ${one.consequence}`,
  })
}

/** Of two answers to one question the newer one counts. */
const isNewer = (given: Answer, { answeredAt }: CertifiedObligation): boolean =>
  answeredAt === null || Date.parse(given.answeredAt) >= Date.parse(answeredAt)

/** What the certificate says of the question, at this time: an answer that counted then may be too old by now. */
function certifiedState(
  one: CertifiedObligation,
  at: Parameters<typeof asked>[2],
): Pick<AskedObligation, 'state' | 'answer'> {
  if (one.state !== 'answered' || one.answeredAt === null) {
    return { state: one.state === 'answered' ? 'open' : one.state, answer: null }
  }
  return asked(one, { id: one.id, answeredAt: one.answeredAt, rows: 0, problem: null }, at)
}
