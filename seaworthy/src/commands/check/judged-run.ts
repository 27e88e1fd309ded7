import { checkNames, loadChecks } from '../../checks/index.ts'
import type { Check } from '../../gate/check.ts'
import { SeaworthyError } from '../../gate/error.ts'
import type { Candidate } from '../../gate/certificate/candidate.ts'
import { type Evaluation, type Question, evaluate } from '../../gate/evaluate.ts'
import { type Observation, Observations } from '../../gate/observation.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { type FolderObservations, type FoundFolders, findFolders, observeFolder } from './folder.ts'
import type { SigningSecrets } from '../../signing/secrets.ts'
import { candidateOf, checkedOut, withMigrations, type NamedCandidate } from './candidate.ts'
import { type CheckFlags, type CheckRequest, requestHere } from './request.ts'
import { givenFiles } from './given-files.ts'
import { checkInputs } from '../input-file.ts'
import type { RehearsalWish } from './rehearse.ts'
import { checksToJudge } from './remembered.ts'
import type { ConfigChoice, ProcessContext, Surroundings } from '../surroundings.ts'
import { placesOfLedger } from '../../state/names-beside.ts'

/** What a run of the gate needs from the process that it is in. */
export interface CheckContext extends ProcessContext {
  readonly version: string
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
  /** What was said of the candidate besides what lies in the folder. */
  readonly named?: NamedCandidate | undefined
  /** Secrets for signing, taken out of the environment. */
  readonly secrets?: SigningSecrets
  /** The arguments of the command line, for the ledger. */
  readonly argv?: readonly string[]
  /** Set where a bad world is judged in place of what is there (`seaworthy drill`). */
  readonly world?: BadWorld
}

/** What a bad world makes of what a run is asked, and of what it is given of production. */
export interface BadWorld {
  readonly request: (asked: CheckRequest) => CheckRequest
  readonly inputs: readonly Observation[]
}

/** A run of the gate: what it was asked, what it saw, and what it says. */
export interface JudgedRun {
  readonly around: Surroundings
  readonly request: CheckRequest
  readonly folders: readonly FolderObservations[]
  readonly leftOut: FoundFolders['leftOut']
  readonly candidate: Candidate
  /** The configuration in the working tree that counted, as an absolute path; null where it came from elsewhere, or there is none. */
  readonly configFile: string | null
  readonly question: Question
  readonly evaluation: Evaluation
  readonly durationMs: number
  /** How long a check took, its own observation included, in milliseconds. */
  readonly durationOf: (check: string, subject: string) => number
}

/**
 * Finds the migrations, observes, rehearses and judges. Writes nothing. Throws SeaworthyError for what is no judgement.
 */
export async function judgedRun(
  dirs: readonly string[],
  flags: CheckFlags,
  configChoice: ConfigChoice,
  context: CheckContext,
): Promise<JudgedRun> {
  const startedAt = performance.now()
  const { around, loaded, request: asked } = await requestHere(dirs, flags, configChoice, context)
  const request = context.world?.request(asked) ?? asked
  await checkFiles(request)
  const clock = new Clock()
  const ids = checkIds(request)
  const configFile = configChoice.fromRef === undefined ? loaded.source : null
  const run = await observedRun(around, request, { configFile, instead: () => context.world?.inputs ?? [] }, context, {
    ids,
    clock,
  })
  const { subjects, given, ...rest } = run
  const question = await questionOf({ ids, subjects, request, version: context.version, given, clock })
  return {
    ...rest,
    question,
    evaluation: evaluate(question),
    durationMs: Math.round(performance.now() - startedAt),
    durationOf: (id, subject) => clock.of(id, subject),
  }
}

/** What a run saw, before anything is judged. */
export interface ObservedRun extends Pick<
  JudgedRun,
  'around' | 'request' | 'folders' | 'leftOut' | 'candidate' | 'configFile'
> {
  readonly subjects: Question['subjects']
  readonly given: NonNullable<Question['given']>
}

/**
 * Finds the folders of a request, observes and rehearses. Reads no configuration: `configFile` is only named as one that
 * was relied on, and `instead` stands, folder by folder, for what would be given of production.
 */
