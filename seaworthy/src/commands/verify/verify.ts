import type { KeyObject } from 'node:crypto'
import { candidateOf } from '../check/candidate.ts'
import { certificateInput } from '../check/certify.ts'
import { problemOf } from '../../evidence/problem.ts'
import { questionOfBundle } from '../../evidence/question.ts'
import { type ReadBundle, readBundle } from '../../evidence/read.ts'
import { readStatement } from '../../evidence/statement.ts'
import { sha256 } from '../../gate/canonical.ts'
import type { CandidateMigrations } from '../../gate/certificate/candidate.ts'
import { type Statement, statementOf } from '../../gate/certificate/statement.ts'
import type { Evaluation, Question } from '../../gate/evaluate.ts'
import type { Policy } from '../../gate/policy.ts'
import {
  candidateStep,
  certificateStep,
  policyStep,
  showReplay,
  showSignature,
  showStatement,
  timeStep,
} from '../../gate/verify/replay.ts'
import {
  holds,
  refused,
  resultOf,
  type Step,
  type StepName,
  unproven,
  type VerifyResult,
} from '../../gate/verify/verification.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { foldersSeen } from './folder-seen.ts'

/** What a verifier brings. Nothing of it comes from the bundle. */
export interface VerifyRequest {
  /** The bundle's folder. */
  readonly dir: string
  readonly key: KeyObject
  /** `embedded`: the verifier reads the bundle's own in the output. */
  readonly policy: Policy | 'embedded'
  /** As of when. */
  readonly now: Date
  /** Of this program. */
  readonly toolVersion: string
}

/** A verification, and what was verified, as far as it came. */
export interface Verification {
  readonly result: VerifyResult
  /** Null where the folder holds none. */
  readonly bundle: ReadBundle | null
  /** What was signed with the verifier's key about this bundle; null where nothing was. */
  readonly statement: Statement | null
  /** The question with every judge's answer of now; null where they could not be asked. */
  readonly replayed: { readonly question: Question; readonly evaluation: Evaluation } | null
}

/**
 * Verifies an evidence bundle offline, step by step: files, signature, statement, judges, candidate, replay, certificate,
 * time, policy. Stops where nothing that follows could be believed; whatever is not looked at is unproven.
 * @throws SeaworthyError only for what is no fault of the bundle.
 */
export async function verifyBundle(request: VerifyRequest): Promise<Verification> {
  const { bundle, step } = await filesStep(request.dir)
  if (bundle === null) return { result: resultOf([step], null), bundle, statement: null, replayed: null }
  const trust = trustOf(bundle, request.key)
  const steps = [step, ...trust.steps]
  if (steps.some((one) => one.outcome === 'refused'))
    return { result: resultOf(steps, null), bundle, statement: null, replayed: null }
  const asked = await judgesStep(bundle)
  if (asked.question === null) {
    return { result: resultOf([...steps, asked.step], null), bundle, statement: trust.statement, replayed: null }
  }
  const { question } = asked
  const { evaluation, ...replay } = showReplay(question, bundle.manifest, bundle.files, request.toolVersion)
  const replayed = { question, evaluation }
  const result = resultOf(
    [
      ...steps,
      asked.step,
      candidateStep(bundle.manifest, observedMigrations(question), foldersSeen(question)),
      replay.step,
      ...(replay.evidence === null || trust.statement === null || trust.payload === null
        ? []
        : [certificateStep(trust.payload, rebuilt(bundle, replayed, trust.statement))]),
      timeStep(question, evaluation, request.now),
      policyStep(question.policy, request.policy),
    ],
    evaluation.verdict,
  )
  return { result, bundle, statement: trust.statement, replayed }
}

async function filesStep(dir: string): Promise<{ bundle: ReadBundle | null; step: Step }> {
  try {
    const bundle = await readBundle(dir)
    return { bundle, step: holds('files', `${bundle.files.size} files, and each is what the manifest says`) }
  } catch (error) {
    return { bundle: null, step: stepOf('files', error) }
  }
}

/** Who vouches for the bundle. */
function trustOf(
  { certificate, files }: ReadBundle,
  key: KeyObject,
): { steps: readonly Step[]; payload: string | null; statement: Statement | null } {
  const signature = showSignature(certificate, key)
  const payload = signature.evidence
  if (payload === null) return { steps: [signature.step], payload, statement: null }
  const shown = showStatement(readStatement(payload), files.get('manifest.json') ?? '')
  return { steps: [signature.step, shown.step], payload, statement: shown.evidence }
}

async function judgesStep(bundle: ReadBundle): Promise<{ question: Question | null; step: Step }> {
  try {
    const question = await questionOfBundle(bundle)
    return { question, step: holds('judges', `${question.checks.length} judges, of the versions that judged`) }
  } catch (error) {
    return { question: null, step: stepOf('judges', error) }
  }
}

/** What is wrong with a bundle, as a step. Whatever else went wrong is no word about the bundle. */
function stepOf(step: StepName, error: unknown): Step {
  const problem = problemOf(error)
  if (problem === null) throw error
  const make = problem.outcome === 'refused' ? refused : unproven
  return make(step, problem.code, problem.message, problem.hint)
}

/** The candidate's migrations, told again from what was observed. */
const observedMigrations = ({ subjects }: Question): readonly CandidateMigrations[] =>
  candidateOf(
    { commit: null, tree: null, isDirty: null },
    subjects.flatMap(({ observations }) => observations.maybe(migrationTree) ?? []),
    { images: [], buildInfo: null },
  ).migrations

/** The statement that the bundle gives; only the place of the signer's ledger is not in it. */
const rebuilt = (
  { manifest, files }: ReadBundle,
  replayed: { readonly question: Question; readonly evaluation: Evaluation },
  { predicate }: Statement,
): Statement =>
  statementOf(
    certificateInput({
      ...replayed,
      candidate: manifest.candidate,
      // Whoever read the files has held each against its digest.
      digests: new Map([
        ...manifest.files.map((one) => [one.path, one.sha256] as const),
        ['manifest.json', sha256(files.get('manifest.json') ?? '')],
      ]),
      toolVersion: manifest.toolVersion,
      ledgerHead: predicate.seaworthy_release.ledgerHead,
    }),
  )
