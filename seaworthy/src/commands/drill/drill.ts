import { existsSync } from 'node:fs'
import path from 'node:path'
import { checkNames, loadChecks, loadMutants, loadWorlds } from '../../checks/index.ts'
import { type DrillRow, isNotHere, type World, type WorldChange } from '../../gate/drill/drill.ts'
import { drillJudges } from '../../gate/drill/judges.ts'
import { aboutWorld, type JudgedWorld, withoutCheck, worldRow } from '../../gate/drill/worlds.ts'
import { SeaworthyError } from '../../gate/error.ts'
import type { Finding } from '../../gate/finding.ts'
import { evaluate, type Evaluation, type Question, type Subject } from '../../gate/evaluate.ts'
import { pending } from '../../observers/pending/kind.ts'
import type { DrillControl } from '../../reports/drill.ts'
import type { ProjectCopy } from './copy.ts'
import { type Asked, configStart, DrillSite } from './site.ts'
import { drilled, makeWorld, refusingServer, writeWorkload } from './world.ts'
import { readInput } from '../input-file.ts'
import { type BadWorld, checkIds, type JudgedRun, judgedRun } from '../check/judged-run.ts'
import { requestHere } from '../check/request.ts'

/** What is asked of a drill besides what `check` would be asked. */
export interface DrillChoice {
  /** Both where it is null. */
  readonly tier: 'judge' | 'world' | null
  /** Names of bad worlds; empty for all of them. */
  readonly worlds: readonly string[]
  /** A bundle that an earlier `check --evidence` wrote, whose observations the judge tier damages; null for a run of now. */
  readonly evidence: string | null
}

/** What a drill found out. */
export interface Drilled {
  readonly control: DrillControl
  readonly rows: readonly DrillRow[]
}

/** A bad world of a check. */
export interface NamedWorld {
  readonly check: string
  readonly world: World
}

/** The bad worlds by name, or all. Throws SeaworthyError('usage') for a name that none has. */
export async function chosenWorlds(names: readonly string[]): Promise<readonly NamedWorld[]> {
  const all = await Promise.all(
    checkNames.map(async (check) => (await loadWorlds(check)).map((world) => ({ check, world }))),
  )
  const worlds = all.flat()
  const unknown = names.find((name) => worlds.every(({ world }) => world.name !== name))
  if (unknown !== undefined) {
    throw new SeaworthyError('usage', `there is no bad world called ${unknown}`, {
      hint: 'List them: seaworthy drill --list.',
    })
  }
  return names.length === 0 ? worlds : worlds.filter(({ world }) => names.includes(world.name))
}

/**
 * `seaworthy drill`: attacks the gate with the user's own project. First it is asked as `check` would ask it (the
 * control), then about the same project with a harm in it, world by world, and about damaged observations. Nothing is
 * written but to copies in a temporary folder. Throws SeaworthyError for what is no answer of the gate.
 */
export async function drill(asked: Asked, choice: DrillChoice): Promise<Drilled> {
  const worlds = choice.tier === 'judge' ? [] : await chosenWorlds(choice.worlds)
  const isJudging = choice.tier === 'judge' || (choice.tier === null && choice.worlds.length === 0)
  refuseMixed(choice, isJudging)
  const fromEvidence =
    isJudging && choice.evidence !== null ? await judgeTier(await bundled(choice.evidence, asked)) : null
  if (choice.tier === 'judge') {
    if (fromEvidence !== null) return fromEvidence
    return await judgeTier((await plainRun(asked)).question)
  }
  await using site = await DrillSite.open(asked)
  await using first = await site.copy()
  asked.context.progress('control: the gate about the project as it is')
  const [plain, control] = await bothOf(plainRun(asked), controlRun(site, first))
  const unlike = typeof control === 'string' ? control : whyUnlike(plain.evaluation, control.evaluation)
  if (typeof control === 'string' || unlike !== null) {
    return { control: { ...controlOf(plain.evaluation), unlike }, rows: [] }
  }
  const drillRows = await worldTier({ site, asked, control }, worlds, first)
  const judged = fromEvidence ?? (isJudging ? await judgeTier(control.question) : null)
  return { control: controlOf(plain.evaluation), rows: [...drillRows, ...(judged?.rows ?? [])] }
}

/** Throws SeaworthyError('usage') where a flag is for the tier that is not drilled. */
function refuseMixed({ tier, worlds, evidence }: DrillChoice, isJudging: boolean): void {
  const hint = 'Leave one of them out, or run two drills.'
  if (tier === 'judge' && worlds.length > 0) {
    throw new SeaworthyError('usage', '--world is for the world tier, which --tier judge leaves out', { hint })
  }
  if (evidence === null || isJudging) return
  const without = tier === 'world' ? '--tier world' : '--world'
  throw new SeaworthyError('usage', `--evidence is for the judge tier, which ${without} leaves out`, { hint })
}

