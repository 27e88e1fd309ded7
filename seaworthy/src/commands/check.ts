import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { checkNames, loadChecks } from '../checks/index.ts'
import { type LoadedConfig, findConfig, loadConfig, loadConfigText, CONFIG_NAMES } from '../config/load.ts'
import type { Check } from '../gate/check.ts'
import { SeaworthyError } from '../gate/error.ts'
import { type Question, evaluate } from '../gate/evaluate.ts'
import { bundle } from '../gate/evidence.ts'
import { Observations } from '../gate/observation.ts'
import { Repository } from '../git/repository.ts'
import type { RunReport } from '../reports/run-report.ts'
import { type FolderObservations, type Surroundings, findFolders, observeFolder } from './check-folder.ts'
import { runReport } from './check-report.ts'
export type { CheckFlags } from './check-request.ts'
import { type CheckFlags, type CheckRequest, checkRequest } from './check-request.ts'

/** What `check` needs from the process it runs in. */
export interface CheckContext {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly version: string
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/** Where the configuration comes from. */
export interface ConfigChoice {
  readonly file?: string | undefined
  /** A revision whose configuration counts, so that a candidate cannot loosen its own gate. */
  readonly fromRef?: string | undefined
}

/**
 * `seaworthy check`: finds the migrations, observes, rehearses, judges, and returns the report. Writes nothing but the
 * evidence folder and the reports that were asked for. Throws SeaworthyError for what is no judgement.
 */
export async function check(
  dirs: readonly string[],
  flags: CheckFlags,
  configChoice: ConfigChoice,
  context: CheckContext,
): Promise<RunReport> {
  const startedAt = performance.now()
  const around = await surroundings(dirs, context)
  const loaded = await configuration(dirs, configChoice, around, context)
  const request = checkRequest(dirs, flags, loaded, context.cwd, context.env)
  const clock = new Clock()
  const checks = await checksFor(request, clock)

  const folders: FolderObservations[] = []
  const subjects: { name: string; observations: Observations }[] = []
  for (const found of await findFolders(around, request)) {
    context.signal.throwIfAborted()
    const folder = await observeFolder(around, request, found)
    const rehearsed = await rehearsals(folder, checks, request, around, context, clock)
    folders.push(folder)
    subjects.push({ name: folder.tree.folder, observations: new Observations([...folder.observations, ...rehearsed]) })
  }

  const question: Question = {
    subjects,
    checks,
    policy: request.policy,
    action: request.action,
    evaluatedAt: new Date().toISOString(),
    isPartial: request.only.length > 0,
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
    head: (await around.repository?.head()) ?? null,
    isDirty: (await around.repository?.isDirty()) ?? null,
    evidenceDir: request.evidence,
    durationMs: Math.round(performance.now() - startedAt),
    durationOf: (id, subject) => clock.of(id, subject),
  })
  if (request.reports.length > 0) {
    const { writeReport } = await import('../reports/index.ts')
    for (const { kind, file } of request.reports) await writeReport(kind, file, report)
  }
  return report
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

async function surroundings(dirs: readonly string[], { cwd, env }: CheckContext): Promise<Surroundings> {
  const from = path.resolve(cwd, dirs[0] ?? '.')
  const isFolder = statSync(from, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (!isFolder) {
    throw new SeaworthyError('unreadable', `there is no folder ${from}`, {
      hint: 'Name the folder of your migrations, or leave it out.',
    })
  }
  const repository = await Repository.open(from, env)
  const real = realpathSync(cwd)
  const isInside = (root: string): boolean =>
    dirs.every((dir) => !path.relative(root, realpathSync(path.resolve(cwd, dir))).startsWith('..'))
  if (repository !== null) return { root: repository.root, repository, env }
  return { root: isInside(real) ? real : realpathSync(from), repository: null, env }
}

async function configuration(
  dirs: readonly string[],
  choice: ConfigChoice,
  around: Surroundings,
  { cwd }: CheckContext,
): Promise<LoadedConfig> {
  const none: LoadedConfig = { config: {}, source: null, base: cwd }
  if (choice.fromRef !== undefined) return (await configurationAt(choice.fromRef, choice.file, around, cwd)) ?? none
  if (choice.file !== undefined) return await loadConfig(path.resolve(cwd, choice.file))
  const start = realpathSync(dirs.length === 1 ? path.resolve(cwd, dirs[0] ?? '.') : cwd)
  const found = findConfig(start, around.root)
  return found === null ? none : await loadConfig(found)
}

/** The configuration as it stands at a revision; null if there is none there, whatever the candidate has. */
async function configurationAt(
  ref: string,
  file: string | undefined,
  around: Surroundings,
  cwd: string,
): Promise<LoadedConfig | null> {
  const { repository, root } = around
  if (repository === null) {
    throw new SeaworthyError('git', `--config-from ${ref} needs a git repository, and this is none`)
  }
  const commit = await repository.resolve(ref)
  if (commit === null) {
    throw new SeaworthyError('git', `--config-from names ${ref}, which git does not know`, {
      hint: `git fetch origin ${ref}`,
    })
  }
  const real = realpathSync(cwd)
  const names = file === undefined ? CONFIG_NAMES.map((name) => path.join(real, name)) : [path.resolve(real, file)]
  const paths = [
    ...names,
    ...(file === undefined && real !== root ? CONFIG_NAMES.map((name) => path.join(root, name)) : []),
  ]
  for (const absolute of paths) {
    const relative = path.relative(root, absolute).split(path.sep).join('/')
    const content = await repository.read(commit, relative)
    if (content !== null) return await loadConfigText(content.toString('utf8'), absolute, `${ref}:${relative}`)
  }
  if (file === undefined) return null
  throw new SeaworthyError('config', `${ref} has no ${file}`, {
    hint: 'Mend --config, or name a revision that has it.',
  })
}

/** The checks of this run, timed. */
async function checksFor(request: CheckRequest, clock: Clock): Promise<Check[]> {
  const unknown = request.only.filter((id) => !checkNames.includes(id))
  if (unknown.length > 0) {
    throw new SeaworthyError('usage', `there is no check called ${unknown.join(', ')}`, {
      hint: `There are: ${checkNames.join(', ')}`,
    })
  }
  const checks = await loadChecks(request.only.length > 0 ? request.only : checkNames)
  await Promise.all(checks.map(async (one) => await one.prepare?.()))
  return checks.map((one) => ({
    ...one,
    judge: (observations, context) => {
      const startedAt = performance.now()
      const judgement = one.judge(observations, context)
      const [tree] = observations
      clock.add(one.id, tree?.witness.replace(/^folder /, '') ?? '', performance.now() - startedAt)
      return judgement
    },
  }))
}

async function rehearsals(
  folder: FolderObservations,
  checks: readonly Check[],
  request: CheckRequest,
  around: Surroundings,
  context: CheckContext,
  clock: Clock,
) {
  const wants = (id: string): boolean => checks.some((one) => one.id === id)
  const wish = { ups: wants('migrations-rehearsal'), downs: wants('migrations-down') }
  if (!wish.ups && !wish.downs) return []
  const startedAt = performance.now()
  const { rehearse } = await import('./rehearse.ts')
  const observed = await rehearse(
    { request, root: around.root, signal: context.signal, progress: context.progress },
    folder,
    wish,
  )
  clock.add('migrations-rehearsal', folder.tree.folder, performance.now() - startedAt)
  return observed
}
