import type { ConnectionRefusal } from '../../migrations/effects.ts'
import type { SeededWorld } from '../../migrations/engine.ts'
import type { Place } from '../host.ts'
import { type HeldRows, holdRows } from '../rows/held.ts'
import { probeTables } from '../rows/probe.ts'
import { type ProbeTarget, readTargets } from '../rows/probe-targets.ts'
import { readRoutineBodies } from '../rows/routine-bodies.ts'
import { watchRows } from '../rows/watch.ts'
import type { Run } from '../runner.ts'
import { isAnswer, serverErrorOf } from '../server-error.ts'
import type { StatementTexts } from '../trace/statement-texts.ts'
import { type Context, worldAt } from '../world.ts'
import type { Held } from './held.ts'

/**
 * A world on a place that was thawed from a seeded state, with the session of `run` or one of its own. What the state is
 * known to hold is not read again; `texts` end with it.
 */
export async function seededWorldAt(
  context: Context,
  place: Place,
  held: Held | null,
  { run, texts }: { readonly run: Run | null; readonly texts: StatementTexts | null } = { run: null, texts: null },
): Promise<SeededWorld> {
  const world = await worldAt(context, place, run)
  let known: { readonly rows: HeldRows; readonly targets: readonly ProbeTarget[] } | null = null
  const remembered = async (): Promise<NonNullable<typeof known>> => {
    if (known !== null) return known
    const rows = held?.rows ?? (await holdRows(context, place))
    known = { rows, targets: await readTargets(place.admin, rows) }
    return known
  }
  return {
    ...world,
    nestedTexts: async () => (await texts?.all()) ?? null,
    catalogueBefore: async () => held?.catalogue ?? (await world.catalogue()),
    watchRows: async () => await watchRows(context, place, (await remembered()).rows),
    probe: async (tables) => {
      const { rows, targets } = await remembered()
      const chosen = tables.flatMap((table) => targets.find((one) => one.object === table) ?? [])
      return await probeTables(context, place, chosen, rows.zone)
    },
    routineBodies: async () => await readRoutineBodies(place.admin),
    refusals: async () => await refusalsAt(context, place),
    [Symbol.asyncDispose]: async () => {
      await texts?.end()
      await world[Symbol.asyncDispose]()
    },
  }
}

/** Knocks as each role of the rehearsal; only an answer of the server is a refusal. */
async function refusalsAt({ roles }: Context, place: Place): Promise<ConnectionRefusal[]> {
  const refusals: ConnectionRefusal[] = []
  for (const role of new Set([roles.migrating, roles.owning])) {
    try {
      await (await place.connectAs(role)).end()
    } catch (error) {
      if (!isAnswer(error)) throw error
      refusals.push({ role, error: serverErrorOf(error, '') })
    }
  }
  return refusals
}
