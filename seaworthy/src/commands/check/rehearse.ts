import { SeaworthyError } from '../../gate/error.ts'
import { type Kind, type Observation, Observations, notObserved } from '../../gate/observation.ts'
import type { RehearsalRequest, Rehearsing, RolesSettings, SeedOptions } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'
import { effects } from '../../observers/effects/kind.ts'
import { queries } from '../../observers/queries/kind.ts'
import type { QueryInput } from '../../observers/queries/observe.ts'
import { rehearsalDown } from '../../observers/rehearsal-down/kind.ts'
import { rehearsal } from '../../observers/rehearsal/kind.ts'
import { repeat } from '../../observers/repeat/kind.ts'
import { type Shape, shape } from '../../observers/shape/kind.ts'
import type { ProgramsFrom } from '../../postgres/binaries.ts'
import type { Host } from '../../postgres/host.ts'
import type { FolderObservations } from './folder.ts'
import type { CheckRequest } from './request.ts'

/** What has to be rehearsed for the checks that were asked for. */
export interface RehearsalWish {
  readonly ups: boolean
  readonly effects: boolean
  readonly downs: boolean
  readonly queries: boolean
  readonly repeat: boolean
}

/** The observation that each of them makes. */
const KINDS: Readonly<Record<keyof RehearsalWish, Kind<unknown>>> = {
  ups: rehearsal,
  effects,
  downs: rehearsalDown,
  queries,
  repeat,
}

/** Names of the kinds of observation that a rehearsal makes. */
export const REHEARSED: ReadonlySet<string> = new Set(Object.values(KINDS).map((kind) => kind.name))

export interface RehearsalContext {
  readonly request: CheckRequest
  readonly programs: ProgramsFrom
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
  /** Production's shape, and how it is known from it who migrates; null where the shape cannot be set up. */
  readonly production?: { readonly shape: Shape; readonly why: string | null } | null
}

/**
 * Rehearses one folder and returns what was observed: the ups, what they did, and the downs where there are any. Ups and
 * downs run side by side, each in worlds of their own. A server that cannot be had is an observation that failed.
 */
export async function rehearse(
  given: RehearsalContext,
  folder: FolderObservations,
  wish: RehearsalWish,
): Promise<Observation[]> {
  const { tree } = folder
  const context = await inProductionsShape(given, folder)
  const asPending = new Set(folder.pending.files)
  const baseline = tree.migrations.filter((one) => !asPending.has(one.up.file))
  const pending = tree.migrations.filter((one) => asPending.has(one.up.file))
  const extent = context.request.down
  try {
    await using rehearsing = await open(context, folder, baseline, pending)
    const [up, others] = await bothOf(
      ups(rehearsing, context, folder, { baseline, pending }, wish),
      besides(rehearsing, context, folder, { baseline, pending }, wish),
    )
    const all = wish.downs && extent === 'all' ? [await allDowns(context, folder)] : []
    return [...up, ...others, ...all]
  } catch (error) {
    const failed = asFailure(error)
    return Object.entries(KINDS)
      .filter(([part]) => Object.entries(wish).some(([name, isWanted]) => name === part && isWanted === true))
      .map(([, kind]) => notObserved(kind, 'none', failed.message, failed.hint))
  }
}

/** What is observed in worlds of its own, one after the other. */
async function besides(
  rehearsing: Rehearsing,
  { request, signal }: RehearsalContext,
  folder: FolderObservations,
  { baseline, pending }: { readonly baseline: readonly Migration[]; readonly pending: readonly Migration[] },
  wish: RehearsalWish,
): Promise<Observation[]> {
  const { tree } = folder
  const seen: Observation[] = []
  if (wish.downs && request.down === 'pending') seen.push(await downs(rehearsing, baseline, pending, signal))
  if (wish.queries) {
    const { observeQueries } = await import('../../observers/queries/observe.ts')
    seen.push(await observeQueries(rehearsing, { tree, pending, ...(await queriesOf(request, folder)) }))
  }
  if (wish.repeat) {
    const { observeRepeat } = await import('../../observers/repeat/observe.ts')
    const { profile } = request.policy.settings
    seen.push(await observeRepeat(rehearsing, { tree, pending, ledger: folder.ledgerTable, profile, signal }))
  }
  return seen
}

/** More text than this is no list of queries. */
const MOST_WORKLOAD_BYTES = 16_000_000

/** The running version's queries, as far as they were given. */
async function queriesOf(request: CheckRequest, folder: FolderObservations): Promise<QueryInput> {
  const { workload, shape: shapeFile } = request.inputs
  const found = new Observations(folder.observations).maybe(shape)
  const { readInput } = await import('../input-file.ts')
  return {
    workload:
      workload === null ? null : { file: workload, text: await readInput(workload, MOST_WORKLOAD_BYTES, '--workload') },
    shape: shapeFile === null || found === undefined ? null : { file: shapeFile, shape: found },
  }
}

