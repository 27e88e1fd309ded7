import { answering } from '../../checks/migrations-obligations/answering.ts'
import type { Candidate } from '../../gate/certificate/candidate.ts'
import { preconditionsOf } from '../../gate/certificate/precondition.ts'
import type { CertificateInput, LedgerHead } from '../../gate/certificate/statement.ts'
import type { Evaluation, Question } from '../../gate/evaluate.ts'
import { asked, type AskedObligation, type Obligation } from '../../gate/obligation.ts'

/** A run, or what a bundle says of one. */
export interface CertifiedRun {
  readonly question: Question
  readonly evaluation: Evaluation
  readonly candidate: Candidate
  /** SHA-256 of each of the bundle's files, `manifest.json` among them. */
  readonly digests: ReadonlyMap<string, string>
  readonly toolVersion: string
  readonly ledgerHead: LedgerHead | null
}

/**
 * What the statement about a run is made of (`statementOf`). Pure: a run and whoever reads its bundle make the same. The
 * checks of the question have to be those that judge, or know the same preconditions.
 */
export function certificateInput(run: CertifiedRun): CertificateInput {
  const { question, evaluation, candidate, digests, toolVersion, ledgerHead } = run
  const rules = question.checks.flatMap((check) => check.preconditions ?? [])
  return {
    question,
    evaluation,
    candidate,
    digests,
    toolVersion,
    ledgerHead,
    obligations: evaluation.obligations.map((one) => askedIn(question, one)),
    preconditions: question.subjects.flatMap(({ name, observations }) => preconditionsOf(name, observations, rules)),
  }
}

/** A question with its answer, from whichever folder's observations has one that counts, and the database that gave it. */
export function askedIn(
  { subjects, evaluatedAt, policy }: Question,
  obligation: Obligation,
): AskedObligation & { readonly witness: string | null } {
  const given = subjects.flatMap(({ observations }) => {
    const found = answering(observations, false).given
    return (found?.answers ?? []).map((answer) => ({ answer, witness: found?.server.identity ?? null }))
  })
  const one = given.find(({ answer }) => answer.id === obligation.id)
  const at = { evaluatedAt, maxAgeHours: policy.settings.answersMaxAgeHours }
  return { ...asked(obligation, one?.answer, at), witness: one?.witness ?? null }
}
