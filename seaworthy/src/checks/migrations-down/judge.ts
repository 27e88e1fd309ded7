import type { JudgeContext } from '../../gate/check.ts'
import { type Finding, type Where, cannotProve, notApplied, refuse, warn } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Judgement } from '../../gate/verdict.ts'
import { type Migration, migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { type DownTrial, rehearsalDown } from '../../observers/rehearsal-down/kind.ts'
import { type Say, judgeDifference, realChanges } from './difference.ts'

type Failure = NonNullable<DownTrial['failure']>
/** What a trial says about its down; `null` where it says nothing about it. */
type Verdict = 'works' | 'leaves a trace' | 'fails' | 'breaks the next up' | 'is missing'

/**
 * Judges each trial for itself. By default nothing here stops a release: what was found out is told, and `proved` says
 * exactly what was found out. Trials that do not fit the tree or contradict themselves prove nothing in either mode.
 */
export function judge(observations: Observations, { settings }: JudgeContext): Judgement {
  const { extent, trials } = observations.need(rehearsalDown)
  const asked = askedFor(observations, extent)
  if (asked === null || !fits(asked, trials)) return { findings: [incomplete()], proved: [] }
  const say: Say = settings.requireDowns ? refuse : warn
  const findings = trials.flatMap((trial) => judgeTrial(trial, say))
  return {
    findings: [...findings, ...judgeNotTried(trials, settings.requireDowns)],
    proved: provedBy(trials),
  }
}

/** The migrations whose downs had to be tried; null if one is pending that the tree does not have. */
function askedFor(observations: Observations, extent: 'pending' | 'all'): readonly Migration[] | null {
  const { migrations } = observations.need(migrationTree)
  const files = new Set(observations.need(pending).files)
  const inTree = migrations.filter((migration) => files.has(migration.up.file))
  if (inTree.length !== files.size) return null
  return extent === 'all' ? migrations : inTree
}

/** One trial a migration, in the order of the tree, none of which contradicts the tree or itself. */
function fits(asked: readonly Migration[], trials: readonly DownTrial[]): boolean {
  const expected = asked.map(({ version, up, down }) => [version, up.file, down?.file ?? null])
  const tried = trials.map(({ version, file, downFile }) => [version, file, downFile])
  return asked.length > 0 && JSON.stringify(tried) === JSON.stringify(expected) && trials.every(isConsistent)
}

function isConsistent({ outcome, downFile, failure, leftOver, missing, changed }: DownTrial): boolean {
  const isCompared = outcome === 'reverted' || outcome === 'up-again-failed'
  if (!isCompared && leftOver.length + missing.length + changed.length > 0) return false
  switch (outcome) {
    case 'reverted':
      return downFile !== null && failure === null
    case 'no-down-file':
      return downFile === null && failure === null
    case 'down-failed':
    case 'up-again-failed':
      return downFile !== null && failure !== null
    case 'up-failed':
      return failure !== null
    case 'not-reached':
      return true
  }
}

/** Whether the trial was cut short by the rehearsal itself, and so says nothing about the down. */
const isInterrupted = ({ failure }: DownTrial): boolean =>
  failure !== null && (failure.isInfrastructure || failure.missingExtension !== null)

function verdictOn(trial: DownTrial): Verdict | null {
  // That a file is missing is seen in the tree, whatever became of the up.
  if (trial.downFile === null) return 'is missing'
  if (isInterrupted(trial)) return null
  switch (trial.outcome) {
    case 'down-failed':
      return 'fails'
    case 'up-again-failed':
      return 'breaks the next up'
    case 'reverted':
      return trial.leftOver.length + trial.missing.length + realChanges(trial).length === 0 ? 'works' : 'leaves a trace'
    default:
      return null
  }
}

function judgeTrial(trial: DownTrial, say: Say): Finding[] {
  const { outcome, failure } = trial
  if (trial.downFile === null) return [missing(trial, say)]
  if (isInterrupted(trial)) return []
  // Nothing is compared where nobody got so far: then there is no difference.
  if (failure === null) return judgeDifference(trial, say)
  if (outcome === 'down-failed') return [downFailed(trial, failure, say)]
  return outcome === 'up-again-failed' ? [upAgainFailed(trial, failure, judgeDifference(trial, say), say)] : []
}

const missing = (trial: DownTrial, say: Say): Finding =>
  say({
    code: 'apply/down-missing',
    message: `migration ${trial.version} has no down file`,
    where: { file: trial.file, line: 1, column: 1 },
    subject: `migration ${trial.version}`,
    hint: 'Write its down beside it, or accept the finding in the policy with the reason why there is no way back.',
  })

const downFailed = (trial: DownTrial, failure: Failure, say: Say): Finding =>
  say({
    code: 'apply/down-failed',
    message: `the down of ${trial.version} fails: ${serverSaid(failure)}.${statement(failure)}${half(failure)}`,
    where: placeOf(failure, failure.file),
    subject: `migration ${trial.version}`,
    hint:
      failure.error.sqlstate === '42501'
        ? 'The role that migrates may not do this: give it the right, or let the owner take the migration back.'
        : 'Try the down right after its up, on an empty database, and mend it while the migration is pending.',
  })

/** What is wrong with the down is why: it is said there, and not a second time. */
const upAgainFailed = (trial: DownTrial, failure: Failure, why: readonly Finding[], say: Say): Finding =>
  say({
    code: 'apply/up-after-down-failed',
    message: `after its down, migration ${trial.version} does not apply again: ${serverSaid(failure)}.${statement(failure)}${why.map((one) => ` ${sentence(one.message)}`).join('')}`,
    where: placeOf(failure, failure.file),
    subject: `migration ${trial.version}`,
    hint:
      why.length === 0
        ? 'The down left something behind or took away too much: take back in it exactly what the up made.'
        : why.map((one) => one.hint).join(' '),
  })

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`

/** One finding for all that were not tried: they have one cause. */
function judgeNotTried(trials: readonly DownTrial[], isRequired: boolean): Finding[] {
  const untried = trials.flatMap((trial) =>
    trial.downFile !== null && verdictOn(trial) === null ? [{ ...trial, downFile: trial.downFile }] : [],
  )
  const [first] = untried
  if (first === undefined) return []
  const others = untried.length === 1 ? '' : ` and of ${untried.length - 1} more`
  const cause = untried.find((trial) => trial.failure !== null) ?? first
  const why =
    cause.failure === null
      ? 'the trial did not get there'
      : `${failedStep(cause)} ${cause.version}: ${serverSaid(cause.failure)}`
  const say = isRequired ? cannotProve : warn
  return [
    say({
      code: 'unproven/down-not-tried',
      message: `the down of ${first.version}${others} was not tried: ${why}`,
      where: placeOf(cause.failure, cause.downFile),
      subject: `migration ${first.version}`,
      hint: 'Mend what stopped the trial (the rehearsal says more about it), and run again.',
      ...(cause.outcome === 'up-failed' ? { cause: notApplied(cause.version) } : {}),
    }),
  ]
}

function failedStep(trial: DownTrial): string {
  switch (trial.outcome) {
    case 'down-failed':
      return 'the down was cut short at'
    case 'up-again-failed':
      return 'the second up was cut short at'
    default:
      return 'the up did not apply at'
  }
}

const incomplete = (): Finding =>
  cannotProve({
    code: 'unproven/downs-incomplete',
    message: 'the trial of the downs does not fit the migrations that it was asked for',
    subject: 'rehearsal-down',
    hint: 'Run again. If it stays, please report it with the evidence folder (--evidence DIR).',
  })

/** What the trials show, whether it is good or not. Nothing, if not one of them shows anything. */
function provedBy(trials: readonly DownTrial[]): string[] {
  const verdicts = trials.map(verdictOn)
  const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length
  const works = count('works')
  const others = (['leaves a trace', 'fails', 'breaks the next up', 'is missing'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`)
  return [
    ...(works > 0
      ? [
          `the down of ${works} of ${trials.length} ${trials.length === 1 ? 'migration' : 'migrations'} leaves the schema as it was, and the up applies again; what becomes of rows was not tried`,
        ]
      : []),
    ...(others.length > 0
      ? [`${works > 0 ? 'the other downs' : 'the downs'} are no good way back: ${others.join(', ')}`]
      : []),
  ]
}

function serverSaid({ error: { message, sqlstate, detail } }: Failure): string {
  return `${message}${sqlstate === null ? '' : ` (SQLSTATE ${sqlstate})`}${detail === null ? '' : `; ${detail}`}`
}

const statement = ({ statement: found }: Failure): string =>
  found === null ? '' : ` The statement is: ${found.text.replaceAll(/\s+/g, ' ')}.`

const half = ({ leavesHalf }: Failure): string =>
  leavesHalf ? ' What stands before it is already committed: production would be left half-way.' : ''

/** Where it failed; the top of the file where nothing did. */
const placeOf = (failure: DownTrial['failure'], file: string): Where => ({
  file: failure?.file ?? file,
  line: failure?.statement?.line ?? 1,
  column: failure?.statement?.column ?? 1,
})
