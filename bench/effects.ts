import type { Seeded } from '../seaworthy/src/migrations/engine.ts'
import type { Migration } from '../seaworthy/src/migrations/model.ts'
import type * as EffectsModule from '../seaworthy/src/observers/effects/observe.ts'
import { history, pendingTwenty } from './history.ts'
import { Sample } from './measure.ts'
import { stage } from './staged.ts'
import { allowanceRow, limitRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

const LIVE = 500

/**
 * What the trace costs: twenty pending migrations of three statements after a long history, applied plainly and traced at
 * the same time, each in its own copy of the seeded state, as the observer does. And the whole observation of them.
 */
export async function measureEffects(workspace: Workspace): Promise<Row[]> {
  const staged = await stage(workspace, history(LIVE), pendingTwenty(LIVE))
  await using rehearsing = staged.rehearsing
  const { tree, pending } = staged
  const seed = { script: null, seed: 1 }
  const seeded = await rehearsing.seed(seed)
  const { observeEffects }: typeof EffectsModule = await import(workspace.built('observers/effects/observe'))
  const [plain, traced, whole]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round <= workspace.rounds; round += 1) {
    const [ours, theirs] = await Promise.all([tracedOnce(seeded, pending), plainOnce(seeded, pending)])
    const startedAt = performance.now()
    const { run } = await observeEffects(rehearsing, { tree, pending, seed, signal: new AbortController().signal })
    if (run?.applied !== pending.length) throw new Error('what is pending did not apply')
    // The first round is not measured.
    if (round === 0) continue
    plain.push(theirs.applyMs)
    traced.push(ours - theirs.forkMs)
    whole.push(performance.now() - startedAt)
  }
  const figure = `traced run of ${pending.length} migrations after ${LIVE}, beyond the start of a cluster`
  return [
    allowanceRow(figure, new Sample(traced), { name: 'plain application', sample: new Sample(plain) }, 3, 400),
    limitRow('of the same: seeding, both runs and all comparisons', new Sample(whole), null),
  ]
}

async function plainOnce(seeded: Seeded, pending: readonly Migration[]): Promise<{ forkMs: number; applyMs: number }> {
  const startedAt = performance.now()
  await using world = await seeded.fork()
  const forkedAt = performance.now()
  const { failure } = await world.apply(pending)
  const applyMs = performance.now() - forkedAt
  if (failure !== null) throw new Error(failure.error.message)
  return { forkMs: forkedAt - startedAt, applyMs }
}

async function tracedOnce(seeded: Seeded, pending: readonly Migration[]): Promise<number> {
  const startedAt = performance.now()
  const forked = await seeded.forkTraced()
  if ('refused' in forked) throw new Error(forked.refused)
  await using world = forked.world
  const { failure } = await world.applyTraced(pending)
  if (failure !== null) throw new Error(failure.error.message)
  return performance.now() - startedAt
}
