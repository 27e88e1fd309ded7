import path from 'node:path'
import { loadPolicy } from '../../config/policy-file.ts'
import { candidateName } from '../../gate/certificate/candidate.ts'
import { keyId } from '../../gate/certificate/dsse.ts'
import type { ExitCode } from '../../gate/error.ts'
import type { Review } from '../../gate/review/review.ts'
import { otherPolicyIn } from '../../gate/review/release.ts'
import { stateOf } from '../../gate/review/answer.ts'
import { checkReportPlaces, writeReportText } from '../../reports/index.ts'
import { startProgress } from '../../reports/progress.ts'
import { reviewMarkdown } from '../../reports/review-markdown.ts'
import { laidOut, widthOf } from '../../reports/review-layout.ts'
import { reviewBody } from '../../reports/review-text.ts'
import { EXIT_OF_REVIEW, EXIT_OF_STATE, stateWord, stateWords, worseExit } from '../../reports/review-wording.ts'
import { readPublicKey } from '../../signing/key-file.ts'
import { placesOfLedger } from '../../state/names-beside.ts'
import { statePlace } from '../../state/place.ts'
import { coldReview, type ColdRequest } from './cold.ts'
import type { ColdFlags } from './cold-flags.ts'
import type { BroughtFiles } from './cold-inputs.ts'
import { recordEntry } from '../ledger/place.ts'
import { checkInputs } from '../input-file.ts'
import { openHere } from '../open-emergencies.ts'
import { checkReviewPlace, REVIEW_FILE, writeNewReview } from '../review/file.ts'
import { leftInTree } from './left-in-tree.ts'
import { type Verification, verifyBundle } from './verify.ts'
import { VERDICT_OF, verifyDocument, type VerifyDocument } from './output.ts'
import { offlineWords, stepsText, verifyText } from './text.ts'
import { jsonText } from '../../reports/json.ts'

