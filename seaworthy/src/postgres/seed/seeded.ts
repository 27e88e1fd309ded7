import { randomUUID } from 'node:crypto'
import { digestOf } from '../../gate/canonical.ts'
import type { Seeding } from '../../migrations/effects.ts'
import type { Seeded, SeedOptions } from '../../migrations/engine.ts'
import { describedBy } from '../catalogue.ts'
import type { Frozen, Place } from '../host.ts'
import { StatementTexts } from '../trace/statement-texts.ts'
import { forkTraced } from '../trace/traced-world.ts'
import { type Context, onPlace } from '../world.ts'
import { type Held, findHeld, keepHeld, readHeld } from './held.ts'
import { runScript } from './script.ts'
import { withoutConflict } from './without.ts'
import { seededWorldAt } from './seeded-world.ts'
import { type MadeRows, makeRows } from './make-rows.ts'

/** Raised whenever the same schema would get other rows, so that older snapshots are not used. */
const SEEDING_VERSION = 3

/** A state that is frozen, and the key that all that went into it makes. */
export interface KeyedState<Note> {
  readonly key: string
  readonly frozen: Frozen<Note>
}

/**
 * The state after the baseline, with rows: the user's own script, or synthetic ones. Taken from the cache where an
 * earlier run made the same.
 * @throws SeaworthyError('config') if the user's script does not apply.
 */
export async function seedBaseline(
  context: Context,
  baseline: KeyedState<object>,
  options: SeedOptions,
): Promise<Seeded> {
  const script = options.script?.text ?? null
  const key = digestOf({
    baseline: baseline.key,
    version: SEEDING_VERSION,
    seed: options.seed,
    script,
    // What is held of it speaks the words of these queries.
    described: describedBy(),
  })
  const cached = context.request.useCache ? await context.host.find(key, parseSeeding) : null
  if (cached !== null) return seededFrom(context, { key, frozen: cached }, findHeld(cached.note.heldAs))
  const heldAs = randomUUID()
  const { frozen, held } = await onPlace(await baseline.frozen.thaw(), async (place) => {
    const seeding = await giveRows(context, place, options)
    const own = await readHeld(context, place)
    // What a slow machine left out must not be what the next run begins with.
    const once = seeding.isCut ? digestOf({ key, once: randomUUID() }) : key
    return { held: own, frozen: await place.freeze<KeptRows>(once, { ...seeding, heldAs }) }
  })
  // Another process may have been first with this state: random values of its rows are others.
  const isOwn = frozen.note.heldAs === heldAs
  if (isOwn && held !== null && context.request.useCache) await keepHeld(heldAs, held)
  return seededFrom(context, { key, frozen }, isOwn ? held : null)
}

/** What is kept beside a frozen state: `heldAs` is a name that no other one has, even one made of the same scripts. */
interface KeptRows extends MadeRows {
  readonly heldAs: string
}

async function giveRows(context: Context, place: Place, options: SeedOptions): Promise<MadeRows> {
  return options.script === null
    ? await makeRows(context, place, options.seed)
    : await runScript(context, place, options.script, options.seed)
}

function seededFrom(context: Context, state: KeyedState<MadeRows>, held: Held | null): Seeded {
  const { frozen } = state
  return {
    seeding: seedingOf(frozen.note),
    fork: async ({ isWatched } = { isWatched: false }) => {
      context.request.signal.throwIfAborted()
      return await onPlace(await frozen.thaw({ isTraced: isWatched }), async (place) => {
        const texts = await StatementTexts.of(place)
        return await seededWorldAt(context, place, held, { run: null, texts })
      })
    },
    forkTraced: async () => await forkTraced(context, frozen, held),
    without: async (failure, before, failed) => {
      const settled = await withoutConflict(context, state, { failure, before, failed })
      return settled === null
        ? null
        : { seeded: seededFrom(context, settled.state, null), resolution: settled.resolution }
    },
  }
}

const seedingOf = ({ source, seed, tables, unseeded }: MadeRows): Seeding => ({ source, seed, tables, unseeded })

/** Reads a note that an earlier run left; anything unexpected makes the snapshot unusable, never half-trusted. */
function parseSeeding(note: unknown): KeptRows | null {
  if (typeof note !== 'object' || note === null) return null
  if (!('source' in note) || !('seed' in note) || typeof note.seed !== 'number') return null
  if (!('tables' in note) || !Array.isArray(note.tables)) return null
  if (!('since' in note) || !('unseeded' in note) || !Array.isArray(note.unseeded)) return null
  if (!('heldAs' in note) || typeof note.heldAs !== 'string') return null
  // The file lies in a folder that only this user can write; its members are as `freeze` wrote them.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return note as KeptRows
}
