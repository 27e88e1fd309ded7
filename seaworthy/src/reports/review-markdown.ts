import { SAME_SEEN } from '../gate/cold/claim.ts'
import { EXIT } from '../gate/error.ts'
import { inTheWay, type ReleaseStanding } from '../gate/review/release.ts'
import type { ClaimResult, Review } from '../gate/review/review.ts'
import { type AnsweredFinding, stateOf } from '../gate/review/answer.ts'
import { emergencyBullets } from './emergencies.ts'
import { codeSpan, markdownText } from './markdown-text.ts'
import { cut, plainLine, withoutCiCommands } from './plain-text.ts'
import {
  answerLines,
  claimCounts,
  contradictedToNote,
  OUTCOME_WORDS,
  stateWord,
  stateWords,
  verdictMeaning,
  verdictWords,
} from './review-wording.ts'
import type { ReportedEmergencies } from './run-report.ts'

const LONGEST_CELL = 300
const LONGEST_TEXT = 2_000

const MARK = { confirmed: '✅', contradicted: '❌', 'cannot-be-checked': '❓', unproven: '❓' } as const

/**
 * A review as a document: whose bundle it is about and what stands in the way of the release, every claim with what became of it and on whose word, the findings with
 * what each needs, and the answers; and what the reader's own ledger says of emergencies. Nothing in it becomes HTML, a link or a mention.
 */
export function reviewMarkdown(review: Review, release: ReleaseStanding, told: ReportedEmergencies = {}): string {
  const { about } = review
  const state = stateOf(review)
  const { candidate, certificate } = about
  const parts = [
    `# ${markOf(review, release)} Review: ${verdictWords(review)}${stateWord(state) === 'ANSWERED' ? ', and answered' : ''}${release.exitCode === EXIT.pass ? '' : ', of a release that does not pass'}`,
    `${claimCounts(review)}. ${capital(verdictMeaning(review))}. The review is ${stateWords(state)}.`,
    [
      `- candidate: ${candidate.commit === null ? 'no commit' : codeSpan(candidate.commit)}${candidate.isDirty === false ? '' : ' (not a clean commit)'}`,
      `- verdict of the bundle: ${about.verdict}, for ${about.action}, judged ${about.evaluatedAt}, good until ${about.expiresAt}`,
      ...inTheWay(release).map(
        (line) => `- **in the way of the release**: ${markdownText(cut(plainLine(line), LONGEST_TEXT))}`,
      ),
      ...about.asked.map((line) => `- asked for: ${cell(line)}`),
      ...about.rehearsed.map((line) => `- rehearsed: ${cell(line)}`),
      `- looked at again: ${about.reviewedAt}, with Seaworthy ${codeSpan(about.toolVersion)}`,
      `- certificate: ${codeSpan(certificate.digest)}, signed with the key ${codeSpan(certificate.keyId)}`,
      `- who may answer: ${who(review)}`,
    ].join('\n'),
    emergencyBullets(told),
    '## Findings',
    state.findings.length === 0 ? 'None: every claim is confirmed.' : state.findings.map(findingText).join('\n\n'),
    '## Claims',
    claimTable(review.claims),
    `<sub>review ${codeSpan(review.digest)}</sub>`,
  ]
  return withoutCiCommands(`${parts.filter((part) => part !== '').join('\n\n')}\n`)
}

/** Nothing that is confirmed makes a release good that is not. */
function markOf(review: Review, release: ReleaseStanding): string {
  if (release.exitCode === EXIT.fail) return MARK.contradicted
  if (review.verdict !== 'confirmed') return MARK[review.verdict]
  if (release.exitCode !== EXIT.pass) return MARK.unproven
  return contradictedToNote(review) > 0 ? '⚠️' : MARK.confirmed
}

function who({ about: { policy } }: Review): string {
  const keys =
    policy.reviewers.length === 0 ? 'anybody' : `the keys ${policy.reviewers.map((one) => codeSpan(one)).join(', ')}`
  return `${keys}${policy.isIndependent ? ', but for the key that signed the certificate' : ''}`
}

function findingText(one: AnsweredFinding): string {
  const { finding } = one
  return [
    `### ${finding.id}: ${finding.severity === 'blocking' ? 'blocking' : 'a discrepancy to note'}, ${OUTCOME_WORDS[finding.outcome]}`,
    `${capital(markdownText(cut(plainLine(finding.why), LONGEST_TEXT)))}.`,
    finding.claims.map((id) => `- ${codeSpan(id)}`).join('\n'),
    `Needs: ${markdownText(cut(plainLine(finding.needs), LONGEST_TEXT))}`,
    ...answerLines(one).map((line) => `Answered by ${markdownText(cut(plainLine(line), LONGEST_TEXT))}`),
  ].join('\n\n')
}

function claimTable(claims: readonly ClaimResult[]): string {
  const rows = claims.map(({ claim, looked, outcome, why }) => [
    `${MARK[outcome]} ${OUTCOME_WORDS[outcome]}`,
    codeSpan(claim.id),
    cell(claim.says),
    why === SAME_SEEN ? 'the same' : cell(why),
    looked.status === 'seen' ? cell(looked.witness) : '',
  ])
  return [['', 'claim', 'it says', 'what was seen', 'on whose word'], Array.from({ length: 5 }, () => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const cell = (text: string): string => markdownText(cut(plainLine(text), LONGEST_CELL))

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
