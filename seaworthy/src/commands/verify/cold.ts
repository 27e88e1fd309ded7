import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sha256 } from '../../gate/canonical.ts'
import { expiryOf } from '../../gate/certificate/expiry.ts'
import { askedLines, type Rehearsed, rehearsedLines } from '../../gate/cold/asked.ts'
import { claimsOf } from '../../gate/cold/claims.ts'
import type { LookedAgain, ToldRun } from '../../gate/cold/looked-again.ts'
import { SeaworthyError } from '../../gate/error.ts'
import type { Evaluation, Question } from '../../gate/evaluate.ts'
import type { ReviewPolicy } from '../../gate/policy.ts'
import { type AboutBundle, type Review, type ReviewAbout, reviewOf } from '../../gate/review/review.ts'
import type { ReadBundle } from '../../evidence/read.ts'
import { Repository } from '../../git/repository.ts'
import { rehearsal } from '../../observers/rehearsal/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { shapeText } from '../../postgres/shape/file.ts'
import { lookAtCommit } from './cold-commit.ts'
import { broughtBesides, type BroughtFiles, coldInputs } from './cold-inputs.ts'
import { lookAtProduction } from './cold-production.ts'
import { basesOf } from './cold-request.ts'
import { runAgain } from './cold-run.ts'
import { REHEARSED } from '../check/rehearse.ts'
import { OwnFolder } from '../own-folder.ts'

/** A bundle that was verified offline, and what its verifier has to look again with. */
export interface ColdRequest {
  readonly bundle: ReadBundle
  /** The text of its certificate, and the key that signed it. */
  readonly certificate: { readonly text: string; readonly keyId: string }
  readonly question: Question
  readonly evaluation: Evaluation
  /** Who may answer, by the verifier's own policy. */
  readonly review: ReviewPolicy
  /** In what the policy that judged is another one than the verifier's. */
  readonly otherPolicy: string | null
  /** A folder in the verifier's own clone. */
  readonly checkout: string
  readonly brought: BroughtFiles
  readonly ledgerUrl: string | null
  readonly shapeUrl: string | null
  readonly ledgerTable: string | null
  /** A server to rehearse on instead of a scratch one. */
  readonly serverUrl: string | null
  readonly useCache: boolean
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly version: string
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/**
 * Looks again at everything that a bundle says and that can be looked at from here: the commit, the files, the whole gate at
 * that commit, production. Writes nothing but a folder of its own, which is removed again. The bundle has to be genuine.
 * @throws SeaworthyError('git') where there is no clone to look at.
 */
export async function coldReview(request: ColdRequest): Promise<Review> {
  const clone = await Repository.open(request.checkout, request.env)
  if (clone === null) {
    throw new SeaworthyError('git', `${request.checkout} is in no git repository`, {
      hint: 'Name your own clone of the project: --checkout DIR.',
    })
  }
  const told = toldBy(request)
  await using scratch = await OwnFolder.make('cold')
  const again = await lookAgain(told, clone, scratch.path, request)
  return reviewOf(aboutOf(request), claimsOf(told), again)
}

/** What a bundle says, as claims are made from it. */
export const toldBy = ({
  bundle,
  question,
  evaluation,
}: Pick<ColdRequest, 'bundle' | 'question' | 'evaluation'>): ToldRun => ({
  witness: `bundle ${manifestDigest(bundle)}`,
  candidate: bundle.manifest.candidate,
  request: bundle.manifest.request,
  question,
  evaluation,
  rehearsed: REHEARSED,
})

export const manifestDigest = ({ files }: Pick<ReadBundle, 'files'>): string =>
  `sha256:${sha256(files.get('manifest.json') ?? '')}`

const aboutOf = (request: ColdRequest): ReviewAbout => ({
  toolVersion: request.version,
  reviewedAt: new Date().toISOString(),
  ...aboutBundle(request),
  otherPolicy: request.otherPolicy,
})

/** What a review has to say of a bundle, by the bundle, the verifier's key and the verifier's policy. */
export const aboutBundle = ({
  bundle,
  certificate,
  question,
  evaluation,
  review,
}: Pick<ColdRequest, 'bundle' | 'certificate' | 'question' | 'evaluation' | 'review'>): AboutBundle => ({
  certificate: { digest: `sha256:${sha256(certificate.text)}`, keyId: certificate.keyId },
  manifest: manifestDigest(bundle),
  candidate: bundle.manifest.candidate,
  action: question.action,
  evaluatedAt: question.evaluatedAt,
  expiresAt: expiryOf(evaluation, question.policy, question.evaluatedAt),
  verdict: evaluation.verdict,
  asked: askedLines(bundle.manifest.request),
  rehearsed: rehearsedLines(rehearsedIn(question)),
  policy: review,
})

/** What each rehearsal of the bundle had. */
const rehearsedIn = ({ subjects }: Question): Rehearsed[] =>
  subjects.flatMap(({ name, observations }) => {
    const found = observations.maybe(rehearsal)
    if (found === undefined) return []
    const { server, roles } = found
    const { migratingRole, owningRole, ofShape = null } = roles
    return [{ folder: name, version: server.version, migratingRole, owningRole, ofShape }]
  })

/** A verifier waits no longer for the gate to be run again: migrations of somebody else decide how long it takes. */
const LONGEST_RUN_MS = 600_000

async function lookAgain(told: ToldRun, clone: Repository, folder: string, request: ColdRequest): Promise<LookedAgain> {
  const { progress, signal, env } = request
  const besides = broughtBesides(told, request.brought, request.shapeUrl)
  const production = await lookAtProduction(told, request)
  signal.throwIfAborted()
  progress('checking the commit out afresh')
  const { seen, checkout } = await lookAtCommit({
    clone,
    candidate: told.candidate,
    bases: basesOf(told),
    hasBranches: told.request.branches,
    folder: path.join(folder, 'checkout'),
    env,
  })
  const inputs = await coldInputs(told.request, request.brought, checkout?.root ?? null)
  signal.throwIfAborted()
  const base = { commit: seen, inputs: inputs.map((one) => one.tried), besides, production }
  if (checkout === null) {
    const why = 'failed' in seen ? seen.failed : 'what was checked out is not what the commit has'
    return { ...base, run: { failed: `the gate could not be run at the commit: ${why}` }, brought: new Map() }
  }
  const run = await runAgain(
    {
      told,
      checkout,
      cold: {
        root: checkout.root,
        inputs,
        shapeOfBundle: await bundledShape(told, folder),
        serverUrl: request.serverUrl,
        useCache: request.useCache,
      },
      notFrom: await treesOf(clone, request),
      env,
      version: request.version,
      limitMs: LONGEST_RUN_MS,
    },
    { signal, progress },
  )
  // What was cut short says nothing.
  signal.throwIfAborted()
  return { ...base, ...run }
}

/** The clone, and the working tree that the verifier stands in: both hold what others track, and may put it on the PATH. */
async function treesOf(clone: Repository, { cwd, env }: ColdRequest): Promise<string[]> {
  const around = await Repository.open(cwd, env)
  return [clone.root, ...(around === null ? [] : [around.root])]
}

/** The shape as the bundle has it, in a file, for a verifier who does not bring one. */
async function bundledShape({ question }: ToldRun, folder: string): Promise<string | null> {
  const [found] = question.subjects.flatMap(({ observations }) => observations.maybe(shape) ?? [])
  if (found === undefined) return null
  const file = path.join(folder, 'shape.json')
  await writeFile(file, shapeText(found), { mode: 0o600 })
  return file
}
