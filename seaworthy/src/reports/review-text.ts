import { SAME_SEEN } from '../gate/cold/claim.ts'
import type { ReleaseStanding } from '../gate/review/release.ts'
import type { ClaimResult, Review } from '../gate/review/review.ts'
import { type AnsweredFinding, stateOf } from '../gate/review/answer.ts'
import { emergencyLines } from './emergencies.ts'
import { cut, plainLine, withoutCiCommands } from './plain-text.ts'
import { laidOut, shortDigests, widthOf } from './review-layout.ts'
import { answerLines, claimCounts, OUTCOME_MARK, OUTCOME_WORDS, standingOf, verdictMeaning } from './review-wording.ts'
import type { ReportedEmergencies } from './run-report.ts'

const LONGEST = 400

/**
 * A review with its answers for a person, and one last line that says how it stands, and how the release does. `columns`: of the
 * terminal, if it is one.
 */
export function reviewText(
  review: Review,
  release: ReleaseStanding,
  columns: number | undefined,
  told: ReportedEmergencies = {},
): string {
  const { word, words, exitCode } = standingOf(stateOf(review), release)
  const last = laidOut(`${word}  `, `${cut(words, LONGEST)} (exit ${exitCode})`, widthOf(columns))
  const open = emergencyLines(told).flatMap((line) => laidOut('', line, widthOf(columns)))
  return `${reviewBody(review, columns, { isEveryClaimShown: false })}${withoutCiCommands(open.map((line) => `${line}\n`).join(''))}${withoutCiCommands(last.join('\n'))}\n`
}

/** The same without the last line: what does not hold or could not be checked, and on request every claim. */
export function reviewBody(
  review: Review,
  columns: number | undefined,
  { isEveryClaimShown }: { readonly isEveryClaimShown: boolean },
): string {
  const { about, claims } = review
  const width = widthOf(columns)
  const line = (head: string, text: string): string[] =>
    laidOut(head, cut(shortDigests(plainLine(text)), LONGEST), width)
  const lines = [
    ...line('review of ', about.candidate.commit ?? 'a candidate without a commit'),
    ...line('  ', `the verdict of the bundle is ${about.verdict}, for ${about.action}`),
    ...line('  ', `judged ${about.evaluatedAt}, good until ${about.expiresAt}, looked at again ${about.reviewedAt}`),
    ...(isEveryClaimShown ? about.asked.flatMap((one) => line('  asked for: ', one)) : []),
    ...(isEveryClaimShown ? about.rehearsed.flatMap((one) => line('  rehearsed: ', one)) : []),
    ...(isEveryClaimShown ? shownClaims(claims).flatMap(([mark, text]) => line(`  ${mark} `, text)) : []),
    ...line('', `${claimCounts(review)}: ${verdictMeaning(review)}`),
    ...stateOf(review).findings.flatMap((one) => findingLines(one, (head, text) => line(head, text))),
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

function findingLines(one: AnsweredFinding, line: (head: string, text: string) => string[]): string[] {
  const { id, severity, outcome, why, claims, needs } = one.finding
  const what = severity === 'blocking' ? 'blocking' : 'to note'
  return [
    ...line(`  ${id} `, `${what}, ${OUTCOME_WORDS[outcome]}: ${why}`),
    ...line('     claims: ', claims.join(', ')),
    ...line('     needs: ', needs),
    ...answerLines(one).flatMap((answer) => line('     answered by ', answer)),
  ]
}

/** Claims as marks and lines: checks that say the same again in one, and of what is confirmed only what is worth knowing. */
function shownClaims(claims: readonly ClaimResult[]): (readonly [mark: string, text: string])[] {
  const same = Map.groupBy(claims, checkedAgain)
  const shown = new Set<string>()
  return claims.flatMap((one): (readonly [string, string])[] => {
    const { claim, outcome, why } = one
    const group = checkedAgain(one)
    if (group === null) return [[OUTCOME_MARK[outcome], why === SAME_SEEN ? claim.says : `${claim.says}: ${why}`]]
    if (shown.has(group)) return []
    shown.add(group)
    const checks = (same.get(group) ?? []).map((each) => each.claim.source)
    return [[OUTCOME_MARK[outcome], `${group}, with the same findings: ${checks.join(', ')}`]]
  })
}

/** `db/migrations, pass again`: what a check said of a folder, where the same was seen; null for any other claim. */
function checkedAgain({ claim, outcome, why }: ClaimResult): string | null {
  const { id, kind, source, expected } = claim
  const begin = `${kind}/${source} `
  if (outcome !== 'confirmed' || why !== SAME_SEEN || !id.startsWith(begin)) return null
  const verdict = typeof expected === 'object' && expected !== null && 'verdict' in expected ? expected.verdict : null
  return typeof verdict === 'string' ? `${id.slice(begin.length)}: ${verdict} again` : null
}
