import { notApplied } from '../../gate/finding.ts'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import type { Rehearsing } from '../../migrations/engine.ts'
import type { LedgerTable, Migration, MigrationTree } from '../../migrations/model.ts'
import { rehearsalFailed, witnessOf } from '../rehearsal/observe.ts'
import { type Repeat, type StopTrial, repeat } from './kind.ts'
import { secondStart } from './second-start.ts'
import { type Stop, stopsOf } from './stops.ts'
import { Straight } from './straight.ts'
import { notTried, tryStop } from './trial.ts'

export interface RepeatRequest {
  readonly tree: MigrationTree
  readonly pending: readonly Migration[]
  /** The tool's ledger, as the rehearsal keeps it; null where none is known. */
  readonly ledger: LedgerTable | null
  readonly profile: 'online' | 'additive'
  /** When it is aborted, the reason is thrown: a cancelled run is no observation. */
  readonly signal: AbortSignal
}

/** Each stop point takes a world of its own. */
const MOST_STOPS = 20

/**
 * Starts the tool again: in the profile `additive` after everything is applied, and in both from every place at which a
 * pending migration can stop half-way. Each time it must apply, and leave what one run without a stop leaves.
 */
export async function observeRepeat(rehearsing: Rehearsing, request: RepeatRequest): Promise<Observation> {
  const witness = witnessOf(rehearsing)
  const { pending, tree, profile } = request
  const stops = pending.flatMap((migration) =>
    stopsOf(migration, tree.transaction).map((stop): [Migration, Stop] => [migration, stop]),
  )
  const isIdle = pending.length === 0 || (profile === 'online' && stops.length === 0)
  if (isIdle) return observed(repeat, witness, { server: rehearsing.server, profile, secondStart: null, stops: [] })
  const { failure } = rehearsing.baseline
  if (failure !== null) {
    const reason = `${notApplied(failure.version)}, so nothing could be started again`
    return notObserved(repeat, witness, reason, 'Mend what the rehearsal says about it first.')
  }
  try {
    const second = profile === 'additive' ? await startAgain(rehearsing, request) : null
    if (typeof second === 'string') {
      return notObserved(repeat, witness, second, 'Mend what the rehearsal says about it first.')
    }
    const data: Repeat = {
      server: rehearsing.server,
      profile,
      secondStart: second,
      stops: await tryStops(rehearsing, request, stops),
    }
    return observed(repeat, witness, data)
  } catch (error) {
    request.signal.throwIfAborted()
    return rehearsalFailed(repeat, witness, error)
  }
}

/** The second start; a text says why there is none. */
async function startAgain(rehearsing: Rehearsing, request: RepeatRequest): Promise<Repeat['secondStart'] | string> {
  await using world = await rehearsing.fork()
  if (world.repeating === undefined) return 'this engine cannot be started again'
  const { failure } = await world.apply(request.pending)
  if (failure !== null) return `migration ${failure.version} does not apply, so the tool could not be started again`
  if (rehearsing.provided().some((one) => one.what === 'ledger')) {
    return 'a trigger of the history refuses the ledger rows of the tool, so nobody knows what it would find'
  }
  return await secondStart(world, world.repeating, request)
}

async function tryStops(
  rehearsing: Rehearsing,
  { pending, signal }: RepeatRequest,
  stops: readonly (readonly [Migration, Stop])[],
): Promise<StopTrial[]> {
  await using straight = new Straight(rehearsing, pending)
  const trials: StopTrial[] = []
  for (const [migration, stop] of stops) {
    signal.throwIfAborted()
    const isOverLimit = trials.length >= MOST_STOPS
    trials.push(
      isOverLimit
        ? notTried(stop, `more than ${MOST_STOPS} points`)
        : await tryStop(rehearsing, straight, migration, stop),
    )
  }
  return trials
}
