import { EXIT, type ExitCode } from '../gate/error.ts'
import type { ClaimSeverity } from '../gate/cold/claim.ts'
import type { ClaimResult, Review, ReviewVerdict } from '../gate/review/review.ts'
import type { AnsweredFinding, ReviewState } from '../gate/review/answer.ts'
import { inTheWay, type ReleaseStanding } from '../gate/review/release.ts'
import { count } from './wording.ts'

export const OUTCOME_WORDS = {
  confirmed: 'confirmed',
  contradicted: 'contradicted',
  'cannot-be-checked': 'cannot be checked',
} as const

export const OUTCOME_MARK = { confirmed: '✓', contradicted: '✗', 'cannot-be-checked': '?' } as const

/** The exit code of a review without its answers. */
export const EXIT_OF_REVIEW: Readonly<Record<ReviewVerdict, ExitCode>> = {
  confirmed: EXIT.pass,
  contradicted: EXIT.fail,
  unproven: EXIT.unproven,
}

/** The exit code of a review with its answers. */
export const EXIT_OF_STATE: Readonly<Record<ReviewState['state'], ExitCode>> = {
  complete: EXIT.pass,
  contradicted: EXIT.fail,
  open: EXIT.unproven,
}

/** `18 claims: 16 confirmed, 1 contradicted (to note), 1 cannot be checked`. */
export function claimCounts({ claims }: Review): string {
  const of = (outcome: keyof typeof OUTCOME_WORDS): string => {
    const found = claims.filter((one) => one.outcome === outcome)
    const noted = found.filter((one) => severityOf(one) === 'discrepancy').length
    const which = noted === 0 ? '' : noted === found.length ? ' (to note)' : ` (${noted} to note)`
    return found.length === 0 ? '' : `${found.length} ${OUTCOME_WORDS[outcome]}${which}`
  }
  const parts = [of('confirmed'), of('contradicted'), of('cannot-be-checked')].filter((one) => one !== '')
  return `${count(claims.length, 'claim')}: ${parts.join(', ')}`
}

const severityOf = ({ claim, outcome }: ClaimResult): ClaimSeverity | null =>
  outcome === 'confirmed' ? null : outcome === 'contradicted' ? claim.severity : claim.unchecked

/** Discrepancies that are contradicted: nothing waits for them, and nobody may overlook them. */
export const contradictedToNote = ({ findings }: Review): number =>
  findings.filter((one) => one.severity === 'discrepancy' && one.outcome === 'contradicted').length

/** `confirmed`, and what is to be noted all the same. */
export function verdictWords(review: Review): string {
  const noted = contradictedToNote(review)
  return noted === 0 ? review.verdict : `${review.verdict}, with ${count(noted, 'contradiction')} to note`
}

/** What the verdict means, in one sentence without a full stop. */
export function verdictMeaning(review: Review): string {
  const noted = contradictedToNote(review)
  const meaning = VERDICT_MEANING[review.verdict]
  if (noted === 0) return meaning
  return `${meaning}; ${noted === 1 ? 'one thing that it says besides is not so, and somebody has' : `${noted} things that it says besides are not so, and somebody has`} to know of it`
}

const VERDICT_MEANING: Readonly<Record<ReviewVerdict, string>> = {
  confirmed: 'what stands in the way of the release was seen again',
  contradicted: 'something that the bundle says is not so',
  unproven: 'something that the bundle says could not be looked at again',
}

/** How a review stands with its answers, in a word that its exit code bears out. */
export function stateWord({ state, findings }: ReviewState): 'CONFIRMED' | 'ANSWERED' | 'CONTRADICTED' | 'UNPROVEN' {
  if (state !== 'complete') return state === 'contradicted' ? 'CONTRADICTED' : 'UNPROVEN'
  return findings.some(({ finding }) => finding.severity === 'blocking') ? 'ANSWERED' : 'CONFIRMED'
}

/** How the answers stand, in one sentence. */
export function stateWords({ state, findings }: ReviewState): string {
  const blocking = findings.filter(({ finding }) => finding.severity === 'blocking')
  const open = blocking.filter((one) => !one.isAnswered).map(({ finding }) => finding.id)
  if (blocking.length === 0) return 'complete: no finding is blocking'
  if (state === 'complete') return `complete: every blocking finding (${blocking.length}) is answered`
  return `not complete: ${open.join(', ')} ${open.length === 1 ? 'waits' : 'wait'} for an answer that counts`
}

/** What two looks come to: a fail of either is a fail, and so is what neither proved. */
export function worseExit(one: ExitCode, other: ExitCode): ExitCode {
  const both = new Set([one, other])
  for (const code of [EXIT.fail, EXIT.unproven]) if (both.has(code)) return code
  return one === EXIT.pass && other === EXIT.pass ? EXIT.pass : EXIT.unproven
}

/** What a review and its release come to, for its last line. */
export interface Standing {
  /** One that the exit code bears out. */
  readonly word: string
  /** A sentence without a full stop. */
  readonly words: string
  readonly exitCode: ExitCode
}

/** How a review with its answers and the release that it is about stand together: the worse one of both. */
export function standingOf(state: ReviewState, release: ReleaseStanding): Standing {
  const ofState = EXIT_OF_STATE[state.state]
  const exitCode = worseExit(ofState, release.exitCode)
  const word = exitCode === ofState ? stateWord(state) : exitCode === EXIT.fail ? 'FAIL' : 'UNPROVEN'
  const words =
    release.exitCode === EXIT.pass
      ? stateWords(state)
      : `the release does not pass: ${inTheWay(release).join('; ')}. The review of it is ${stateWords(state)}`
  return { word, words, exitCode }
}

/** Each answer to a finding, as a line: who, when, with what, and why it does not count. */
export const answerLines = ({ answers }: AnsweredFinding): string[] =>
  answers.map(({ answer: { by, at, evidence, signature }, objection }) => {
    const shown = [
      ...(evidence.text === null ? [] : [evidence.text]),
      ...(evidence.file === null
        ? []
        : [`${evidence.file.name} (${evidence.file.bytes} bytes, sha256:${evidence.file.sha256})`]),
    ].join('; ')
    const counts = objection === null ? '' : ` (does not count: ${objection})`
    return `${by}, ${at}${signature === null ? '' : ', signed'}${counts}: ${shown}`
  })
