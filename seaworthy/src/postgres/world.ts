import type { CatalogueEntry, Provided, RehearsalRequest, WithoutEffect, World } from '../migrations/engine.ts'
import type { LedgerTable } from '../migrations/model.ts'
import { readCatalogue } from './catalogue.ts'
import type { Host, Place } from './host.ts'
import { queryPlanner } from './queries/planner.ts'
import { repeatingOf } from './repeating.ts'
import type { Roles } from './roles.ts'
import { applyAll, revertOne, type Run } from './runner.ts'
import { sealAdmin } from './sandbox.ts'
import { Session } from './session.ts'

/** What a rehearsal on PostgreSQL works with. */
export interface Context {
  readonly request: RehearsalRequest
  readonly ledger: LedgerTable | null
  readonly host: Host
  readonly roles: Roles
  readonly provided: Provided[]
  readonly withoutEffect: WithoutEffect[]
}

/** Works on a place that is ours; if the work throws, the place goes, and nothing of it keeps running. */
export async function onPlace<T>(place: Place, work: (place: Place) => Promise<T>): Promise<T> {
  try {
    await sealAdmin(place)
    return await work(place)
  } catch (error) {
    await place[Symbol.asyncDispose]()
    throw error
  }
}

/** What migrates in a place: a session of the migrating role. */
export async function runAt(context: Context, place: Place): Promise<Run> {
  const { request, roles, ledger } = context
  return {
    place,
    session: new Session(await place.connectAs(roles.migrating), request),
    role: roles.migrating,
    roles,
    ledger,
    transaction: request.tree.transaction,
    phase: 'pending',
    provided: context.provided,
    withoutEffect: roles.settings.mode === 'split' ? context.withoutEffect : null,
  }
}

/** Everything in a place but what the server and the tool's ledger own; of relations only some, if they are given. */
export async function catalogueAt(
  { ledger, host }: Context,
  place: Place,
  relations?: readonly number[],
): Promise<readonly CatalogueEntry[]> {
  return await readCatalogue(place.admin, {
    ignoreTables: ledger === null ? [] : [ledger.name],
    isClusterShared: host.server.origin === 'given',
    ...(relations === undefined ? {} : { relations }),
  })
}

/** The state that a fork begins in, and the session that migrates there: `given`, or one of its own. */
export async function worldAt(context: Context, place: Place, given: Run | null = null): Promise<World> {
  const { request, roles } = context
  const run = given ?? (await runAt(context, place))
  const { session } = run
  return {
    apply: async (migrations) =>
      await applyAll(run, migrations, (migration) => {
        request.signal.throwIfAborted()
        request.progress(`applying ${migration.version} ${migration.name}`)
      }),
    revert: async (migration) => {
      if (migration.down === null) throw new Error(`migration ${migration.version} has no down file`)
      const failure = await revertOne(run, migration, migration.down)
      return failure === null ? { applied: true } : { applied: false, failure }
    },
    catalogue: async () => await catalogueAt(context, place),
    queries: queryPlanner({
      place,
      migrating: roles.migrating,
      realName: (name) => (context.host.hasOwnRoles ? context.host.roleName(name) : null),
      major: context.host.server.major,
      signal: request.signal,
    }),
    repeating: repeatingOf(context, run),
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  }
}
