import { digestOf } from '../gate/canonical.ts'
import type {
  BaselineOutcome,
  Engine,
  Provided,
  Rehearsing,
  RehearsalRequest,
  WithoutEffect,
} from '../migrations/engine.ts'
import type { LedgerTable } from '../migrations/model.ts'
import { loadGrammar } from '../sql/parse.ts'
import type { Frozen, Host, Place } from './host.ts'
import { countForeignOwned, grantSplit, rolesOf, setUpRoles, takeBackAttributes } from './roles.ts'
import { applyAll, type Run } from './runner.ts'
import { seedBaseline } from './seed/seeded.ts'
import { Session } from './session.ts'
import { NOT_ON_A_GIVEN_SERVER, identityOf, settleAsProduction } from './shape/settle.ts'
import { grantSupabase, isSupabase, setUpSupabase } from './supabase.ts'
import { type Context, onPlace, worldAt } from './world.ts'

/** Raised whenever the same scripts would leave another state, so that older snapshots are not used. */
const SNAPSHOT_VERSION = 3

/** What is kept beside a frozen baseline. */
interface Note {
  readonly provided: readonly Provided[]
  readonly foreignOwned: number
}

/** PostgreSQL behind the engine interface. `openHost` chooses a scratch server or the user's own. */
export function postgresEngine(
  openHost: (request: RehearsalRequest) => Promise<Host>,
  ledger: LedgerTable | null,
): Engine {
  return {
    name: 'postgres',
    open: async (request) => {
      const [host] = await Promise.all([openHost(request), loadGrammar()])
      try {
        const context = { request, ledger, host, roles: rolesOf(host, request.roles), provided: [], withoutEffect: [] }
        return await rehearsing(context)
      } catch (error) {
        await host[Symbol.asyncDispose]()
        throw error
      }
    },
  }
}

async function rehearsing(context: Context): Promise<Rehearsing> {
  const { host, roles, request } = context
  const prepared = await prepareBaseline(context)
  return {
    server: host.server,
    migratingRole: roles.migrating,
    owningRole: roles.owning,
    baseline: prepared.outcome,
    fork: async () => {
      if (prepared.frozen === null) throw new Error('the baseline did not apply, so there is nothing to fork')
      request.signal.throwIfAborted()
      return await onPlace(await prepared.frozen.thaw(), async (place) => await worldAt(context, place))
    },
    seed: async (options) => {
      if (prepared.frozen === null) throw new Error('the baseline did not apply, so there is nothing to give rows')
      return await seedBaseline(context, { key: prepared.key, frozen: prepared.frozen }, options)
    },
    provided: () => distinct(context.provided),
    withoutEffect: () => distinctEffects(context.withoutEffect),
    limits:
      host.server.origin === 'given' && (request.shape ?? null) !== null
        ? [...host.limits, NOT_ON_A_GIVEN_SERVER]
        : host.limits,
    [Symbol.asyncDispose]: async () => await host[Symbol.asyncDispose](),
  }
}

const distinct = (provided: readonly Provided[]): Provided[] => [
  ...new Map(provided.map((one) => [`${one.what} ${one.name} ${one.isUnproven}`, one])).values(),
]

/** The ups and the downs go through worlds of their own, and each is warned. */
const distinctEffects = (all: readonly WithoutEffect[]): WithoutEffect[] => [
  ...new Map(all.map((one) => [`${one.file} ${one.line} ${one.object}`, one])).values(),
]

interface Prepared {
  /** Null if the baseline did not apply. */
  readonly frozen: Frozen<Note> | null
  /** What the state is frozen under: a digest of all that went into it. */
  readonly key: string
  readonly outcome: BaselineOutcome
}

/** The state after the baseline: from the cache, or made now on top of the state that only has the roles. */
async function prepareBaseline(context: Context): Promise<Prepared> {
  const { host, request } = context
  const setUpKey = digestOf(setUpIdentity(context))
  const key = digestOf({ setUp: setUpKey, scripts: request.baseline.map((one) => [one.ledgerKey, one.name, one.up]) })
  const cached = request.useCache ? await host.find(key, parseNote) : null
  if (cached !== null) {
    context.provided.push(...cached.note.provided)
    const outcome = {
      applied: request.baseline.length,
      failure: null,
      isCached: true,
      foreignOwned: cached.note.foreignOwned,
    }
    return { frozen: cached, key, outcome }
  }
  const ready = (request.useCache ? await host.find(setUpKey, parseNote) : null) ?? (await setUp(context, setUpKey))
  if (request.baseline.length === 0 && request.roles.mode === 'single') {
    return { frozen: ready, key: setUpKey, outcome: { applied: 0, failure: null, isCached: false, foreignOwned: 0 } }
  }
  return await onPlace(await ready.thaw(), async (place) => await applyBaseline(context, place, key))
}

