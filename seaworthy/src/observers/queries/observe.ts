import { canonicalJson } from '../../gate/canonical.ts'
import { notApplied } from '../../gate/finding.ts'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import type { Rehearsing } from '../../migrations/engine.ts'
import type { Migration, MigrationTree } from '../../migrations/model.ts'
import { gainedIn, isSameMeaning, type Meaning, wordsFor } from '../../migrations/meaning.ts'
import type { PlanningRole, QueryOutcome, QueryPlanner, QueryToPlan } from '../../migrations/queries.ts'
import { rehearsalFailed, witnessOf } from '../rehearsal/observe.ts'
import { type QueryInput, type ReadQueries, type ReadQuery, readQueries } from './given.ts'
import { type Answer, type Queries, type QueryChange, queries } from './kind.ts'

export type { QueryInput } from './given.ts'

export interface QueriesRequest extends QueryInput {
  readonly tree: Pick<MigrationTree, 'transaction'>
  readonly pending: readonly Migration[]
}

/** A query with whom it is planned as, and what came of it before the release. */
interface Asked {
  readonly read: ReadQuery
  readonly toPlan: QueryToPlan
  readonly before: QueryOutcome
}

type Working = Extract<QueryOutcome, { works: true }>

/** One that worked before, and does something else after. */
interface Changed extends Asked {
  readonly before: Working
  readonly after: QueryOutcome
}

/**
 * Plans every query that was given, before and after the pending migrations, in a world of its own, and looks in a
 * second one for the migration that changed it. No query is run.
 * @throws SeaworthyError('config') for a workload file that holds no query, or something else.
 */
export async function observeQueries(rehearsing: Rehearsing, request: QueriesRequest): Promise<Observation> {
  const witness = witnessOf(rehearsing)
  const read = readQueries(request)
  const isIdle = read.unavailable !== null || request.pending.length === 0
  if (isIdle)
    return observed(queries, witness, { ...base(rehearsing, read), roles: [], same: 0, unknown: [], changes: [] })
  const { failure } = rehearsing.baseline
  if (failure !== null) {
    const reason = `${notApplied(failure.version)}, so no query could be planned`
    return notObserved(queries, witness, reason, 'Mend what the rehearsal says about it first.')
  }
  try {
    return await planAll(rehearsing, request, read, witness)
  } catch (error) {
    return rehearsalFailed(queries, witness, error)
  }
}

const base = (
  { server }: Rehearsing,
  { sources, unavailable, queries: listed, unreadable, overLimit }: ReadQueries,
): Pick<Queries, 'server' | 'sources' | 'unavailable' | 'total' | 'overLimit' | 'stale'> => ({
  server,
  sources,
  unavailable,
  total: listed.length + unreadable.length + overLimit,
  overLimit,
  stale: unreadable,
})

async function planAll(
  rehearsing: Rehearsing,
  request: QueriesRequest,
  read: ReadQueries,
  witness: string,
): Promise<Observation> {
  await using world = await rehearsing.fork()
  const planner = world.queries
  if (planner === undefined)
    return notObserved(queries, witness, 'this engine cannot plan queries without running them')
  const roles = await planner.roles(read.queries.map(({ given }) => given.role))
  const asked = await askBefore(planner, read.queries, roles)
  const { failure } = await world.apply(request.pending)
  if (failure !== null) {
    const reason = `migration ${failure.version} does not apply, so no query could be planned after it`
    return notObserved(queries, witness, reason, 'Mend what the rehearsal says about it first.')
  }
  const working = asked.flatMap((one) => (one.before.works ? [{ ...one, before: one.before }] : []))
  const after = await planner.plan(working.map((one) => one.toPlan))
  const answered = working.flatMap((one, index) => {
    const outcome = after[index]
    return outcome === undefined ? [] : [{ ...one, after: outcome }]
  })
  const known = answered.filter((one) => !isUnknown(one.after))
  const changed = known.filter((one) => !isSame(one.before, one.after))
  const told = base(rehearsing, read)
  return observed(queries, witness, {
    ...told,
    roles: [...new Map(roles.map(({ name, as, why }) => [`${name} ${why}`, { name, as, why }])).values()],
    same: known.length - changed.length,
    stale: [...told.stale, ...asked.flatMap((one) => errorOf(one, one.before, false))],
    unknown: [
      ...asked.flatMap((one) => errorOf(one, one.before, true)),
      ...answered.flatMap((one) => errorOf(one, one.after, true)),
    ],
    changes: await attribute(rehearsing, request, changed),
  })
}

