import { realpathSync } from 'node:fs'
import path from 'node:path'
import { loadPolicy } from '../../config/policy-file.ts'
import { type AdmissionInput, judgeAdmission } from '../../gate/admission/admission.ts'
import { digestOf } from '../../gate/canonical.ts'
import { candidateName, type Running } from '../../gate/certificate/candidate.ts'
import type { Precondition } from '../../gate/certificate/precondition.ts'
import type { Action } from '../../gate/check.ts'
import { EXIT, type ExitCode, SeaworthyError } from '../../gate/error.ts'
import type { Finding } from '../../gate/finding.ts'
import type { Policy } from '../../gate/policy.ts'
import type { Verdict } from '../../gate/verdict.ts'
import { type Looked, looksOf } from './looks.ts'
import type { ReportEmergency } from '../../reports/run-report.ts'
import { type Entered, OwnLedger } from './record.ts'
import { emergencyReason } from './emergency.ts'
import { type Grounds, groundsOf, mustHaveGrounds } from './grounds.ts'
import { runningIn } from './running.ts'
import { type ProcessContext, type Surroundings, surroundings } from '../surroundings.ts'
import { TimeLimit, USUAL_LIMIT_MS } from './time-limit.ts'
import { worldNow } from './world-now.ts'
import { foldersPast, judgedFolders } from '../pending-in.ts'

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
  /** All looks together may take so long, in milliseconds; what was not seen by then is unproven. */
  readonly timeoutMs?: number | undefined
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
  /** `seq`: its own row in our ledger; null where the policy forbids it. */
  readonly emergency: { readonly reason: string; readonly seq: number | null } | null
  /** The row of our ledger that tells of this admission. */
  readonly entry: Entered
  /** Emergencies that are still open. */
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
  mustHaveGrounds(request, reason !== null)
  const inCwd = (file: string): string => path.resolve(context.cwd, file)
  const around = await surroundings([request.dir ?? '.'], context)
  // The root is a real path; the folder may have been named by a link.
  const start =
    path
      .relative(around.root, realpathSync(inCwd(request.dir ?? '.')))
      .split(path.sep)
      .join('/') || '.'
  const policy = await loadPolicy(inCwd(request.policy))
  using limit = new TimeLimit(request.timeoutMs ?? USUAL_LIMIT_MS, context.signal)
  const own = await OwnLedger.open(request, context)
  try {
    const scene = { request, context, around, start, policy, limit }
    // Only the checkout is asked before: an emergency is recorded under the name of its candidate.
    const entered =
      reason === null || policy.admission.emergency === 'forbid' ? null : await declared(reason, scene, own)
    const emergency = reason === null ? null : { reason }
    const grounds = await groundsOf(request, context)
    const input = await inputOf({ ...scene, emergency, grounds })
    return await decided(input, { ...scene, grounds, own, entered })
  } finally {
    await own.close()
  }
}

interface Scene {
  readonly request: AdmitRequest
  readonly context: AdmitContext
  readonly around: Surroundings
  readonly start: string
  readonly policy: Policy
  readonly limit: TimeLimit
}

/** An emergency that stands in our ledger. */
interface Declared {
  readonly seq: number
  readonly candidate: string
}

/**
 * Enters an emergency before anything else is looked at.
 * @throws SeaworthyError('usage') where nothing names a candidate: nothing but a hand could ever close it.
 */
async function declared(reason: string, { request, around, start, limit }: Scene, own: OwnLedger): Promise<Declared> {
  const running = await limit.within(async () => await runningIn(around, start, [], { images: [], buildInfo: null }))
  const candidate = running === null ? null : nameOf(running)
  if (running === null || candidate === null) {
    const folder = path.join(around.root, start)
    throw new SeaworthyError(
      'usage',
      `nothing says which release the emergency is for: ${folder} is no clean checkout, and has no migrations that can be read`,
      { hint: 'Name the checkout of what goes live: --dir DIR. Nothing was admitted, and nothing recorded.' },
    )
  }
  const folders = running.migrations === undefined ? null : foldersPast(running.migrations)
  const { seq } = await own.enter('emergency', candidate, { reason, action: request.action, candidate, folders })
  return { seq, candidate }
}

/** The name of what lies in the checkout; null where there is nothing that could be named. */
function nameOf({ commit = null, isDirty = null, migrations = [] }: Running): string | null {
  const isNamed = (commit !== null && isDirty === false) || migrations.length > 0
  return isNamed ? candidateName({ commit, isDirty, migrations }) : null
}

/** Everything that the decision depends on. The time is taken last, so that nothing is admitted that expired meanwhile. */
async function inputOf({
  request,
  context,
  around,
  start,
  policy,
  limit,
  emergency,
  grounds,
}: Scene & { readonly emergency: AdmissionInput['emergency']; readonly grounds: Grounds }): Promise<AdmissionInput> {
  const { presented, answers, named, evidence } = grounds
  const release = 'statement' in presented ? presented.statement.predicate.seaworthy_release : null
  const environment = (name: string): string | null => context.env[name]?.trim() || null
  const folders = release?.candidate.migrations ?? []
  // What was not seen in time is not known, and so never the candidate. Before production, which may take all of the time.
  const running = (await limit.within(async () => await runningIn(around, start, folders, named))) ?? named
  const world =
    release === null
      ? { seen: [], databases: [] }
      : await worldNow(release, {
          ledgerUrl: request.ledgerUrl ?? environment('SEAWORTHY_LEDGER_URL'),
          shapeUrl: request.shapeUrl ?? environment('SEAWORTHY_CAPTURE_URL'),
          ledgerTable: request.ledgerTable ?? null,
          judged: evidence?.shapes ?? new Map(),
          limit,
          progress: context.progress,
        })
  context.signal.throwIfAborted()
  const now = new Date().toISOString()
  const judgedPolicy = evidence?.policy
  return { presented, action: request.action, now, policy, judgedPolicy, running, ...world, answers, emergency }
}

interface Deciding extends Scene {
  readonly grounds: Grounds
  readonly own: OwnLedger
  readonly entered: Declared | null
}

/** The decision counts once it stands in the ledger. */
async function decided(input: AdmissionInput, scene: Deciding): Promise<AdmitReport> {
  const { grounds, own, entered, around, context } = scene
  const admission = judgeAdmission(input)
  const compared = comparedIn(input, grounds)
  const { action, emergency, presented, running } = input
  const certified = 'statement' in presented ? presented.statement.predicate.seaworthy_release.candidate.migrations : []
  const outcome = admission.isAdmitted ? (emergency === null ? 'admitted' : 'admitted in an emergency') : 'refused'
  const entry = await own.enter('admission', entered?.candidate ?? nameOf(running), {
    verdict: admission.verdict,
    outcome,
    action,
    pending: grounds.evidence?.pending ?? null,
    folders: judgedFolders(certified, grounds.evidence?.subjects ?? []),
    key: 'keyId' in presented ? presented.keyId : null,
    emergency: emergency?.reason ?? null,
    codes: [...new Set(admission.findings.map(({ code }) => code))],
    compared,
  })
  return {
    schemaVersion: 1,
    tool: 'seaworthy',
    version: context.version,
    command: 'admit',
    ...admission,
    exitCode: admission.isAdmitted ? EXIT.pass : admission.verdict === 'fail' ? EXIT.fail : EXIT.unproven,
    action,
    looked: looksOf(input),
    compared,
    emergency: emergency === null ? null : { ...emergency, seq: entered?.seq ?? null },
    entry,
    emergencies: await own.openEmergencies(around.repository),
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
