import path from 'node:path'
import { candidateName } from '../../gate/certificate/candidate.ts'
import { EXIT, type ExitCode, SeaworthyError } from '../../gate/error.ts'
import { signerOf, stateOf } from '../../gate/review/answer.ts'
import { inTheWay, releaseOf } from '../../gate/review/release.ts'
import { cut, withoutCiCommands } from '../../reports/plain-text.ts'
import { checkReportPlaces, writeReportText } from '../../reports/index.ts'
import { reviewMarkdown } from '../../reports/review-markdown.ts'
import { reviewText } from '../../reports/review-text.ts'
import { laidOut, widthOf } from '../../reports/review-layout.ts'
import { standingOf } from '../../reports/review-wording.ts'
import type { SigningSecrets } from '../../signing/secrets.ts'
import { placesOfLedger } from '../../state/names-beside.ts'
import { statePlace } from '../../state/place.ts'
import { recordEntry } from '../ledger/place.ts'
import { openHere } from '../open-emergencies.ts'
import { answerReview, type HeldAgainst, type ReviewContext, reviewAt } from './review.ts'
import { REVIEW_FILE } from './file.ts'
import { jsonText } from '../../reports/json.ts'

/** The flags of `review show`. */
export interface ReviewShowFlags {
  readonly bundle?: string
  /** The public key and the policy of whoever holds it against the bundle. */
  readonly key?: string
  readonly policy?: string
  readonly report?: string
  readonly json?: boolean
  readonly state?: string
}

/** The flags of `review answer`. */
export interface ReviewAnswerFlags {
  readonly review?: string
  readonly by: string
  readonly evidence: string
  readonly sign?: string
  readonly passphraseFile?: string
  readonly state?: string
}

/** More of what stands in the way is told by `review show`. */
const LONGEST = 400

/** What a review without a bundle is: anybody may have written it. */
const BELIEVED =
  'who may answer, and which key signed the certificate, is what this review says of itself: hold it against the bundle with --bundle DIR --key PUB --policy FILE'

const believed = (columns: number | undefined): string =>
  `${laidOut('note: ', BELIEVED, widthOf(columns)).join('\n')}\n`

/** @throws SeaworthyError('usage') for a bundle without the key and the policy that it has to have, or these without it. */
function heldAgainst({ bundle, key, policy }: ReviewShowFlags, cwd: string): HeldAgainst | null {
  if (bundle === undefined && key === undefined && policy === undefined) return null
  if (bundle === undefined || key === undefined || policy === undefined) {
    throw new SeaworthyError('usage', '--bundle, --key and --policy go together', {
      hint: 'The key and the policy have to be yours: what a bundle or a review says of them proves nothing.',
    })
  }
  const absolute = (file: string): string => path.resolve(cwd, file)
  return {
    bundle: absolute(bundle),
    key: absolute(key),
    policy: policy === 'embedded' ? 'embedded' : absolute(policy),
  }
}

/**
 * `seaworthy review show`: prints a review with its answers. Returns 0 once it is complete, of a release that passes as of now;
 * without a bundle both are by the review's own words, and that is said.
 */
export async function runReviewShow(
  file: string | undefined,
  flags: ReviewShowFlags,
  { cwd, env, version }: Pick<ReviewContext, 'cwd' | 'env'> & { readonly version: string },
): Promise<ExitCode> {
  const report = flags.report === undefined ? null : path.resolve(cwd, flags.report)
  if (report !== null) {
    const ledger = statePlace({ flag: flags.state, env, configured: undefined }).file
    await checkReportPlaces([{ kind: 'markdown', file: report }], placesOfLedger(ledger))
  }
  const against = heldAgainst(flags, cwd)
  const about = { now: new Date(), toolVersion: version }
  const { review, release } = await reviewAt(path.resolve(cwd, file ?? REVIEW_FILE), against, about)
  const state = stateOf(review)
  const { exitCode } = standingOf(state, release)
  const emergencies = await openHere(flags.state, env)
  if (report !== null) await writeReportText('markdown', report, reviewMarkdown(review, release, emergencies))
  process.stdout.write(
    flags.json === true
      ? jsonText({
          ...review,
          ...emergencies,
          state: state.state,
          release: { verdict: release.verdict, exitCode: release.exitCode, inTheWay: inTheWay(release) },
          heldAgainst: against?.bundle ?? null,
          exitCode,
        })
      : `${against === null ? believed(process.stdout.columns) : ''}${reviewText(review, release, process.stdout.columns, emergencies)}`,
  )
  return exitCode
}

/**
 * `seaworthy review answer`: adds an answer and says how the review stands. Returns 0 once it is complete, of a release that passes
 * by what the review says, and never for an answer that does not count.
 */
export async function runReviewAnswer(
  finding: string,
  flags: ReviewAnswerFlags,
  context: ReviewContext & { readonly secrets: SigningSecrets },
): Promise<ExitCode> {
  const { cwd, env, secrets } = context
  const absolute = (file: string | undefined): string | null => (file === undefined ? null : path.resolve(cwd, file))
  const { review, answer, objection } = await answerReview(
    {
      finding,
      file: path.resolve(cwd, flags.review ?? REVIEW_FILE),
      by: flags.by,
      evidence: flags.evidence,
      sign: absolute(flags.sign),
      passphraseFile: absolute(flags.passphraseFile),
      secrets,
    },
    context,
  )
  const content = {
    event: 'answered',
    review: review.digest,
    finding,
    by: answer.by,
    evidence: answer.evidence.file === null ? { text: answer.evidence.text } : { file: { ...answer.evidence.file } },
    key: signerOf(review, answer),
    counts: objection === null,
    objection,
  }
  const place = statePlace({ flag: flags.state, env, configured: undefined })
  await recordEntry(
    place,
    { kind: 'review', candidate: candidateName(review.about.candidate), content },
    { env, argv: ['review', 'answer', finding] },
  )
  const width = widthOf(process.stdout.columns)
  const stands = standingOf(stateOf(review), releaseOf(review, new Date()))
  const isIdle = objection !== null && stands.exitCode === EXIT.pass
  const exitCode = isIdle ? EXIT.unproven : stands.exitCode
  const lines = [
    ...laidOut(
      `${finding}: `,
      objection === null ? 'the answer counts' : `the answer does not count: ${objection}`,
      width,
    ),
    ...laidOut(
      `${isIdle ? 'UNPROVEN' : stands.word}  `,
      `${cut(stands.words, LONGEST)}${isIdle ? ', without this answer' : ''} (exit ${exitCode})`,
      width,
    ),
  ]
  process.stdout.write(`${withoutCiCommands(lines.join('\n'))}\n`)
  return exitCode
}
