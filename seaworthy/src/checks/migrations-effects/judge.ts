import type { JudgeContext } from '../../gate/check.ts'
import { familyOf, type Finding } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Judgement, Settled } from '../../gate/verdict.ts'
import { type Effects, effects } from '../../observers/effects/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { rehearsal } from '../../observers/rehearsal/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { judgeBlocks } from './code/blocks.ts'
import { judgeCatalogue } from './catalogue.ts'
import { judgeCopies } from './protection/copies.ts'
import { judgeDefiners } from './protection/definers.ts'
import { judgeDoubled } from './rows/doubled.ts'
import { judgeFamilies } from './protection/families.ts'
import { judgeFilledValues } from './rows/filled-values.ts'
import { findingOf, type Harm } from './harm.ts'
import { judgeIfNotExists } from './names/if-not-exists.ts'
import { judgeLocks } from './locks/locks.ts'
import { isStill } from '../still.ts'
import { settledDrops, settledFromTheStart, settledIndexNames } from './names/not-there.ts'
import { judgeAround } from './protection/around.ts'
import { judgeProbes, judgeUntried } from './probes.ts'
import { judgeRecreated } from './names/recreated.ts'
import { judgeRefusals } from './protection/refusals.ts'
import { judgeRenames } from './names/renamed.ts'
import { judgeTaken } from './names/taken.ts'
import { judgeRows } from './rows/rows.ts'
import { Scene } from './scene.ts'
import { judgeGrants } from './sorts/grants.ts'
import { judgeBehind } from './rows/sequence-behind.ts'
import { judgeTriggerOrder } from './sorts/trigger-order.ts'
import { judgeMoves, withoutGuesses } from './rows/sequence-moves.ts'
import { judgePositions, judgeSettings } from './protection/settings.ts'
import { judgeTies } from './rows/through-own-tables.ts'
import { judgeTransactions, judgeUnseeded, judgeWitness } from './trace.ts'
import { withTried } from './tried.ts'
import { judgeUnlisted } from './protection/unlisted.ts'

/** Judges what the pending migrations did: to the catalogue, to rows, to whoever waits, and to the session. */
export function judge(observations: Observations, { settings }: JudgeContext): Judgement {
  const files = observations.need(pending).files
  const seen = observations.need(effects)
  if (files.length === 0 && isStill(seen)) return { findings: [], proved: [nothingChanges(seen)], settled: [] }
  const scene = new Scene({
    effects: seen,
    tree: observations.need(migrationTree),
    shape: observations.maybe(shape) ?? null,
    settings,
    ledger: observations.maybe(rehearsal)?.ownLedger ?? null,
  })
  const renames = judgeRenames(scene)
  const locks = judgeLocks(scene)
  const positions = judgePositions(scene)
  const moves = judgeMoves(scene, positions)
  const harms = [
    ...judgeWitness(scene, files),
    ...judgeTransactions(scene),
    ...judgeBlocks(scene),
    ...judgeTriggerOrder(scene),
    ...renames.harms,
    ...judgeCatalogue(scene),
    ...judgeRecreated(scene),
    ...judgeRows(scene),
    ...judgeFilledValues(scene),
    ...judgeDoubled(scene),
    ...judgeBehind(scene),
    ...judgeTies(scene),
    ...judgeIfNotExists(scene),
    ...judgeTaken(scene),
    ...judgeSettings(scene),
    ...moves,
    ...withoutGuesses(positions, moves),
    ...judgeRefusals(scene),
    ...judgeAround(scene),
    ...judgeCopies(scene),
    ...judgeFamilies(scene),
    ...judgeDefiners(scene),
    ...judgeGrants(scene),
    ...judgeUnlisted(scene),
    ...judgeUntried(scene),
    ...locks.harms,
  ]
  const findings = onceEach(withTried(harms, judgeProbes(scene)), files[0] ?? null)
  const all = [...findings, ...judgeUnseeded(scene, findings)]
  return {
    findings: all,
    proved: provedBy(scene, all),
    settled: standing(
      [
        ...renames.settled,
        ...locks.settled,
        ...settledDrops(scene),
        ...settledIndexNames(scene),
        ...settledFromTheStart(scene, files),
      ],
      all,
    ),
  }
}

/**
 * One harm once: several rules may come to it, such as the difference of a table's rows and the statement that wrote them.
 * What refuses is kept before what does not. A harm without a statement is told at the top of the first pending file.
 */
export function onceEach(harms: readonly Harm[], firstFile: string | null): Finding[] {
  const found = new Map<string, Finding>()
  for (const harm of harms) {
    const finding = findingOf(harm, harm.by ?? null)
    const place =
      finding.where ?? (harm.isUnproven === true || firstFile === null ? null : { file: firstFile, line: 1, column: 1 })
    const key = JSON.stringify([finding.code, finding.subject, place])
    const known = found.get(key)
    if (known === undefined || (known.outcome !== 'fail' && finding.outcome === 'fail'))
      found.set(key, { ...finding, where: place })
  }
  return [...found.values()]
}

/** What is a finding here is not settled; a note is no finding in that sense. */
export const standing = (settled: readonly Settled[], findings: readonly Finding[]): Settled[] =>
  settled.filter(
    (one) =>
      !findings.some(
        (two) =>
          two.severity !== 'note' &&
          two.code === one.code &&
          two.subject === one.subject &&
          two.where?.line === one.where.line,
      ),
  )

const nothingChanges = ({ server }: Effects): string =>
  `nothing is pending: nothing changes on PostgreSQL ${server.version}`

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

/** Nothing is proved where something was not seen. */
function provedBy(scene: Scene, findings: readonly Finding[]): string[] {
  if (findings.some((one) => one.outcome === 'unproven')) return []
  const { steps, seeding, rows, server } = scene.effects
  const migrations = steps.flatMap((step) => step.files).length
  if (migrations === 0) return [nothingChanges(scene.effects)]
  const changes = scene.added.length + scene.removed.length + scene.changed.length + scene.renames.length
  const rewritten = new Set(
    scene.statements.flatMap((one) => one.events.flatMap((event) => (event.kind === 'rewritten' ? event.object : []))),
  )
  const held = seeding.tables.reduce((sum, one) => sum + one.rows, 0)
  const lost = rows.reduce((sum, one) => sum + one.lost, 0)
  const refused = findings.filter((one) => one.outcome === 'fail' && familyOf(one.code) !== 'lock').length
  return [
    `${count(migrations, 'pending migration')} traced on PostgreSQL ${server.version} (${count(scene.statements.length, 'statement')}): ${count(changes, 'change')} of the catalogue judged, ${count(refused, 'harm')} among them; ${count(rewritten.size, 'table')} written anew${scene.isAdditive ? '; locks are not judged in the profile additive' : ''}`,
    `${count(seeding.tables.length, 'table')} with ${count(held, 'row')}: ${lost === 0 ? 'none' : lost} lost`,
  ]
}