export interface ColdContext {
  readonly version: string
  readonly signal: AbortSignal
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/**
 * `seaworthy verify --cold`: verifies offline; what is genuine is looked at again, and becomes a review. Prints, writes the
 * review, and returns the exit code: the worse one of both looks.
 * @throws SeaworthyError for a key, a policy or a clone that cannot be read, and for a place that cannot be written to.
 */
export async function runVerifyCold(dir: string, flags: ColdFlags, context: ColdContext): Promise<ExitCode> {
  const { version, cwd } = context
  const key = await readPublicKey(path.resolve(cwd, flags.key))
  const policy = flags.policy === 'embedded' ? 'embedded' : await loadPolicy(path.resolve(cwd, flags.policy))
  const file = await checkReviewPlace(path.resolve(cwd, flags.review ?? REVIEW_FILE))
  const report = flags.report === undefined ? null : path.resolve(cwd, flags.report)
  if (report !== null) {
    const ledger = statePlace({ flag: flags.state, env: context.env, configured: undefined }).file
    await checkReportPlaces([{ kind: 'markdown', file: report }], placesOfLedger(ledger))
  }
  await checkInputs(broughtFiles(flags, cwd))
  const now = flags.at ?? new Date()
  const verification = await verifyBundle({ dir: path.resolve(cwd, dir), key, policy, now, toolVersion: version })
  const emergencies = await openHere(flags.state, context.env)
  const document = verifyDocument(verification, { version, now, isEmbedded: policy === 'embedded', emergencies })
  const isJson = flags.json === true
  const { columns } = process.stdout
  const genuine = genuineParts(verification)
  if (genuine === null) {
    process.stdout.write(
      isJson ? jsonText({ ...document, review: null }) : `${NOT_GENUINE}\n${verifyText(document, columns)}`,
    )
    return document.exitCode
  }
  if (!isJson) process.stdout.write(`${stepsText(document, columns)}\n`)
  const review = await reviewed({ ...genuine, keyId: keyId(key) }, policy, flags, context)
  await writeNewReview(file, review)
  if (report !== null)
    await writeReportText('markdown', report, reviewMarkdown(review, verification.result, emergencies))
  await recorded(review, dir, flags, context)
  const left = await leftInTree([file, ...(report === null ? [] : [report])], context.env)
  const exitCode = worseExit(document.exitCode, EXIT_OF_REVIEW[review.verdict])
  const shown = path.relative(cwd, file) || file
  process.stdout.write(
    isJson
      ? jsonText({ ...document, ...bothVerdicts(document, exitCode), review })
      : `${reviewBody(review, columns, { isEveryClaimShown: true })}${closing({ document, review, exitCode, file: shown }, columns)}`,
  )
  if (left !== null) process.stderr.write(`${laidOut('note: ', left, widthOf(process.stderr.columns)).join('\n')}\n`)
  return exitCode
}

const NOT_GENUINE = 'not looked at again: a bundle that is not genuine says nothing about anything'

/** What both looks come to, and what the offline one alone did. */
const bothVerdicts = (
  offline: VerifyDocument,
  exitCode: ExitCode,
): Partial<VerifyDocument> & { readonly offline: unknown } => ({
  verdict: VERDICT_OF[exitCode] ?? 'unproven',
  exitCode,
  offline: { verdict: offline.verdict, exitCode: offline.exitCode },
})

interface BothLooks {
  readonly document: VerifyDocument
  readonly review: Review
  readonly exitCode: ExitCode
  /** Where the review is. */
  readonly file: string
}

/** Where the review is, and one last line for both looks, whose word is that of the exit code. */
function closing({ document, review, exitCode, file }: BothLooks, columns: number | undefined): string {
  const width = widthOf(columns)
  const state = stateOf(review)
  const word =
    exitCode === EXIT_OF_STATE[state.state] ? stateWord(state) : (VERDICT_OF[exitCode] ?? 'unproven').toUpperCase()
  const words = `exit ${exitCode}: offline it is ${offlineWords(document)}; looked at again, the review is ${stateWords(state)}`
  return `${[...laidOut('the review is in ', file, width), '', ...laidOut(`${word}  `, words, width)].join('\n')}\n`
}

type Genuine = Pick<ColdRequest, 'bundle' | 'question' | 'evaluation' | 'otherPolicy'> & {
  readonly certificate: string
}

/** What a genuine bundle holds; null for one that is not, or that nobody signed. */
function genuineParts({ result, bundle, statement, replayed }: Verification): Genuine | null {
  if (!result.isGenuine || bundle === null || bundle.certificate === null) return null
  if (statement === null || replayed === null) return null
  return { bundle, certificate: bundle.certificate, ...replayed, otherPolicy: otherPolicyIn(result.steps) }
}

function broughtFiles({ shape, workload, seedSql, answers, ledger }: ColdFlags, cwd: string): BroughtFiles {
  const absolute = (file: string | undefined): string | null => (file === undefined ? null : path.resolve(cwd, file))
  return {
    shape: absolute(shape),
    workload: absolute(workload),
    seedSql: absolute(seedSql),
    answers: absolute(answers),
    ledger: absolute(ledger),
  }
}

async function reviewed(
  { bundle, question, evaluation, otherPolicy, certificate, keyId: signer }: Genuine & { readonly keyId: string },
  policy: Awaited<ReturnType<typeof loadPolicy>> | 'embedded',
  flags: ColdFlags,
  { version, signal, cwd, env }: ColdContext,
): Promise<Review> {
  const given = (flag: string | undefined, variable: string): string | null => {
    const value = flag ?? env[variable] ?? ''
    return value === '' ? null : value
  }
  const progress = startProgress(process.stderr, { isTty: process.stderr.isTTY })
  return await coldReview({
    bundle,
    certificate: { text: certificate, keyId: signer },
    question,
    evaluation,
    review: policy === 'embedded' ? question.policy.review : policy.review,
    otherPolicy,
    checkout: path.resolve(cwd, flags.checkout ?? '.'),
    brought: broughtFiles(flags, cwd),
    ledgerUrl: given(flags.ledgerUrl, 'SEAWORTHY_LEDGER_URL'),
    shapeUrl: given(flags.shapeUrl, 'SEAWORTHY_CAPTURE_URL'),
    ledgerTable: flags.ledgerTable ?? null,
    serverUrl: given(flags.server, 'SEAWORTHY_SERVER_URL'),
    useCache: flags.cache ?? true,
    cwd,
    env,
    version,
    signal,
    progress: (line) => progress.say(line),
  }).finally(() => progress.done())
}

/** Without the other flags: a URL may hold a password anywhere. */
async function recorded(review: Review, dir: string, { state }: ColdFlags, { env }: ColdContext): Promise<void> {
  const argv = ['verify', dir, '--cold']
  const place = statePlace({ flag: state, env, configured: undefined })
  const { about, digest, verdict, claims, findings } = review
  const content = {
    event: 'looked at again',
    review: digest,
    certificate: about.certificate.digest,
    verdict,
    claims: claims.length,
    findings: findings.map(({ id, severity, outcome }) => ({ id, severity, outcome })),
  }
  await recordEntry(place, { kind: 'review', candidate: candidateName(about.candidate), content }, { env, argv })
}
