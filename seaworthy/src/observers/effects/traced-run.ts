import { SeaworthyError } from '../../gate/error.ts'
import { type CatalogueDifference, differenceOf } from '../../migrations/catalogue-difference.ts'
import type { EffectStep, ObjectName, Traced, TracedStatement } from '../../migrations/effects.ts'
import type { CatalogueEntry, Failure, RowWatch, Seeded, TracedWorld } from '../../migrations/engine.ts'
import type { Migration, MigrationTree } from '../../migrations/model.ts'
import { isFromServer, serverErrorOf } from '../../postgres/server-error.ts'
import { NO_TEXTS, type NestedTexts, textsOf } from './nested-texts.ts'
import type { RowDigests } from './plain-run.ts'

/** What the traced run saw. */
export interface TracedRun {
  readonly steps: readonly EffectStep[]
  readonly failure: Failure | null
  readonly after: readonly CatalogueEntry[]
  readonly digests: RowDigests
  readonly texts: NestedTexts
  /** Why nothing was traced; null if it was. */
  readonly unproven: string | null
}

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
    if (isFromServer(error)) return untraced(`the server did not let us look: ${serverErrorOf(error, '').message}`)
    throw error
  }
}

const untraced = (unproven: string): TracedRun => ({
  steps: [],
  failure: null,
  after: [],
  digests: [],
  texts: NO_TEXTS,
  unproven,
})

async function trace(world: TracedWorld, input: TracedInput): Promise<TracedRun> {
  const look = new Look(world, await world.catalogueBefore(), await world.watchRows())
  const steps: EffectStep[] = []
  const { tree, pending } = input
  const units = tree.transaction === 'all-pending' ? [pending] : pending.map((one) => [one])
  for (const [index, unit] of units.entries()) {
    input.signal.throwIfAborted()
    const traced = await world.applyTraced(unit)
    const { failure, statements } = traced
    const step = { files: unit.map((one) => one.up.file), statements }
    if (failure === null && index < units.length - 1) {
      steps.push({ ...step, ...(await look.between(traced)) })
      continue
    }
    const texts = await textsOf(world)
    const { seen, after, digests } = await look.atTheEnd(traced)
    return { steps: [...steps, { ...step, ...seen }], failure, after, digests, texts, unproven: null }
  }
  throw new Error('nothing is pending, so there is nothing to trace')
}

type Seen = Pick<EffectStep, 'difference' | 'rows'>

const UNCHANGED: Seen = { difference: { added: [], removed: [], changed: [] }, rows: [] }

/** Looks again where something happened. */
class Look {
  readonly #world: TracedWorld
  readonly #watch: RowWatch
  readonly #existing: boolean
  /** Everything that the trace spoke of so far. */
  readonly #told = new Set<ObjectName>()
  #catalogue: readonly CatalogueEntry[]

  constructor(world: TracedWorld, catalogue: readonly CatalogueEntry[], watch: RowWatch) {
    this.#world = world
    this.#catalogue = catalogue
    this.#watch = watch
    this.#existing = catalogue.some((entry) => entry.object.startsWith('table '))
  }

  /** After a unit that others follow: only rows of tables that the trace speaks of. At the end all are looked at. */
  async between(traced: Traced): Promise<Seen> {
    if (this.#isWithoutEffect(traced)) return UNCHANGED
    for (const object of toldIn(traced)) this.#told.add(object)
    const difference = this.#advance(await this.#world.catalogueBetween(this.#catalogue, this.#told))
    return { difference, rows: await this.#watch.changesIn(this.#told) }
  }

  /** After the last unit: everything, for the comparison with the faithful run. */
  async atTheEnd(traced: Traced): Promise<{ seen: Seen } & Pick<TracedRun, 'after' | 'digests'>> {
    const after = await this.#world.catalogue()
    const { changes, digests } = await this.#watch.look()
    const isQuiet = this.#isWithoutEffect(traced)
    return { seen: isQuiet ? UNCHANGED : { difference: this.#advance(after), rows: changes }, after, digests }
  }

  /** In a database that was empty everything is new, and the whole is told by the faithful run. */
  #isWithoutEffect({ statements }: Traced): boolean {
    return !this.#existing || statements.every(isWithoutEffect)
  }

  #advance(now: readonly CatalogueEntry[]): CatalogueDifference {
    const difference = differenceOf(this.#catalogue, now)
    this.#catalogue = now
    return difference
  }
}

/** What the trace of a unit speaks of. */
export const toldIn = ({ statements }: Traced): ObjectName[] =>
  statements
    .flatMap(({ events, locks }) => [...events.filter((event) => event.kind !== 'setting'), ...locks])
    .map((one) => one.object)

/** A statement of which no instrument told anything; what no instrument can see is in the net difference. */
const isWithoutEffect = ({ events, locks, nested }: TracedStatement): boolean =>
  events.length === 0 && locks.length === 0 && nested.length === 0
