import { checkNames, loadChecks } from '../checks/index.ts'
import type { Check } from '../gate/check.ts'
import { SeaworthyError } from '../gate/error.ts'
import { type Question, evaluate } from '../gate/evaluate.ts'
import { bundle } from '../gate/evidence.ts'
import { Observations } from '../gate/observation.ts'
import { migrationTree } from '../observers/migration-tree/kind.ts'
import type { RunReport } from '../reports/run-report.ts'
import { type FolderObservations, findFolders, observeFolder } from './check-folder.ts'
import { type ReportInput, runReport } from './check-report.ts'
import { type CheckFlags, type CheckRequest, checkRequest } from './check-request.ts'
import { givenFiles } from './given-files.ts'
import { checkInputs } from './input-file.ts'
import type { RehearsalWish } from './rehearse.ts'
import { checksToJudge } from './remembered.ts'
import {
  type ConfigChoice,
  type ProcessContext,
  type Surroundings,
  configuration,
  surroundings,
} from './surroundings.ts'

/** What `check` needs from the process it runs in. */
export interface CheckContext extends ProcessContext {
  readonly version: string
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/**
 * `seaworthy check`: finds the migrations, observes, rehearses, judges, and returns the report with the files it is to
 * be written to. Writes nothing but the evidence folder. Throws SeaworthyError for what is no judgement.
 */
export async function check(
  dirs: readonly string[],
  flags: CheckFlags,
  configChoice: ConfigChoice,
  context: CheckContext,
): Promise<{ report: RunReport; reports: CheckRequest['reports'] }> {
  const startedAt = performance.now()
  const around = await surroundings(dirs, context)
  const loaded = await configuration(dirs, configChoice, around, context)
  const request = checkRequest(dirs, flags, loaded, context.cwd, context.env)
  await checkFiles(request)
  const clock = new Clock()
  const ids = checkIds(request)
  const candidate = candidateOf(around)
  // Awaited at the end; until then an error elsewhere must not make this one an unhandled one.
  candidate.catch(() => undefined)

  const folders: FolderObservations[] = []
  const subjects: { name: string; observations: Observations }[] = []
  const { folders: found, leftOut } = await findFolders(around, request)
  const configFile = configChoice.fromRef === undefined ? loaded.source : null
  const relied = { configuration: configFile, inputs: request.inputs, folders: found.map((one) => one.request) }
  const given = givenFiles(around, relied, request.since)
  given.catch(() => undefined)
  for (const one of found) {
    context.signal.throwIfAborted()
    const folder = await observeFolder(around, request, one)
    const rehearsed = await rehearsals(folder, ids, request, around, context, clock)
    folders.push(folder)
    subjects.push({ name: folder.tree.folder, observations: new Observations([...folder.observations, ...rehearsed]) })
  }

  const { policy, action } = request
  const evaluatedAt = new Date().toISOString()
  const checks = await checksToJudge({
    ids,
    subjects,
    context: { evaluatedAt, settings: policy.settings, action },
    version: context.version,
    useCache: request.useCache,
  })
  const question: Question = {
    subjects,
    checks: checks.map((one) => timed(one, clock)),
    policy,
    action,
    evaluatedAt,
    isPartial: request.only.length > 0,
    // Where nothing is pending, nothing was judged by them.
    given: folders.some(({ pending }) => pending.files.length > 0) ? await given : [],
  }
  const evaluation = evaluate(question)
  if (request.evidence !== null) {
    const { writeEvidence } = await import('./evidence-folder.ts')
    await writeEvidence(bundle(question, evaluation, context.version), request.evidence)
  }
  const report = runReport({
    version: context.version,
    question,
    evaluation,
    folders,
    leftOut,
    ...(await candidate),
    evidenceDir: request.evidence,
    durationMs: Math.round(performance.now() - startedAt),
    durationOf: (id, subject) => clock.of(id, subject),
  })
  return { report, reports: request.reports }
}

/** What can be known before the run: whether its files are there, and whether it may write where it is to. */
async function checkFiles({ inputs, evidence, reports }: CheckRequest): Promise<void> {
  await checkInputs(inputs)
  if (reports.length > 0) await (await import('../reports/index.ts')).checkReportPlaces(reports)
  if (evidence !== null) await (await import('./evidence-folder.ts')).checkEvidencePlace(evidence)
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

/** Ids of the checks of this run. */
function checkIds(request: CheckRequest): readonly string[] {
  const unknown = request.only.filter((id) => !checkNames.includes(id))
  if (unknown.length > 0) {
    throw new SeaworthyError('usage', `there is no check called ${unknown.join(', ')}`, {
      hint: `There are: ${checkNames.join(', ')}`,
    })
  }
  return request.only.length > 0 ? [...new Set(request.only)] : checkNames
}

/** The identity of what wants to go live, asked for while everything else is looked at. */
async function candidateOf({ repository }: Surroundings): Promise<Pick<ReportInput, 'head' | 'isDirty'>> {
  if (repository === null) return { head: null, isDirty: null }
  const [head, isDirty] = await Promise.all([repository.head(), repository.isDirty()])
  return { head, isDirty }
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
  context: CheckContext,
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
    { request, root: around.root, signal: context.signal, progress: context.progress },
    folder,
    wish,
  )
  clock.add('migrations-rehearsal', folder.tree.folder, performance.now() - startedAt)
  return observed
}
