import type { Review } from '../gate/review.ts'
import { stateOf } from '../gate/review-answer.ts'
import { cut, plainLine, withoutCiCommands } from './plain-text.ts'
import {
  answerLines,
  claimCounts,
  EXIT_OF_STATE,
  OUTCOME_MARK,
  OUTCOME_WORDS,
  stateWords,
  VERDICT_MEANING,
} from './review-wording.ts'

const LONGEST = 400

/** A review for a person: what does not hold or could not be checked, and how the answers stand. */
export function reviewText(review: Review, { isEveryClaimShown }: { readonly isEveryClaimShown: boolean }): string {
  const { about, claims, verdict } = review
  const state = stateOf(review)
  const shown = isEveryClaimShown ? claims : []
  const lines = [
    `review of ${about.candidate.commit ?? 'a candidate without a commit'}, judged ${about.evaluatedAt}, looked at again ${about.reviewedAt}`,
    ...(isEveryClaimShown ? about.asked.map((one) => line(`  asked for: ${one}`)) : []),
    ...shown.map(({ claim, outcome, why }) => line(`  ${OUTCOME_MARK[outcome]} ${claim.says}`, `: ${why}`)),
    `${claimCounts(review)}: ${VERDICT_MEANING[verdict]}`,
    ...state.findings.flatMap((one) => {
      const { finding } = one
      return [
        line(`  ${finding.id} ${finding.severity}, ${OUTCOME_WORDS[finding.outcome]}`, `: ${finding.why}`),
        line(`     claims: ${finding.claims.join(', ')}`),
        line(`     needs: ${finding.needs}`),
        ...answerLines(one).map((answer) => line(`     answered by ${answer}`)),
      ]
    }),
    `${verdict.toUpperCase()}  ${stateWords(state)} (exit ${EXIT_OF_STATE[state.state]})`,
  ]
  return `${withoutCiCommands(lines.join('\n'))}\n`
}

const line = (...parts: readonly string[]): string => {
  const text = parts.join('')
  const indent = /^ */.exec(text)?.[0] ?? ''
  return indent + cut(plainLine(text.trimStart()), LONGEST)
}
