import { EXIT, type ExitCode } from '../gate/error.ts'
import type { Review, ReviewVerdict } from '../gate/review.ts'
import type { AnsweredFinding, ReviewState } from '../gate/review-answer.ts'
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

/** `18 claims: 16 confirmed, 1 contradicted, 1 cannot be checked`. */
export function claimCounts({ claims }: Review): string {
  const of = (outcome: keyof typeof OUTCOME_WORDS): string => {
    const found = claims.filter((one) => one.outcome === outcome).length
    return found === 0 ? '' : `${found} ${OUTCOME_WORDS[outcome]}`
  }
  const parts = [of('confirmed'), of('contradicted'), of('cannot-be-checked')].filter((one) => one !== '')
  return `${count(claims.length, 'claim')}: ${parts.join(', ')}`
}

export const VERDICT_MEANING: Readonly<Record<ReviewVerdict, string>> = {
  confirmed: 'what the bundle says was seen again, as far as it stands in the way of the release',
  contradicted: 'something that the bundle says is not so',
  unproven: 'something that the bundle says could not be looked at again',
}

/** How the answers stand, in one sentence. */
export function stateWords({ state, findings }: ReviewState): string {
  const blocking = findings.filter(({ finding }) => finding.severity === 'blocking')
  const open = blocking.filter((one) => !one.isAnswered).map(({ finding }) => finding.id)
  if (blocking.length === 0) return 'complete: nothing stands in the way'
  if (state === 'complete') return `complete: every blocking finding (${blocking.length}) is answered`
  return `not complete: ${open.join(', ')} ${open.length === 1 ? 'waits' : 'wait'} for an answer that counts`
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
    return `${by}, ${at}${signature === null ? '' : ', signed'}: ${shown}${counts}`
  })