function setUpIdentity({ host, request, ledger, roles }: Context): unknown {
  return {
    version: SNAPSHOT_VERSION,
    server: host.server,
    roles,
    ledger: ledger === null ? null : [ledger.name, ledger.createSql],
    transaction: request.tree.transaction,
    isSupabase: isSupabase(request.tree.folder),
    ...(request.shape ? { production: identityOf(request.shape) } : {}),
  }
}

async function setUp(context: Context, key: string): Promise<Frozen<Note>> {
  const { host, request } = context
  const note: Note = { provided: [], foreignOwned: 0 }
  // Each place of a scratch host has roles of its own, so where nothing is kept each can simply be set up for itself.
  const isKept = request.useCache || host.server.origin === 'given'
  return isKept
    ? await (await freshPlace(context)).freeze(key, note)
    : { note, thaw: async () => await freshPlace(context) }
}

/** A new place in which the roles are set up, and nothing else. */
async function freshPlace({ host, roles, ledger, request }: Context): Promise<Place> {
  const supabase = isSupabase(request.tree.folder)
  return await onPlace(await host.fresh(), async (place) => {
    if (supabase) await setUpSupabase(place)
    await setUpRoles(host, place, roles, ledger)
    if (supabase) await grantSupabase(place, roles)
    return place
  })
}

async function applyBaseline(context: Context, place: Place, key: string): Promise<Prepared> {
  const { request, roles } = context
  const { run, result } = await sendBaseline(context, place)
  if (result.failure !== null) {
    context.provided.push(...run.provided)
    await place[Symbol.asyncDispose]()
    return { frozen: null, key, outcome: { ...result, isCached: false, foreignOwned: 0 } }
  }
  if (request.shape && !place.isShared) {
    request.progress("giving roles, owners and grants as production's shape has them")
    run.provided.push(...(await settleAsProduction(place, roles, request.shape, context.ledger)))
  } else if (roles.settings.mode === 'split') await grantSplit(place, roles)
  context.provided.push(...run.provided)
  const foreignOwned = await countForeignOwned(place, roles)
  const note: Note = { provided: run.provided, foreignOwned }
  const frozen = await place.freeze(key, note)
  return { frozen, key, outcome: { applied: request.baseline.length, failure: null, isCached: false, foreignOwned } }
}

async function sendBaseline(
  context: Context,
  place: Place,
): Promise<{ run: Run; result: Awaited<ReturnType<typeof applyAll>> }> {
  const { request, roles, ledger } = context
  await using session = new Session(await place.connectAs(roles.owning), request)
  const run: Run = {
    place,
    session,
    role: roles.owning,
    roles,
    ledger,
    // The history was applied over many deploys: each file committed before the next one came.
    transaction: 'per-file',
    phase: 'baseline',
    provided: [],
    withoutEffect: null,
  }
  let index = 0
  const result = await applyAll(run, request.baseline, async () => {
    request.signal.throwIfAborted()
    // Each of these files had a session of its own in production; settings of one do not reach the next.
    if (index > 0) await session.send('DISCARD ALL')
    index += 1
    request.progress(`baseline ${index} of ${request.baseline.length}`)
  })
  if (result.failure === null) await takeBackAttributes(context.host, place, roles)
  return { run, result }
}

/** Reads a note that an earlier run left; anything unexpected makes the snapshot unusable, never half-trusted. */
function parseNote(note: unknown): Note | null {
  if (typeof note !== 'object' || note === null) return null
  if (!('provided' in note) || !Array.isArray(note.provided)) return null
  if (!('foreignOwned' in note) || typeof note.foreignOwned !== 'number') return null
  // The file lies in a folder that only this user can write; its members are as `freeze` wrote them.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { provided: note.provided as Provided[], foreignOwned: note.foreignOwned }
}
