import { notApplied } from '../../gate/finding.ts'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import { type CatalogueDifference, isSameCatalogue } from '../../migrations/catalogue-difference.ts'
import type { Effects, SyntheticConflict } from '../../migrations/effects.ts'
import type { CatalogueEntry, Failure, Rehearsing, Seeded, SeedOptions } from '../../migrations/engine.ts'
import type { Migration, MigrationTree } from '../../migrations/model.ts'
import { rehearsalFailed, witnessOf } from '../rehearsal/observe.ts'
import { compareRuns } from './interference.ts'
import { effects } from './kind.ts'
import { onlyInFaithful } from './nested-texts.ts'
import { type PlainRun, plainRun } from './plain-run.ts'
import { withoutProvided } from './provided.ts'
import { type TracedRun, tracedRun } from './traced-run.ts'

/** What the observer of effects needs of the request; the engine has it already. */
export interface EffectsInput {
  readonly tree: MigrationTree
  readonly pending: readonly Migration[]
  readonly seed: SeedOptions
  readonly signal: AbortSignal
}

/** What was observed, and the verdict run in it, so that nobody has to make a second one. */
export interface EffectsSeen {
  readonly observation: Observation
  /** Null where no verdict run was made. */
  readonly run: { readonly applied: number; readonly failure: Failure | null } | null
}

/** How often made-up rows that stand in the way are taken away before the run is left as it is. */
const MOST_CONFLICTS = 8

/**
 * Applies what is pending twice, side by side, in worlds with rows: once faithfully (the verdict run), once traced. What
 * fails on rows that were made up, and not without them, is tried again without those rows and told as a conflict.
 */
export async function observeEffects(rehearsing: Rehearsing, input: EffectsInput): Promise<EffectsSeen> {
  const witness = witnessOf(rehearsing)
  try {
    if (rehearsing.baseline.failure !== null) {
      const { version } = rehearsing.baseline.failure
      const reason = `${notApplied(version)}, so there is nothing to compare the pending ones with`
      return { observation: notObserved(effects, witness, reason), run: null }
    }
    if (input.pending.length === 0)
      return { observation: observed(effects, witness, await nothing(rehearsing)), run: null }
    const { seeded, conflicts, plain, traced } = await settledRuns(rehearsing, input)
    // What the rehearsal itself provided while they ran is none of their effects.
    const own = (difference: CatalogueDifference): CatalogueDifference =>
      withoutProvided(difference, rehearsing.provided(), rehearsing.migratingRole)
    const unlike = whyUnlike(plain, traced)
    const data: Effects = {
      server: rehearsing.server,
      seeding: seeded.seeding,
      before: plain.before,
      difference: own(plain.difference),
      rows: plain.rows,
      partly: plain.partly,
      sequences: plain.sequences,
      refusals: plain.refusals,
      probes: plain.probes,
      unprobed: plain.unprobed,
      steps: traced.steps.map((step) => ({ ...step, difference: own(step.difference) })),
      traceUnproven: traced.unproven ?? unlike ?? plain.texts.tooMany ?? traced.texts.tooMany,
      interference:
        traced.unproven === null && unlike === null
          ? [...compareRuns(plain, traced), ...onlyInFaithful(plain, traced, input.pending)]
          : [],
      conflicts,
      failure: plain.failure,
    }
    return { observation: observed(effects, witness, data), run: { applied: plain.applied, failure: plain.failure } }
  } catch (error) {
    return { observation: rehearsalFailed(effects, witness, error), run: null }
  }
}

/** With nothing pending there is only the schema as it is. */
async function nothing(rehearsing: Rehearsing): Promise<Effects> {
  await using world = await rehearsing.fork()
  return {
    server: rehearsing.server,
    seeding: { source: 'synthetic', seed: 0, tables: [], unseeded: [] },
    before: await world.catalogue(),
    difference: { added: [], removed: [], changed: [] },
    rows: [],
    sequences: [],
    refusals: [],
    steps: [],
    traceUnproven: null,
    interference: [],
    conflicts: [],
    failure: null,
  }
}

interface SettledRuns {
  readonly seeded: Seeded
  readonly conflicts: readonly SyntheticConflict[]
  readonly plain: PlainRun
  readonly traced: TracedRun
}

