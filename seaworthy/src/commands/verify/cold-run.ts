import { canonicalJson } from '../../gate/canonical.ts'
import type { LookedAgain, RunSeen, ToldRun, Tried } from '../../gate/cold/looked-again.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { evaluate } from '../../gate/evaluate.ts'
import { type Observation, Observations } from '../../gate/observation.ts'
import type { Repository } from '../../git/repository.ts'
import { isFromServer } from '../../postgres/server-error.ts'
import { answers } from '../../observers/answers/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { factsOf, pending } from '../../observers/pending/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import type { ColdInput } from './cold-inputs.ts'
import { type ColdRequest, coldRequest } from './cold-request.ts'
import { type CheckContext, observedRun } from '../check/judged-run.ts'

export interface RunAgain {
  readonly told: ToldRun
  readonly checkout: Repository
  /** What the run is asked with, besides what the bundle records. */
  readonly cold: ColdRequest
  /** Folders that hold what somebody else tracks: no program is run from there. */
  readonly notFrom: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly version: string
  /** How long the verifier waits for the whole run: the limits in the bundle are for one statement each. */
  readonly limitMs: number
}

/** Without these nothing can stand in for them: the bundle does not hold what was in the file. */
const NOT_IN_BUNDLE: ReadonlySet<string> = new Set(['workload', 'seedSql'])

/** Inputs without which the run cannot be made again; empty where it can. */
const missingInputs = (inputs: readonly ColdInput[]): string[] =>
  inputs.filter(({ as, file }) => NOT_IN_BUNDLE.has(as) && file === null).map(({ as }) => as)

/**
 * Runs the whole gate on the fresh checkout, and judges it by the recorded policy as of the recorded time. What makes the run
 * impossible is a reason, never a difference.
 */
export async function runAgain(
  again: RunAgain,
  context: Pick<CheckContext, 'signal' | 'progress'>,
): Promise<Pick<LookedAgain, 'run' | 'brought'>> {
  const { told, checkout, cold, notFrom } = again
  const { inputs } = cold
  const missing = missingInputs(inputs)
  if (missing.length > 0) {
    return failed(`the run cannot be made again without the file that was given as ${missing.join(', ')}`)
  }
  const around = {
    root: checkout.root,
    repository: checkout,
    env: withoutCi(again.env),
    programs: { notBelow: notFrom },
  }
  const deadline = AbortSignal.timeout(again.limitMs)
  const signal = AbortSignal.any([context.signal, deadline])
  const tooLong = (): boolean => deadline.aborted && !context.signal.aborted
  const late = failed(`${NOT_RUN}: it took longer than ${again.limitMs / 1000} seconds`)
  const from = {
    configFile: inputs.find(({ as }) => as === 'configuration')?.file ?? null,
    instead: (folder: string) => insteadOf(again, folder),
  }
  try {
    const { subjects, given } = await observedRun(around, coldRequest(told, cold), from, { ...context, signal })
    // What was cut short says nothing.
    if (tooLong()) return late
    const asTold = subjects.map((one) => ({ ...one, observations: inToldWords(one.observations, told, one.name) }))
    const evaluation = evaluate({ ...told.question, subjects: asTold, given })
    const witness = `the gate, run by the verifier with Seaworthy ${again.version}`
    return { run: { done: { subjects, evaluation }, witness }, brought: broughtIn(subjects, inputs) }
  } catch (error) {
    if (tooLong()) return late
    // Names and roles are the bundle's: what the server says of them is no bug of ours.
    if (error instanceof SeaworthyError || isFromServer(error)) return failed(`${NOT_RUN}: ${error.message}`)
    throw error
  }
}

const NOT_RUN = 'the gate could not be run at the commit'

function failed(reason: string): Pick<LookedAgain, 'run' | 'brought'> {
  const run: Tried<RunSeen> = { failed: reason }
  return { run, brought: new Map() }
}

/**
 * What was seen of production in the first run and is no file that was brought: the bundle's own observation. The claims about
 * production itself say whether it was so.
 */
function insteadOf({ told, cold: { inputs } }: RunAgain, folder: string): Observation[] {
  const observations = told.question.subjects.find((one) => one.name === folder)?.observations
  const [rows, given] = [observations?.find(ledger), observations?.find(answers)]
  const isBrought = (as: string): boolean => inputs.some((one) => one.as === as && one.file !== null)
  const isFromFile = inputs.some(({ as }) => as === `ledger ${folder}`)
  // A ledger that came with the shape comes with it again.
  const isOfShape = rows !== undefined && !isFromFile && rows.witness.startsWith('file ')
  return [
    ...(rows === undefined || isOfShape || isBrought(`ledger ${folder}`) ? [] : [rows]),
    ...(given === undefined || isBrought('answers') ? [] : [given]),
  ]
}

/** What was read from files that the verifier has, folder by folder. */
function broughtIn(subjects: RunSeen['subjects'], inputs: readonly ColdInput[]): ReadonlyMap<string, Observations> {
  const isBrought = (as: string): boolean => inputs.some((one) => one.as === as && one.file !== null)
  return new Map(
    subjects.map(({ name, observations }) => {
      const kept = [...observations].filter(
        ({ kind }) =>
          (kind === ledger.name && isBrought(`ledger ${name}`)) ||
          (kind === shape.name && isBrought('shape')) ||
          (kind === answers.name && isBrought('answers')),
      )
      return [name, new Observations(kept)]
    }),
  )
}

/**
 * Where the same is pending on the same facts, in the words of the first run: how git came to the base commit is its business,
 * and a claim of its own says whether that commit was a good one.
 */
function inToldWords(again: Observations, { question }: ToldRun, folder: string): Observations {
  const told = question.subjects.find((one) => one.name === folder)?.observations
  const [ours, theirs, words] = [again.maybe(pending), told?.maybe(pending), told?.find(pending)]
  if (ours === undefined || theirs === undefined || words === undefined) return again
  return canonicalJson(factsOf(ours)) === canonicalJson(factsOf(theirs)) ? again.with(words) : again
}

/** The verifier's CI was started for something else than the builder's. */
const withoutCi = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !CI_VARIABLE.test(name)))
const CI_VARIABLE = /^(?:CI$|CI_|GITHUB_|GITLAB_|GITEA_|FORGEJO_|DRONE|WOODPECKER|SEAWORTHY_LEDGER_URL$)/
