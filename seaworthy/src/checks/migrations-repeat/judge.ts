import type { JudgeContext } from '../../gate/check.ts'
import { type Finding, cannotProve } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Judgement } from '../../gate/verdict.ts'
import { type Migration, type MigrationTree, migrationTree } from '../../observers/migration-tree/kind.ts'
import { type Repeat, repeat, type SecondStart, type StopTrial } from '../../observers/repeat/kind.ts'
import { pendingOf, pointsOf } from './points.ts'
import { judgeSecondStart } from './second-start.ts'
import { judgeStops } from './stops.ts'

/** Judges the second start and each stop. Trials that are not all that had to be made, or contradict themselves, prove nothing. */
export function judge(observations: Observations, { settings }: JudgeContext): Judgement {
  const seen = observations.need(repeat)
  const tree = observations.need(migrationTree)
  const migrations = pendingOf(observations)
  if (migrations === null || !fits(seen, tree, migrations, settings.profile)) {
    return { findings: [incomplete()], proved: [] }
  }
  return {
    findings: [
      ...(seen.secondStart === null ? [] : judgeSecondStart(seen.secondStart)),
      ...judgeStops(seen.stops, tree, settings.profile),
    ],
    proved: [...(seen.secondStart === null ? [] : provedAgain(seen.secondStart)), ...provedStops(seen.stops)],
  }
}

function fits(
  { profile, secondStart, stops }: Repeat,
  tree: MigrationTree,
  migrations: readonly Migration[],
  asked: Repeat['profile'],
): boolean {
  const known = new Set(tree.migrations.map((migration) => migration.up.file))
  const expected = migrations.flatMap((migration) =>
    pointsOf(migration, tree).map((point) => `${migration.up.file} ${point.index} ${point.kind}`),
  )
  const tried = stops.map((stop) => `${stop.file} ${stop.index} ${stop.kind}`)
  return (
    profile === asked &&
    (secondStart === null ? asked === 'online' : isConsistentStart(secondStart, known)) &&
    JSON.stringify(tried) === JSON.stringify(expected) &&
    stops.every(isConsistent)
  )
}

function isConsistentStart(start: SecondStart, known: ReadonlySet<string>): boolean {
  const { ledger, again, failure, error, changed, madeAgain } = start
  const isOfTree = [...again, ...madeAgain.map((one) => one.file)].every((file) => known.has(file))
  const isQuiet = again.length > 0 || (failure === null && changed.length === 0)
  const isFull = (ledger !== 'unknown' && ledger !== 'missing') || again.length > 0
  return isOfTree && isQuiet && isFull && (ledger === 'unreadable') === (error !== null)
}

function isConsistent({ outcome, failure, changed, invalid, why }: StopTrial): boolean {
  switch (outcome) {
    case 'same':
      return failure === null && changed.length === 0 && invalid.length === 0 && why === null
    case 'failed':
      return failure !== null && why === null
    case 'differs':
      return failure === null && changed.length > 0 && why === null
    case 'untried':
      return failure === null && why !== null
  }
}

function provedAgain({ ledger, again, failure, changed }: SecondStart): string[] {
  if (ledger === 'known' && again.length === 0) return ['started again, the tool finds all of it in its ledger']
  const isClean = ledger === 'unknown' && failure === null && changed.length === 0
  return isClean ? ['applied a second time, the pending migrations change nothing in the schema'] : []
}

/** What the trials show, whether it is good or not. */
function provedStops(stops: readonly StopTrial[]): string[] {
  if (stops.length === 0) return ['no pending migration can stop half-way']
  const count = (outcome: StopTrial['outcome']): number => stops.filter((stop) => stop.outcome === outcome).length
  const others = (['failed', 'differs', 'untried'] as const)
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => `${count(outcome)} ${outcome}`)
  const aside = others.length === 0 ? '' : ` (${others.join(', ')})`
  return [
    `${stops.length === 1 ? '1 place' : `${stops.length} places`} at which a pending migration can stop half-way: from ${count('same')} it can be begun again and ends with the same schema${aside}`,
  ]
}

const incomplete = (): Finding =>
  cannotProve({
    code: 'unproven/repeat-incomplete',
    message: 'the trial of starting again does not fit the pending migrations',
    subject: 'repeat',
    hint: 'Run again. If it stays, please report it with the evidence folder (--evidence DIR).',
  })