/** A run as `check` would do it, without the files that it would write. */
const plainRun = async ({ dirs, flags, choice, context }: Asked): Promise<JudgedRun> =>
  await judgedRun(dirs, flags, choice, {
    ...context,
    progress: () => undefined,
    world: { request: drilled, inputs: [] },
  })

/** The same of an unchanged copy; in words, if that gives no answer at all. */
async function controlRun(site: DrillSite, copy: ProjectCopy): Promise<JudgedRun | string> {
  try {
    return await plainRun(site.askedOf(copy))
  } catch (error) {
    if (!(error instanceof SeaworthyError) || error.code === 'internal') throw error
    return `of an unchanged copy the gate gives no answer: ${site.told(error.message)}${site.leftOut}`
  }
}

const controlOf = (evaluation: Evaluation): DrillControl => ({
  verdict: evaluation.verdict,
  refusals: [...new Set(refusalsOf(evaluation).map(({ code }) => code))],
  unlike: null,
})

const refusalsOf = ({ results, policyFindings }: Evaluation): readonly Finding[] =>
  [...results.flatMap((one) => one.findings), ...policyFindings].filter(({ outcome }) => outcome !== 'none')

function said(evaluation: Evaluation): string {
  const codes = [...new Set(refusalsOf(evaluation).map(({ code }) => code))].toSorted()
  return codes.length === 0 ? evaluation.verdict : `${evaluation.verdict} (${codes.join(', ')})`
}

/** What the copy is judged by, and the project itself is not; null if the gate says the same of both. */
function whyUnlike(plain: Evaluation, copy: Evaluation): string | null {
  if (said(plain) === said(copy)) return null
  return `of the project itself the gate says ${said(plain)}, of an unchanged copy ${said(copy)}`
}

/** Waits for both, also when one fails: what the other one uses must not be taken away under it. */
async function bothOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return [await first, await second]
}

/**
 * What an earlier run of this project observed, asked as it would be asked now: the gate that is drilled is the one that the
 * configuration and the flags make, not the one that judged then.
 */
async function bundled(dir: string, { dirs, flags, choice, context }: Asked): Promise<Question> {
  const { readBundle } = await import('../../evidence/read.ts')
  const { questionOfBundle } = await import('../../evidence/question.ts')
  const { around, request } = await requestHere(dirs, flags, choice, context)
  const read = await readBundle(dir)
  const strange = read.manifest.subjects.find(({ name }) => !existsSync(path.join(around.root, name)))
  if (strange !== undefined) {
    throw new SeaworthyError(
      'usage',
      `the evidence in ${dir} is of another project: there is no folder ${strange.name}`,
      {
        hint: 'Name what seaworthy check --evidence wrote of this project, or leave --evidence out.',
      },
    )
  }
  const { policy, action } = request
  return { ...(await questionOfBundle(read)), checks: await loadChecks(checkIds(request)), policy, action }
}

/** Damages what was observed. The judges are loaded anew: a remembered judgement answers one set of observations only. */
async function judgeTier(asked: Question): Promise<Drilled> {
  const checks = await loadChecks(asked.checks.map(({ id }) => id))
  await Promise.all(checks.map(async (check) => await check.prepare?.()))
  const question = { ...asked, checks }
  const evaluation = evaluate(question)
  return { control: controlOf(evaluation), rows: drillJudges(question, evaluation, await loadMutants(checkNames)) }
}

interface Scene {
  readonly site: DrillSite
  readonly asked: Asked
  readonly control: JudgedRun
}

interface Task extends NamedWorld {
  readonly subject: Subject
}

/** So many worlds are judged at a time. */
const AT_A_TIME = 2

/** Every bad world on every folder, each in a copy that holds nothing of the others. */
async function worldTier(scene: Scene, worlds: readonly NamedWorld[], first: ProjectCopy): Promise<DrillRow[]> {
  const { control, asked } = scene
  // Worlds are made by the grammar of the judges.
  await Promise.all((await loadChecks(checkNames)).map(async (check) => await check.prepare?.()))
  const tasks = control.question.subjects.flatMap((subject) => worlds.map((one) => ({ ...one, subject })))
  const rows: DrillRow[] = []
  const waiting = tasks.entries()
  const work = async (copy: ProjectCopy): Promise<void> => {
    // One iterator for all: each takes the next task that nobody has taken.
    for (const [index, task] of waiting) {
      asked.context.signal.throwIfAborted()
      asked.context.progress(`bad world ${index + 1} of ${tasks.length}: ${task.world.name}`)
      rows[index] = await rowOf(scene, task, copy)
    }
  }
  await using second = await scene.site.copy()
  const done = await Promise.allSettled([first, second].slice(0, AT_A_TIME).map(work))
  for (const one of done) if (one.status === 'rejected') throw one.reason
  return rows
}