export async function observedRun(
  around: Surroundings,
  request: CheckRequest,
  from: { readonly configFile: string | null; readonly instead: (folder: string) => readonly Observation[] },
  context: Pick<CheckContext, 'signal' | 'progress' | 'named'>,
  { ids = checkIds(request), clock = new Clock() }: { readonly ids?: readonly string[]; readonly clock?: Clock } = {},
): Promise<ObservedRun> {
  const { configFile } = from
  const out = checkedOut(around.repository)
  // Awaited at the end; until then an error elsewhere must not make this one an unhandled one.
  out.catch(() => undefined)
  const folders: FolderObservations[] = []
  const subjects: { name: string; observations: Observations }[] = []
  const { folders: found, leftOut } = await findFolders(around, request)
  const relied = { configuration: configFile, inputs: request.inputs, folders: found.map((one) => one.request) }
  const given = givenFiles(around, relied, request.since)
  given.catch(() => undefined)
  for (const one of found) {
    context.signal.throwIfAborted()
    const instead = from.instead(one.detected.folder)
    const folder = await observeFolder(around, request, one, { signal: context.signal, instead })
    const rehearsed = await rehearsals(folder, ids, request, around, context, clock)
    folders.push(folder)
    subjects.push({ name: folder.tree.folder, observations: new Observations([...folder.observations, ...rehearsed]) })
  }
  const trees = folders.map(({ tree }) => tree)
  return {
    around,
    request,
    folders,
    leftOut,
    configFile,
    candidate: candidateOf(
      await withMigrations(await out, around.repository, trees),
      trees,
      context.named ?? { images: [], buildInfo: null },
    ),
    subjects,
    // Where nothing is pending, nothing was judged by them.
    given: folders.some(({ pending }) => pending.files.length > 0) ? await given : [],
  }
}

async function questionOf(run: {
  readonly ids: readonly string[]
  readonly subjects: Question['subjects']
  readonly request: CheckRequest
  readonly version: string
  readonly given: NonNullable<Question['given']>
  readonly clock: Clock
}): Promise<Question> {
  const { ids, subjects, request, version, given, clock } = run
  const { policy, action, useCache } = request
  const evaluatedAt = new Date().toISOString()
  const context = { evaluatedAt, settings: policy.settings, action }
  const checks = await checksToJudge({ ids, subjects, context, version, useCache })
  return {
    subjects,
    checks: checks.map((one) => timed(one, clock)),
    policy,
    action,
    evaluatedAt,
    isPartial: request.only.length > 0,
    given,
  }
}

/** What can be known before the run: whether its files are there, and whether it may write where it is to. */
async function checkFiles({ inputs, evidence, reports, stateFile }: CheckRequest): Promise<void> {
  await checkInputs(inputs)
  if (reports.length > 0) {
    const { checkReportPlaces } = await import('../../reports/index.ts')
    await checkReportPlaces(reports, stateFile === undefined ? [] : placesOfLedger(stateFile))
  }
  if (evidence !== null) await (await import('../../evidence/write.ts')).checkEvidencePlace(evidence)
}

/** How long each check took for each folder: its judge, and the observation that is its own. */
class Clock {
  readonly #spentMs = new Map<string, number>()

  add(id: string, subject: string, ms: number): void {
    const key = `${id}\n${subject}`
    this.#spentMs.set(key, (this.#spentMs.get(key) ?? 0) + ms)
  }

  of(id: string, subject: string): number {
    return Math.round(this.#spentMs.get(`${id}\n${subject}`) ?? 0)
  }
}

export function checkIds(request: CheckRequest): readonly string[] {
  const unknown = request.only.filter((id) => !checkNames.includes(id))
  if (unknown.length > 0) {
    throw new SeaworthyError('usage', `there is no check called ${unknown.join(', ')}`, {
      hint: `There are: ${checkNames.join(', ')}`,
    })
  }
  return request.only.length > 0 ? [...new Set(request.only)] : checkNames
}

function timed(check: Check, clock: Clock): Check {
  return {
    ...check,
    judge: (observations, context) => {
      const startedAt = performance.now()
      const judgement = check.judge(observations, context)
      clock.add(check.id, observations.maybe(migrationTree)?.folder ?? '', performance.now() - startedAt)
      return judgement
    },
  }
}

async function rehearsals(
  folder: FolderObservations,
  ids: readonly string[],
  request: CheckRequest,
  around: Surroundings,
  context: Pick<CheckContext, 'signal' | 'progress'>,
  clock: Clock,
) {
  const isAsked = (...checks: string[]): boolean => checks.some((id) => ids.includes(id))
  const wish: RehearsalWish = {
    ups: isAsked('migrations-rehearsal'),
    effects: isAsked('migrations-effects', 'migrations-drift', 'migrations-obligations'),
    downs: isAsked('migrations-down'),
    queries: isAsked('migrations-queries'),
    repeat: isAsked('migrations-repeat'),
  }
  if (!Object.values(wish).includes(true)) return []
  const startedAt = performance.now()
  const { rehearse } = await import('./rehearse.ts')
  // The judges' code is loaded while the server works; whether it can be loaded is asked again when it is needed.
  void loadChecks(ids).catch(() => undefined)
  const observed = await rehearse(
    { request, programs: around.programs ?? around.root, signal: context.signal, progress: context.progress },
    folder,
    wish,
  )
  clock.add('migrations-rehearsal', folder.tree.folder, performance.now() - startedAt)
  return observed
}