async function settledRuns(rehearsing: Rehearsing, input: EffectsInput): Promise<SettledRuns> {
  let seeded = await rehearsing.seed(input.seed)
  const conflicts: SyntheticConflict[] = []
  for (;;) {
    input.signal.throwIfAborted()
    const [plain, traced] = await bothRuns(rehearsing, seeded, input)
    const settled = conflicts.length < MOST_CONFLICTS ? await withoutMadeUp(rehearsing, seeded, input, plain) : null
    if (settled === null) return { seeded, conflicts, plain, traced }
    conflicts.push(settled.conflict)
    seeded = settled.seeded
  }
}

/** On a server that was given, one after the other: what the first makes on the server itself is gone before the second begins. */
async function bothRuns(rehearsing: Rehearsing, seeded: Seeded, input: EffectsInput): Promise<[PlainRun, TracedRun]> {
  if (rehearsing.server.origin !== 'given') return await sideBySide(plainRun(seeded, input), tracedRun(seeded, input))
  const plain = await plainRun(seeded, input)
  return [plain, await tracedRun(seeded, input)]
}

/** Waits for both, also when one fails: what the other one uses must not be taken away under it. */
async function sideBySide<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return [await first, await second]
}

/** Whether the failure goes away with the rows that were made up; then they go, and only production's can settle it. */
async function withoutMadeUp(
  rehearsing: Rehearsing,
  seeded: Seeded,
  input: EffectsInput,
  { failure, before }: PlainRun,
): Promise<{ seeded: Seeded; conflict: SyntheticConflict } | null> {
  if (failure === null || !isAboutRows(failure, before)) return null
  const index = input.pending.findIndex((one) => one.up.file === failure.file)
  const failed = input.pending[index]
  if (failed === undefined || !(await appliesWithoutRows(rehearsing, input, index))) return null
  const without = await seeded.without(failure, input.pending.slice(0, index), failed)
  return without === null ? null : { seeded: without.seeded, conflict: { failure, resolution: without.resolution } }
}

/** What the values of rows can be to blame for (PostgreSQL, appendix A): cardinality, data, integrity, raised by SQL. */
const ABOUT_ROWS: ReadonlySet<string> = new Set(['21', '22', '23', 'P0'])
const NOT_NULL_VIOLATION = '23502'
/** undefined_object: also a large object, a role, or a sequence that only a row names. */
const UNDEFINED_OBJECT = '42704'

function isAboutRows({ error }: Failure, before: readonly CatalogueEntry[]): boolean {
  if (error.sqlstate === UNDEFINED_OBJECT) return true
  if (error.sqlstate === null || !ABOUT_ROWS.has(error.sqlstate.slice(0, 2))) return false
  if (error.sqlstate !== NOT_NULL_VIOLATION || error.table === null || error.column === null) return true
  // A column that the release adds has no value in any row of production: that is no fault of these rows.
  const column = `.${error.table}.${error.column}`
  return before.some((entry) => entry.object.startsWith('column ') && entry.object.replaceAll('"', '').endsWith(column))
}

async function appliesWithoutRows(
  rehearsing: Rehearsing,
  { pending, tree }: EffectsInput,
  index: number,
): Promise<boolean> {
  await using world = await rehearsing.fork()
  // With one transaction around everything, nothing but everything is ever applied.
  const upTo = tree.transaction === 'all-pending' ? pending.length : index + 1
  const { applied, failure } = await world.apply(pending.slice(0, upTo))
  return applied > index || (failure !== null && tree.transaction === 'all-pending' && isLater(pending, failure, index))
}

const isLater = (pending: readonly Migration[], failure: Failure, index: number): boolean =>
  pending.findIndex((one) => one.up.file === failure.file) > index

/** The traced run has to come as far as the faithful one, or it has not seen what that one did. */
function whyUnlike(plain: PlainRun, traced: TracedRun): string | null {
  if (plain.failure === null && traced.failure !== null) {
    const { file, error } = traced.failure
    return `${file} fails in the traced run and not in the faithful one: ${error.message}`
  }
  const isSame = plain.failure?.file === traced.failure?.file || isSameCatalogue(plain.after, traced.after)
  return isSame ? null : `the traced run failed in ${traced.failure?.file ?? 'no file'} and the faithful one did not`
}
