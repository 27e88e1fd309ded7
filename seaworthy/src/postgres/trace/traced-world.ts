import type { TracedWorld } from '../../migrations/engine.ts'
import type { Frozen, Place } from '../host.ts'
import type { Run } from '../runner.ts'
import type { Held } from '../seed/held.ts'
import { seededWorldAt } from '../seed/seeded-world.ts'
import { type Context, onPlace, runAt } from '../world.ts'
import { TracedRunner } from './apply-traced.ts'
import { install, whyNot, withoutInstruments } from './instruments.ts'
import { Tracer } from './tracer.ts'
import { UnitCatalogue } from './unit-catalogue.ts'

/** A world on a copy of that state whose server records what happens; or why there can be none. */
export async function forkTraced(
  context: Context,
  frozen: Frozen<object>,
  held: Held | null,
): Promise<{ readonly world: TracedWorld } | { readonly refused: string }> {
  context.request.signal.throwIfAborted()
  return await onPlace(await frozen.thaw({ isTraced: true }), async (place) => {
    const refused = await whyNot(place)
    if (refused === null) return { world: await tracedWorldAt(context, place, held) }
    await place[Symbol.asyncDispose]()
    return { refused }
  })
}

async function tracedWorldAt(context: Context, place: Place, held: Held | null): Promise<TracedWorld> {
  // What the server warned of is told by the faithful run.
  const run: Run = { ...(await runAt(context, place)), withoutEffect: null }
  const instruments = await install(place, run.session, context.ledger?.name ?? null)
  const runner = new TracedRunner(run, await Tracer.start(instruments, run.session))
  const world = await seededWorldAt(context, place, held, { run, texts: instruments.texts })
  const units = await UnitCatalogue.from(context, place)
  return {
    ...world,
    catalogue: async () => withoutInstruments(await world.catalogue(), instruments.mark),
    catalogueBefore: async () => withoutInstruments(await world.catalogueBefore(), instruments.mark),
    catalogueBetween: async (before, told) => withoutInstruments(await units.after(before, told), instruments.mark),
    applyTraced: async (migrations) => {
      context.request.signal.throwIfAborted()
      return await runner.apply(migrations)
    },
  }
}
