import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { loadPolicy } from '../../config/policy-file.ts'
import { sha256 } from '../../gate/canonical.ts'
import { keyId } from '../../gate/certificate/dsse.ts'
import { claimsOf } from '../../gate/cold/claims.ts'
import { reasonOf, SeaworthyError } from '../../gate/error.ts'
import { type ReleaseStanding, releaseOf } from '../../gate/review/release.ts'
import { problemsAgainst, type Review } from '../../gate/review/review.ts'
import { type Evidence, objectionTo, type ReviewAnswer, signedAnswer } from '../../gate/review/answer.ts'
import { readPublicKey } from '../../signing/key-file.ts'
import { readPrivateKey } from '../../signing/private-key.ts'
import type { SigningSecrets } from '../../signing/secrets.ts'
import { aboutBundle, toldBy } from '../verify/cold.ts'
import { type VerifyRequest, verifyBundle } from '../verify/verify.ts'
import { addAnswer, readReview } from './file.ts'

export interface ReviewContext {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

/** What a review is held against: a bundle, and the key and the policy of whoever holds it against that. */
export interface HeldAgainst {
  /** The bundle's folder. */
  readonly bundle: string
  /** A public key. */
  readonly key: string
  /** A file, or `embedded`: the bundle's own. */
  readonly policy: string
}

/** A review, and how the release stands: by the bundle where there was one, else by the review's own words. */
export interface HeldReview {
  readonly review: Review
  readonly release: ReleaseStanding
}

/**
 * Reads a review and, with a bundle, holds it against that: who may answer, which key signed, what was judged and what is
 * claimed come from the bundle, the key and the policy, and not from the review.
 * @throws SeaworthyError('config') for a review that was edited or is about something else than the bundle, and for a bundle
 *   that the holder of the key has not made.
 */
export async function reviewAt(
  file: string,
  against: HeldAgainst | null,
  { now, toolVersion }: Pick<VerifyRequest, 'now' | 'toolVersion'>,
): Promise<HeldReview> {
  const review = await readReview(file)
  if (against === null) return { review, release: releaseOf(review, now) }
  const key = await readPublicKey(against.key)
  const policy = against.policy === 'embedded' ? 'embedded' : await loadPolicy(against.policy)
  const verification = await verifyBundle({ dir: against.bundle, key, policy, now, toolVersion })
  const { result, bundle, replayed } = verification
  if (!result.isGenuine || bundle === null || bundle.certificate === null || replayed === null) {
    throw new SeaworthyError('config', `${against.bundle} is no bundle that the holder of ${against.key} has made`, {
      hint: `seaworthy verify ${against.bundle} says what is wrong with it.`,
    })
  }
  const { question } = replayed
  const about = aboutBundle({
    bundle,
    certificate: { text: bundle.certificate, keyId: keyId(key) },
    ...replayed,
    review: policy === 'embedded' ? question.policy.review : policy.review,
  })
  const claims = claimsOf(toldBy({ bundle, ...replayed })).map(({ claim }) => claim)
  const problems = problemsAgainst(review, { about, claims })
  if (problems.length === 0) return { review, release: result }
  throw new SeaworthyError(
    'config',
    `${file} is not a review of ${against.bundle}: ${problems.slice(0, 5).join('; ')}`,
    {
      hint: 'Look again: seaworthy verify BUNDLE --cold.',
    },
  )
}

/** What somebody says to a finding. */
export interface AnswerRequest {
  readonly finding: string
  readonly file: string
  readonly by: string
  /** Words, or the path of a file, of which the digest is kept. */
  readonly evidence: string
  /** The private key to sign with; null: unsigned. */
  readonly sign: string | null
  readonly passphraseFile: string | null
  readonly secrets: SigningSecrets
}

/** An answer that was added, and why it does not count, if it does not. */
export interface Answered {
  readonly review: Review
  readonly answer: ReviewAnswer
  readonly objection: string | null
}

const LONGEST_WORDS = 20_000
const LONGEST_NAME = 1_000

/**
 * Adds an answer to a review. An answer that does not count under the review's policy is added all the same, and said so.
 * Of several at once none is lost.
 * @throws SeaworthyError('usage') for a finding that is not there or an answer without content.
 */
export async function answerReview(request: AnswerRequest, { cwd, env, signal }: ReviewContext): Promise<Answered> {
  const review = await readReview(request.file)
  const { finding, by } = request
  if (!review.findings.some((one) => one.id === finding)) {
    throw new SeaworthyError('usage', `${request.file} has no finding ${finding}`, {
      hint: `There are: ${review.findings.map((one) => one.id).join(', ') || 'none, so nothing waits for an answer'}.`,
    })
  }
  if (by.trim() === '') throw new SeaworthyError('usage', '--by is empty', { hint: 'Say who answers: --by NAME.' })
  if (by.length > LONGEST_NAME) {
    throw new SeaworthyError('usage', `--by is longer than ${LONGEST_NAME} characters`, { hint: 'A name will do.' })
  }
  const evidence = await evidenceOf(request.evidence, cwd)
  const plain = { finding, by, at: new Date().toISOString(), evidence }
  const { sign, passphraseFile, secrets } = request
  const configured = { file: null, command: [], passphraseCommand: [], cwd }
  const answer: ReviewAnswer =
    sign === null
      ? { ...plain, signature: null }
      : signedAnswer(
          review,
          plain,
          await readPrivateKey({ file: sign, configured, passphraseFile }, { secrets, env, signal }),
        )
  const answered = await addAnswer(request.file, review, answer)
  return { review: answered, answer, objection: objectionTo(answered, answer) }
}

/** A file by its digest, where the words are the path of one; else the words. */
async function evidenceOf(words: string, cwd: string): Promise<Evidence> {
  const absolute = path.resolve(cwd, words)
  const found = words.includes('\n') || words.includes('\0') ? null : await stat(absolute).catch(() => null)
  if (found?.isFile() === true) {
    try {
      const bytes = await readFile(absolute)
      return { text: null, file: { name: path.basename(absolute), sha256: sha256(bytes), bytes: bytes.length } }
    } catch (error) {
      throw new SeaworthyError('unreadable', `the evidence ${words} cannot be read: ${reasonOf(error)}`, {
        hint: 'Name a file that you may read, or say it in words.',
      })
    }
  }
  if (words.trim() !== '' && words.length <= LONGEST_WORDS) return { text: words, file: null }
  throw new SeaworthyError('usage', `--evidence is empty or longer than ${LONGEST_WORDS} characters`, {
    hint: 'Say what shows that it was dealt with, or name a file: its digest is kept.',
  })
}