async function askBefore(
  planner: QueryPlanner,
  listed: readonly ReadQuery[],
  roles: readonly PlanningRole[],
): Promise<Asked[]> {
  const pairs = listed.flatMap((read, index) => {
    const role = roles[index]
    return role === undefined ? [] : [{ read, toPlan: toPlan(read, role) }]
  })
  const outcomes = await planner.plan(pairs.map((pair) => pair.toPlan))
  return pairs.flatMap((pair, index) => {
    const before = outcomes[index]
    return before === undefined ? [] : [{ ...pair, before }]
  })
}

/**
 * A captured search path that the role gets by itself is left to the role: what a migration sets for the role then
 * counts. One that a workload file names is what the program sets for itself.
 */
function toPlan({ given, plan }: ReadQuery, role: PlanningRole): QueryToPlan {
  const isRolesOwn = given.from === 'shape' && role.why === null && given.searchPath === role.searchPath
  return { ...plan, role: role.as, isGroup: role.isGroup, searchPath: isRolesOwn ? null : given.searchPath }
}

const isUnknown = (outcome: QueryOutcome): boolean => !outcome.works && outcome.isInfrastructure

/** The query with its error, if that is one of the sort asked for: about the query, or about our server. */
const errorOf = ({ read }: Asked, outcome: QueryOutcome, ofServer: boolean): Queries['stale'] =>
  outcome.works || outcome.isInfrastructure !== ofServer ? [] : [{ query: read.given, error: outcome.error }]

const isSame = (a: QueryOutcome, b: QueryOutcome): boolean =>
  canonicalJson(seenOf(a)) === canonicalJson(seenOf(b)) && isMeantAlike(a, b)

const isMeantAlike = (a: QueryOutcome, b: QueryOutcome): boolean =>
  !a.works || !b.works || isSameMeaning(a.meaning, b.meaning)

/** What a program sees of it. */
function seenOf(outcome: Working): Answer
function seenOf(outcome: QueryOutcome): QueryChange['after']
function seenOf(outcome: QueryOutcome): QueryChange['after'] {
  if (!outcome.works) return outcome
  const { works, columns, parameters } = outcome
  return { works, columns, parameters }
}

const MOST_NAMES = 3
const LONGEST_NAMES = 300

function meaningIn(before: Working, after: QueryOutcome): QueryChange['meaning'] {
  if (!after.works || isMeantAlike(before, after)) return null
  const column = gainedIn(before.meaning, after.meaning).find((one) => one.is === 'column')
  return {
    before: gainedWords(after.meaning, before.meaning),
    after: gainedWords(before.meaning, after.meaning),
    column: column?.name ?? null,
  }
}

/** Columns first; the server's own relation `*GROUP*` is nothing that a person wrote. Empty where nothing is gained. */
const gainedWords = (before: Meaning, after: Meaning): string =>
  [
    ...new Set(
      gainedIn(before, after)
        .filter((one) => one.is === 'object' || !one.of.startsWith('*'))
        .toSorted((a, b) => a.is.localeCompare(b.is))
        .map(wordsFor),
    ),
  ]
    .slice(0, MOST_NAMES)
    .join(', ')
    .slice(0, LONGEST_NAMES)

/** Names the first migration after which each query is answered otherwise, in a world that takes one step at a time. */
async function attribute(
  rehearsing: Rehearsing,
  { tree, pending }: QueriesRequest,
  changed: readonly Changed[],
): Promise<QueryChange[]> {
  const found = new Map<Changed, readonly string[]>()
  const isOneUnit = tree.transaction === 'all-pending' || pending.length === 1
  if (!isOneUnit && changed.length > 0) {
    await using world = await rehearsing.fork()
    let left = [...changed]
    for (const migration of pending) {
      if (left.length === 0 || world.queries === undefined) break
      if ((await world.apply([migration])).failure !== null) break
      const outcomes = await world.queries.plan(left.map((one) => one.toPlan))
      for (const [index, one] of left.entries()) {
        const outcome = outcomes[index]
        if (outcome === undefined || isUnknown(outcome) || isSame(one.before, outcome)) continue
        found.set(one, [migration.up.file])
      }
      left = left.filter((one) => !found.has(one))
    }
  }
  const whole = pending.map((migration) => migration.up.file)
  return changed.map((one) => ({
    query: one.read.given,
    files: found.get(one) ?? whole,
    before: seenOf(one.before),
    after: seenOf(one.after),
    meaning: meaningIn(one.before, one.after),
  }))
}
