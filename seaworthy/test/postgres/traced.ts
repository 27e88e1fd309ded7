import type { Traced, TracedStatement, TraceEvent } from '../../src/migrations/effects.ts'
import type { Seeded, TracedWorld } from '../../src/migrations/engine.ts'
import type { SendMode } from '../../src/migrations/model.ts'
import { type Scene, type Staged, migrationsOf, stage } from './rehearse.ts'

/** A state with rows, from which each test has a traced world of its own. */
export interface TraceStage extends AsyncDisposable {
  readonly staged: Staged
  readonly seeded: Seeded
  /** Applies the texts as pending migrations in a new world and says what was traced. */
  readonly trace: (texts: readonly string[] | string, send?: SendMode) => Promise<Traced>
  /** The same for whoever wants to look at the world afterwards. */
  readonly world: () => Promise<TracedWorld>
}

export async function stageTrace(scene: Omit<Scene, 'live'>): Promise<TraceStage> {
  const staged = await stage({ ...scene, live: scene.texts.length })
  // Only the rows that the texts themselves insert: so that tests can count them.
  const script = { file: 'rows.sql', text: 'SELECT 1' }
  const seeded = await staged.rehearsing.seed({ script, seed: 1 })
  const world = async (): Promise<TracedWorld> => {
    const forked = await seeded.forkTraced()
    if ('refused' in forked) throw new Error(forked.refused)
    return forked.world
  }
  return {
    staged,
    seeded,
    world,
    trace: async (texts, send) => {
      await using traced = await world()
      return await traced.applyTraced(migrationsOf(typeof texts === 'string' ? [texts] : texts, send))
    },
    [Symbol.asyncDispose]: async () => await staged.rehearsing[Symbol.asyncDispose](),
  }
}

/** Every event of a trace, in order. */
export const eventsOf = ({ statements }: { readonly statements: readonly TracedStatement[] }): TraceEvent[] =>
  statements.flatMap((one) => [...one.events])

/** Events as short lines: `dropped! table public.users`, `delete public.users`. `!` is direct. */
export const lines = (traced: Traced): string[] => eventsOf(traced).map(lineOf)

export function lineOf(event: TraceEvent): string {
  switch (event.kind) {
    case 'created':
    case 'altered':
      return `${event.kind} ${event.object}`
    case 'dropped':
      return event.isDirect ? `dropped ${event.object}` : `dropped ${event.object} with ${event.cause}`
    case 'rewritten':
      return `rewritten ${event.object}: ${event.reason}`
    case 'write':
      return `${event.isUpsert ? 'upsert' : event.operation} ${event.object} ${event.rows ?? '?'}`
    case 'setting':
      return `set ${event.name}=${event.value} for ${event.subject ?? event.scope}`
  }
}

/** Locks as short lines. */
export const locks = ({ statements }: Traced): string[] =>
  statements.flatMap((one) => one.locks.map((lock) => `${lock.mode} ${lock.object} ${lock.source}`))