async function rowOf(scene: Scene, task: Task, copy: ProjectCopy): Promise<DrillRow> {
  const { check, world, subject } = task
  const { question } = scene.control
  const { policy, action, evaluatedAt } = question
  const about = aboutWorld(check, world, subject.name)
  const change = world.build(subject.observations, { settings: policy.settings, action, evaluatedAt })
  if (isNotHere(change)) return { ...about, outcome: 'not-here', by: [], why: change.notHere }
  const judged = { check, world, change, subject: subject.name, control: scene.control }
  if (change.leftOut !== undefined) {
    return worldRow({ ...judged, answered: withoutCheck(question, change.leftOut) })
  }
  const row = await triedRow(judged, scene, task, copy)
  if (row.outcome !== 'unproven' || !mayStandAlone(change, subject)) return row
  // What the release does itself may stand in front of the harm.
  const alone = await triedRow({ ...judged, change: { ...change, isReleaseTakenOut: true } }, scene, task, copy)
  return alone.outcome === 'unproven' || alone.outcome === 'not-here' ? row : alone
}

const mayStandAlone = ({ migration, isReleaseTakenOut }: WorldChange, { observations }: Subject): boolean =>
  migration !== undefined && isReleaseTakenOut !== true && observations.need(pending).files.length > 0

async function triedRow(
  judged: Omit<JudgedWorld, 'answered'>,
  scene: Scene,
  { check, world, subject }: Task,
  copy: ProjectCopy,
): Promise<DrillRow> {
  const about = aboutWorld(check, world, subject.name)
  try {
    const answered = await answerTo(judged.change, scene, subject, copy)
    if (isNotHere(answered)) return { ...about, outcome: 'not-here', by: [], why: answered.notHere }
    return worldRow({ ...judged, answered })
  } catch (error) {
    if (!(error instanceof SeaworthyError) || error.code === 'internal') throw error
    const why = `the gate gave no answer: ${scene.site.told(error.message)}`
    return { ...about, outcome: 'unproven', by: [], why }
  } finally {
    await copy.restore()
  }
}

/** The whole gate, asked about a copy with one harm in it. */
async function answerTo(change: WorldChange, scene: Scene, subject: Subject, copy: ProjectCopy) {
  // A configuration that is a module is only read once in a process from one place, and what is committed stays.
  await using own = change.configuration === undefined ? null : await scene.site.copy()
  await using server = change.isServerRefusing === true ? await refusingServer() : null
  const used = own ?? copy
  const isAlone = scene.control.question.subjects.length === 1
  const asked = isAlone ? scene.site.askedOf(used) : scene.site.askedOfFolder(used, subject.name)
  if (change.query !== undefined) await writeWorkload(used, await givenWorkload(scene.control), change.query)
  const place = {
    copy: used,
    observations: subject.observations,
    configStart: configStart(asked),
    configFile: asked.choice.file ?? null,
    hasHistory: scene.control.candidate.commit !== null,
    env: asked.context.env,
  }
  const world: BadWorld | { readonly notHere: string } = await makeWorld(change, place, server?.url ?? null)
  if (isNotHere(world)) return world
  const { dirs, context } = asked
  const { flags, choice } = own === null ? asked : await pinned(asked, scene.control)
  return await judgedRun(dirs, flags, choice, { ...context, progress: () => undefined, world })
}

/** Where a world is committed, HEAD is another commit than the one that the user means by it. */
async function pinned(
  { flags, choice }: Asked,
  { around, request }: JudgedRun,
): Promise<Pick<Asked, 'flags' | 'choice'>> {
  const commitOf = async (ref: string): Promise<string> => (await around.repository?.resolve(ref)) ?? ref
  return {
    flags: request.since === null ? flags : { ...flags, since: await commitOf(request.since) },
    choice: choice.fromRef === undefined ? choice : { ...choice, fromRef: await commitOf(choice.fromRef) },
  }
}

const MOST_WORKLOAD_BYTES = 16_000_000

async function givenWorkload({ request }: JudgedRun): Promise<string | null> {
  const file = request.inputs.workload
  return file === null ? null : await readInput(file, MOST_WORKLOAD_BYTES, '--workload')
}