/** The verdict run, and what it did where that is asked for: the one in which effects are observed is the verdict run then. */
async function ups(
  rehearsing: Rehearsing,
  { request, signal, production = null }: RehearsalContext,
  { tree, folder }: FolderObservations,
  parts: { readonly baseline: readonly Migration[]; readonly pending: readonly Migration[] },
  wish: RehearsalWish,
): Promise<Observation[]> {
  const seen = wish.effects
    ? await (
        await import('../../observers/effects/observe.ts')
      ).observeEffects(rehearsing, { tree, pending: parts.pending, seed: await seedOf(request), signal })
    : null
  const observations = seen === null ? [] : [seen.observation]
  if (!wish.ups) return observations
  const { observeRehearsal } = await import('../../observers/rehearsal/observe.ts')
  const { roles } = request
  const ofShape = production?.why ?? null
  const input = { tree, ...parts, roles, ofShape, ownLedger: folder.request.ledgerTable, run: seen?.run ?? null }
  return [await observeRehearsal(rehearsing, input), ...observations]
}

/** More rows than this are no rows to rehearse with. */
const MOST_SEED_BYTES = 16_000_000

/** The rows to rehearse with. The seed is fixed: the same schema has the same made-up rows everywhere. */
async function seedOf({ inputs }: CheckRequest): Promise<SeedOptions> {
  const file = inputs.seedSql
  if (file === null) return { script: null, seed: 1 }
  const { readInput } = await import('../input-file.ts')
  return { script: { file, text: await readInput(file, MOST_SEED_BYTES, '--seed-sql') }, seed: 1 }
}

/** Waits for both, also when one fails: what the other one uses must not be taken away under it. */
async function bothOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return [await first, await second]
}

/** What says that nothing could be observed; a mistake of the user's, a cancelled run and a bug are thrown on. */
function asFailure(error: unknown): SeaworthyError {
  const isObservation = error instanceof SeaworthyError && ['scratch-server', 'network', 'limit'].includes(error.code)
  if (isObservation) return error
  throw error
}

async function downs(
  rehearsing: Rehearsing,
  baseline: readonly Migration[],
  pending: readonly Migration[],
  signal: AbortSignal,
): Promise<Observation> {
  const { observeDowns } = await import('../../observers/rehearsal-down/observe.ts')
  return await observeDowns(rehearsing, { baseline, pending, extent: 'pending', signal })
}

/**
 * With `--down all` every migration goes up, down and up again, so nothing may be applied before. In production they were
 * applied by whoever owns what they made; so one role owns everything here, however roles are split for what is pending.
 */
async function allDowns(context: RehearsalContext, folder: FolderObservations): Promise<Observation> {
  const { observeDowns } = await import('../../observers/rehearsal-down/observe.ts')
  const { migrations } = folder.tree
  const roles: RolesSettings = { ...context.request.roles, mode: 'single', owns: [] }
  const inOneRole = { ...context, request: { ...context.request, roles }, production: null }
  await using rehearsing = await open(inOneRole, folder, [], migrations)
  return await observeDowns(rehearsing, { baseline: [], pending: migrations, extent: 'all', signal: context.signal })
}

/** Production's shape, where it was given, says who migrates; on a server of the user's it cannot be set up. */
async function inProductionsShape(context: RehearsalContext, folder: FolderObservations): Promise<RehearsalContext> {
  const found = new Observations(folder.observations).maybe(shape)
  if (found === undefined) return context
  const { request } = context
  if (request.serverUrl !== null) return { ...context, production: { shape: found, why: null } }
  const { settings, why } = (await import('../../postgres/shape/migrating.ts')).rolesOfShape(request.roles, found)
  const major = request.major ?? (await majorOfShape(found, context.programs))
  return { ...context, request: { ...request, roles: settings, major }, production: { shape: found, why } }
}

/** Production's major version, if nobody named one and it can be had here; else the drift is told. */
async function majorOfShape({ server }: Shape, programs: ProgramsFrom): Promise<number | null> {
  const { findBinaries } = await import('../../postgres/binaries.ts')
  try {
    return (await findBinaries(server.major, programs)).major
  } catch (error) {
    if (error instanceof SeaworthyError) return null
    throw error
  }
}

async function open(
  { request, programs, signal, progress, production = null }: RehearsalContext,
  { tree, ledgerTable }: FolderObservations,
  baseline: readonly Migration[],
  pending: readonly Migration[],
): Promise<Rehearsing> {
  const { postgresEngine } = await import('../../postgres/engine.ts')
  const engine = postgresEngine(async (wanted) => await openHost(wanted, programs), ledgerTable)
  return await engine.open({
    tree,
    baseline,
    pending,
    roles: request.roles,
    shape: production?.shape ?? null,
    major: request.major,
    serverUrl: request.serverUrl,
    useCache: request.useCache,
    lockTimeoutMs: request.lockTimeoutMs,
    statementTimeoutMs: request.statementTimeoutMs,
    signal,
    progress,
  })
}

async function openHost(wanted: RehearsalRequest, programs: ProgramsFrom): Promise<Host> {
  if (wanted.serverUrl !== null) {
    return await (await import('../../postgres/given-host.ts')).openGivenHost(wanted.serverUrl, wanted)
  }
  return await (await import('../../postgres/scratch-host.ts')).openScratchHost(wanted, programs)
}
