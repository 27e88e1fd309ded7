import { realpathSync } from 'node:fs'
import path from 'node:path'
import { loadPolicy } from '../../config/policy-file.ts'
import { type AdmissionInput, type GivenAnswers, judgeAdmission } from '../../gate/admission.ts'
import { digestOf } from '../../gate/canonical.ts'
import { type Candidate, candidateName, type Running } from '../../gate/certificate/candidate.ts'
import type { Precondition } from '../../gate/certificate/precondition.ts'
import type { Action } from '../../gate/check.ts'
import { EXIT, type ExitCode, SeaworthyError } from '../../gate/error.ts'
import type { Finding } from '../../gate/finding.ts'
import { Observations } from '../../gate/observation.ts'
import type { Policy } from '../../gate/policy.ts'
import type { Verdict } from '../../gate/verdict.ts'
import { answers as answersKind } from '../../observers/answers/kind.ts'
import { readPublicKey } from '../../signing/key-file.ts'
import { type Looked, looksOf } from './looks.ts'
import type { ReportEmergency } from '../../reports/run-report.ts'
import { OwnLedger } from './record.ts'
import { emergencyReason } from './emergency.ts'
import { namedImages, readBuildInfo } from '../check/named-candidate.ts'
import { type PresentedCertificate, presentedAt } from './presented.ts'
import { runningIn } from './running.ts'
import { type ProcessContext, type Surroundings, surroundings } from '../surroundings.ts'
import { worldNow } from './world-now.ts'

/** What somebody wants to do, and on what grounds. Paths are relative to the working folder. */
export interface AdmitRequest {
  /** `certificate.json`, or the evidence bundle that it lies in. Only an emergency does without. */
  readonly certificate?: string | undefined
  /** The public key that must have signed it. */
  readonly key?: string | undefined
  readonly action: Action
  /** The policy that counts: a policy document, or a configuration that you trust. */
  readonly policy: string
  /** The checkout of what is about to run; the working folder where nothing is said. */
  readonly dir?: string | undefined
  /** Production, for its ledger; else the environment's SEAWORTHY_LEDGER_URL. */
  readonly ledgerUrl?: string | undefined
  /** Production, for its shape; else the environment's SEAWORTHY_CAPTURE_URL. */
  readonly shapeUrl?: string | undefined
  /** The ledger of a runner of one's own: `schema.table`. */
  readonly ledgerTable?: string | undefined
  /** Production's answers, as `seaworthy prove` wrote them. */
  readonly answers?: string | undefined
  /** Images that are about to run: `registry.example/app@sha256:…`. */
  readonly images?: readonly string[] | undefined
  /** The build information of what is about to run. */
  readonly buildInfo?: string | undefined
  /** The ledger of our own; else the environment's SEAWORTHY_STATE, else its usual place. */
  readonly state?: string | undefined
  /** Go on without a pass, for this reason. */
  readonly emergency?: string | undefined
}

/** What an admission needs of the process that it runs in. */
export interface AdmitContext extends ProcessContext {
  readonly version: string
  readonly signal: AbortSignal
  /** Called with a short line whenever a step begins. */
  readonly progress: (line: string) => void
}

/**
 * What was compared, by digests, and when: whoever acts on the admission looks again right before anything moves, and has
 * to see the same.
 */
export interface Compared {
  /** ISO 8601, UTC. */
  readonly at: string
  /** Of the envelope; null without a certificate. */
  readonly certificate: string | null
  readonly policy: string
  readonly candidate: Running
  readonly preconditions: readonly Pick<Precondition, 'kind' | 'subject' | 'witness' | 'digest'>[]
  readonly answers: string | null
}

/** An admission, or a refusal. The document of `admit --json`. */
export interface AdmitReport {
  readonly schemaVersion: 1
  readonly tool: 'seaworthy'
  readonly version: string
  readonly command: 'admit'
  /** What the looks say; an emergency does not change it. */
  readonly verdict: Verdict
  /** Whether the action may go on. */
  readonly isAdmitted: boolean
  readonly exitCode: ExitCode
  readonly action: Action
  /** What was looked at, and what was seen. */
  readonly looked: readonly Looked[]
  readonly findings: readonly Finding[]
  readonly proved: readonly string[]
  readonly compared: Compared
  readonly emergency: { readonly reason: string } | null
  /** The row of our ledger that tells of this admission. */
  readonly entry: { readonly seq: number; readonly digest: string; readonly file: string }
  /** Emergencies that no passing certificate has closed. */
  readonly emergencies: readonly ReportEmergency[]
}

/**
 * Decides whether an action may go on now, on the grounds of a certificate, and records the decision. This is the only
 * door: what acts takes its answer and nothing else. Reads the checkout and production (read-only, under time limits);
 * writes nothing but one row of our ledger, and in an emergency another one before everything else.
 * @throws SeaworthyError for what is no decision: 'usage' and 'config' for a request that cannot be followed, 'state' where
 * it could not be recorded. Whoever gets an error is not admitted.
 */
export async function admit(request: AdmitRequest, context: AdmitContext): Promise<AdmitReport> {
  const reason = request.emergency === undefined ? null : emergencyReason(request.emergency)
  mustHaveGrounds(request, reason)
  const inCwd = (file: string): string => path.resolve(context.cwd, file)
  const around = await surroundings([request.dir ?? '.'], context)
  // The root is a real path; the folder may have been named by a link.
  const start =
    path
      .relative(around.root, realpathSync(inCwd(request.dir ?? '.')))
      .split(path.sep)
      .join('/') || '.'
  const policy = await loadPolicy(inCwd(request.policy))
  const own = await OwnLedger.open(request, context)
  try {
    // Only the checkout is asked before: an emergency is recorded under the name of its candidate.
    const emergency = reason === null ? null : { reason }
    if (emergency !== null && policy.admission.emergency === 'allow') {
      const candidate = nameOf(await runningIn(around, start, [], { images: [], buildInfo: null }))
      await own.enter('emergency', candidate, { reason: emergency.reason, action: request.action, candidate })
    }
    const grounds = await groundsOf(request, context)
    const input = await inputOf({ request, context, around, start, policy, emergency, grounds })
    return await decided(input, grounds, own, context)
  } finally {
    await own.close()
  }
}

