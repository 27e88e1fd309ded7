import { SeaworthyError } from '../../gate/error.ts'
import { sha256 } from '../../gate/canonical.ts'
import { notApplied } from '../../gate/finding.ts'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import { type CatalogueDifference, differenceOf, isSameCatalogue } from '../../migrations/catalogue-difference.ts'
import type { CatalogueEntry, Rehearsing, World } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'
import { type Catalogue, Course } from './course.ts'
import { type DownTrial, rehearsalDown } from './kind.ts'
import { withoutProvisions } from './provisions.ts'

/** A definition longer than this, in characters, is cut in the observation and told by its digest. */
const LONGEST_DEFINITION = 4_000

export interface DownsRequest {
  /** What the rehearsing server has applied already; with `all` it is empty, and `pending` is the whole history. */
  readonly baseline: readonly Migration[]
  readonly pending: readonly Migration[]
  readonly extent: 'pending' | 'all'
  /** When it is aborted, the reason is thrown: a cancelled run is no observation. */
  readonly signal?: AbortSignal
}

/**
 * Tries the way back of each pending migration: up, down, up again, and compares the catalogue after the down with the
 * one before the up. Each down is tried on the state that production would have, whatever the one before it did. An up
 * that fails ends it: what comes after is `not-reached`. A server that could not be asked is an observation that failed.
 */
export async function observeDowns(rehearsing: Rehearsing, request: DownsRequest): Promise<Observation> {
  const { server, baseline } = rehearsing
  const witness = `${server.engine} ${server.version} (${server.origin}: ${server.place})`
  if (request.extent === 'all' && request.baseline.length > 0) {
    throw new Error('the downs of the whole history need a server on which nothing is applied')
  }
  if (request.pending.every((migration) => migration.down === null)) {
    const trials = request.pending.map((migration) => trialOf(migration, { outcome: 'no-down-file' }))
    return observed(rehearsalDown, witness, { extent: request.extent, trials })
  }
  if (baseline.failure !== null) {
    const reason = `${notApplied(baseline.failure.version)}, so no down could be tried`
    return notObserved(rehearsalDown, witness, reason, 'Mend what the rehearsal says about it first.')
  }
  try {
    const trials = await tryAll(rehearsing, request)
    return observed(rehearsalDown, witness, { extent: request.extent, trials })
  } catch (error) {
    request.signal?.throwIfAborted()
    if (error instanceof SeaworthyError && (error.code === 'config' || error.code === 'usage')) throw error
    const reason = `the trial of the downs stopped: ${error instanceof Error ? error.message : String(error)}`
    return notObserved(rehearsalDown, witness, reason, error instanceof SeaworthyError ? error.hint : null)
  }
}

async function tryAll(rehearsing: Rehearsing, { pending, signal }: DownsRequest): Promise<DownTrial[]> {
  await using course = new Course(rehearsing)
  const trials: DownTrial[] = []
  for (const migration of pending) {
    signal?.throwIfAborted()
    const trial = await tryOne(course, rehearsing, migration)
    trials.push(trial)
    if (trial.outcome === 'up-failed' || trial.outcome === 'not-reached') break
  }
  const rest = pending.slice(trials.length).map((migration) => trialOf(migration, { outcome: 'not-reached' }))
  return [...trials, ...rest]
}

async function tryOne(course: Course, rehearsing: Rehearsing, migration: Migration): Promise<DownTrial> {
  const opened = await course.open()
  if ('failure' in opened) return trialOf(migration, { outcome: 'not-reached', failure: opened.failure })
  const { world } = opened
  const before = migration.down === null ? null : await course.catalogue(world)
  const { failure } = await world.apply([migration])
  if (failure !== null) return trialOf(migration, { outcome: 'up-failed', failure })
  if (before === null) {
    course.passed(migration, null)
    return trialOf(migration, { outcome: 'no-down-file' })
  }
  return await tryBack(course, rehearsing, world, migration, before)
}

/** The down and the up again, in a world in which the migration has just been applied. */
async function tryBack(
  course: Course,
  rehearsing: Rehearsing,
  world: World,
  migration: Migration,
  before: Catalogue,
): Promise<DownTrial> {
  const afterUp = await world.catalogue()
  const reverted = await world.revert(migration)
  if (!reverted.applied) {
    // Half of it may be in, or a transaction of the file's own may still be open.
    await course.passedWithDamage(migration)
    return trialOf(migration, { outcome: 'down-failed', failure: reverted.failure })
  }
  const difference = withoutProvisions(
    differenceOf(before, await world.catalogue()),
    rehearsing.provided(),
    rehearsing.migratingRole,
  )
  const { failure } = await world.apply([migration])
  if (failure !== null) {
    await course.passedWithDamage(migration)
    return trialOf(migration, { outcome: 'up-again-failed', failure, difference })
  }
  // From the same state the same up leads to the same state, so only a down that left a trace needs another look.
  if (isEmpty(difference) || isSameCatalogue(afterUp, await world.catalogue())) course.passed(migration, afterUp)
  else await course.passedWithDamage(migration)
  return trialOf(migration, { outcome: 'reverted', difference })
}

const isEmpty = ({ added, removed, changed }: CatalogueDifference): boolean =>
  added.length + removed.length + changed.length === 0

function trialOf(
  migration: Migration,
  what: Pick<DownTrial, 'outcome'> & {
    readonly failure?: NonNullable<DownTrial['failure']>
    readonly difference?: CatalogueDifference
  },
): DownTrial {
  return {
    file: migration.up.file,
    version: migration.version,
    downFile: migration.down?.file ?? null,
    outcome: what.outcome,
    failure: what.failure ?? null,
    leftOver: (what.difference?.added ?? []).map(cut),
    missing: (what.difference?.removed ?? []).map(cut),
    changed: (what.difference?.changed ?? []).map(({ before, after }) => ({ before: cut(before), after: cut(after) })),
  }
}

const cut = ({ object, definition }: CatalogueEntry): CatalogueEntry =>
  definition.length <= LONGEST_DEFINITION
    ? { object, definition }
    : { object, definition: `${definition.slice(0, LONGEST_DEFINITION)}\ncut, sha256 ${sha256(definition)}` }
