import { SeaworthyError } from '../../gate/error.ts'
import { type CatalogueDifference, differenceOf } from '../../migrations/catalogue-difference.ts'
import type { EffectStep, RowChange, Traced, TracedStatement } from '../../migrations/effects.ts'
import type { CatalogueEntry, Failure, RowWatch, Seeded, TracedWorld } from '../../migrations/engine.ts'
import type { Migration, MigrationTree } from '../../migrations/model.ts'
import type { RowDigests } from './plain-run.ts'

/** What the traced run saw. */
export interface TracedRun {
  readonly steps: readonly EffectStep[]
  readonly failure: Failure | null
  readonly after: readonly CatalogueEntry[]
  readonly digests: RowDigests
  /** Why nothing was traced; null if it was. */
  readonly unproven: string | null
}

const NOTHING: CatalogueDifference = { added: [], removed: [], changed: [] }

export interface TracedInput {
  readonly tree: MigrationTree
  readonly pending: readonly Migration[]
  readonly signal: AbortSignal
}

/**
 * Applies what is pending unit by unit in a world whose server records what happens. A trace that broke off at a limit is
 * no trace.
 */
export async function tracedRun(seeded: Seeded, input: TracedInput): Promise<TracedRun> {
  try {
    const forked = await seeded.forkTraced()
    if ('refused' in forked) return untraced(forked.refused)
    await using world = forked.world
    return await trace(world, input)
  } catch (error) {
    input.signal.throwIfAborted()
    if (error instanceof SeaworthyError && error.code === 'limit') return untraced(error.message)
    throw error
  }
}

const untraced = (unproven: string): TracedRun => ({ steps: [], failure: null, after: [], digests: [], unproven })

async function trace(world: TracedWorld, input: TracedInput): Promise<TracedRun> {
  const look = new Look(world, await world.catalogue(), await world.watchRows())
  const steps: EffectStep[] = []
  const { tree, pending } = input
  const units = tree.transaction === 'all-pending' ? [pending] : pending.map((one) => [one])
  let failure: Failure | null = null
  for (const unit of units) {
    input.signal.throwIfAborted()
    const traced = await world.applyTraced(unit)
    const seen = await look.after(traced)
    steps.push({ files: unit.map((one) => one.up.file), statements: traced.statements, ...seen })
    failure = traced.failure
    if (failure !== null) break
  }
  return { steps, failure, after: await world.catalogue(), digests: await look.watch.digests(), unproven: null }
}

/** Looks again where something happened. */
class Look {
  readonly #world: TracedWorld
  readonly watch: RowWatch
  readonly #existing: boolean
  #catalogue: readonly CatalogueEntry[]

  constructor(world: TracedWorld, catalogue: readonly CatalogueEntry[], watch: RowWatch) {
    this.#world = world
    this.#catalogue = catalogue
    this.watch = watch
    this.#existing = catalogue.some((entry) => entry.object.startsWith('table '))
  }

  async after({ statements }: Traced): Promise<{ difference: CatalogueDifference; rows: readonly RowChange[] }> {
    // In a database that was empty everything is new, and the whole is told by the faithful run.
    if (!this.#existing || statements.every(isWithoutEffect)) return { difference: NOTHING, rows: [] }
    const before = this.#catalogue
    this.#catalogue = await this.#world.catalogue()
    return { difference: differenceOf(before, this.#catalogue), rows: await this.watch.changes() }
  }
}

/** A statement of which no instrument told anything; what no instrument can see is in the net difference. */
const isWithoutEffect = ({ events, locks, nested }: TracedStatement): boolean =>
  events.length === 0 && locks.length === 0 && nested.length === 0