/** Without a certificate nothing is admitted but an emergency; a certificate is nothing without the key. */
function mustHaveGrounds({ certificate, key }: AdmitRequest, reason: string | null): void {
  if (certificate === undefined && reason === null) {
    throw new SeaworthyError('usage', 'admit needs a certificate', {
      hint: 'seaworthy admit certificate.json --key K.pub --action deploy --policy FILE; check --sign KEY --evidence DIR writes one.',
    })
  }
  if (certificate !== undefined && key === undefined) {
    throw new SeaworthyError('usage', 'admit needs the public key that must have signed the certificate', {
      hint: 'Give it: --key K.pub. The certificate itself never says which key is to be trusted.',
    })
  }
}

/** The name of what lies in the checkout. What nobody could see of it is no part of the name. */
const nameOf = ({ commit, isDirty, migrations }: Running): string =>
  candidateName({ commit: commit ?? null, isDirty: isDirty ?? null, migrations: migrations ?? [] })

/** What the request brings along, read once. */
interface Grounds extends PresentedCertificate {
  readonly answers: GivenAnswers | null
  readonly answersDigest: string | null
  readonly named: Pick<Candidate, 'images' | 'buildInfo'>
}

async function groundsOf(request: AdmitRequest, { cwd }: AdmitContext): Promise<Grounds> {
  const inCwd = (file: string): string => path.resolve(cwd, file)
  const key = request.key === undefined ? null : await readPublicKey(inCwd(request.key))
  const presented = await presentedAt(request.certificate === undefined ? null : inCwd(request.certificate), key)
  const named = {
    images: namedImages(request.images ?? []),
    buildInfo: request.buildInfo === undefined ? null : await readBuildInfo(request.buildInfo, cwd),
  }
  if (request.answers === undefined) return { ...presented, named, answers: null, answersDigest: null }
  const { observeAnswers } = await import('../../observers/answers/observe.ts')
  const given = new Observations([await observeAnswers(inCwd(request.answers))]).need(answersKind)
  const answers = { identity: given.server.identity, answers: given.answers }
  return { ...presented, named, answers, answersDigest: digestOf(given) }
}

interface Scene {
  readonly request: AdmitRequest
  readonly context: AdmitContext
  readonly around: Surroundings
  readonly start: string
  readonly policy: Policy
  readonly emergency: AdmissionInput['emergency']
  readonly grounds: Grounds
}

/** Everything that the decision depends on. The time is taken last, so that nothing is admitted that expired meanwhile. */
async function inputOf({
  request,
  context,
  around,
  start,
  policy,
  emergency,
  grounds,
}: Scene): Promise<AdmissionInput> {
  const { presented, answers, named } = grounds
  const release = 'statement' in presented ? presented.statement.predicate.seaworthy_release : null
  const environment = (name: string): string | null => context.env[name]?.trim() || null
  const world =
    release === null
      ? { seen: [], databases: [] }
      : await worldNow(release, {
          ledgerUrl: request.ledgerUrl ?? environment('SEAWORTHY_LEDGER_URL'),
          shapeUrl: request.shapeUrl ?? environment('SEAWORTHY_CAPTURE_URL'),
          ledgerTable: request.ledgerTable ?? null,
          signal: context.signal,
          progress: context.progress,
        })
  const running = await runningIn(around, start, release?.candidate.migrations ?? [], named)
  context.signal.throwIfAborted()
  const now = new Date().toISOString()
  return { presented, action: request.action, now, policy, running, ...world, answers, emergency }
}

/** The decision counts once it stands in the ledger. */
async function decided(
  input: AdmissionInput,
  grounds: Grounds,
  own: OwnLedger,
  { version }: AdmitContext,
): Promise<AdmitReport> {
  const admission = judgeAdmission(input)
  const compared = comparedIn(input, grounds)
  const { action, emergency, presented, running } = input
  const outcome = admission.isAdmitted ? (emergency === null ? 'admitted' : 'admitted in an emergency') : 'refused'
  const entry = await own.enter('admission', nameOf(running), {
    verdict: admission.verdict,
    outcome,
    action,
    key: 'keyId' in presented ? presented.keyId : null,
    emergency: emergency?.reason ?? null,
    codes: [...new Set(admission.findings.map(({ code }) => code))],
    compared,
  })
  return {
    schemaVersion: 1,
    tool: 'seaworthy',
    version,
    command: 'admit',
    ...admission,
    exitCode: admission.isAdmitted ? EXIT.pass : admission.verdict === 'fail' ? EXIT.fail : EXIT.unproven,
    action,
    looked: looksOf(input, compared),
    compared,
    emergency,
    entry,
    emergencies: await own.openEmergencies(),
  }
}

const comparedIn = ({ now, policy, running, seen }: AdmissionInput, { digest, answersDigest }: Grounds): Compared => ({
  at: now,
  certificate: digest,
  policy: digestOf(policy),
  candidate: running,
  preconditions: seen.flatMap((one) => {
    if (!('precondition' in one)) return []
    const { kind, subject, witness, digest: found } = one.precondition
    return [{ kind, subject, witness, digest: found }]
  }),
  answers: answersDigest,
})
