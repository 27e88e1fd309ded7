import { type CatalogueDifference, differenceOf } from '../../migrations/catalogue-difference.ts'
import type { ConnectionRefusal, PartlySeen, RowChange, SequenceMove } from '../../migrations/effects.ts'
import type { CatalogueEntry, Failure, Seeded, SeededWorld } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'
import { type NestedTexts, textsOf } from './nested-texts.ts'
import { type ProbesSeen, probeRelease } from './probing.ts'

/** What a table held after a run. */
export type RowDigests = readonly { readonly object: string; readonly digest: string }[]

/** What the faithful run left. */
export interface PlainRun extends ProbesSeen {
  readonly applied: number
  readonly failure: Failure | null
  readonly before: readonly CatalogueEntry[]
  readonly after: readonly CatalogueEntry[]
  readonly difference: CatalogueDifference
  readonly rows: readonly RowChange[]
  readonly partly: readonly PartlySeen[]
  readonly sequences: readonly SequenceMove[]
  readonly digests: RowDigests
  readonly refusals: readonly ConnectionRefusal[]
  readonly texts: NestedTexts
}

/** The verdict run in a world with rows: everything that is pending, as the tool sends it. */
export async function plainRun(seeded: Seeded, { pending }: { pending: readonly Migration[] }): Promise<PlainRun> {
  await using world = await seeded.fork({ isWatched: true })
  const before = await world.catalogueBefore()
  const watch = await world.watchRows()
  // What was read until now is not of the migrations.
  await world.nestedTexts()
  const { applied, failure } = await world.apply(pending)
  const texts = await textsOf(world)
  const after = await world.catalogue()
  const run = { applied, failure, before, after, difference: differenceOf(before, after), texts, partly: [] }
  const refusals = await newRefusals(seeded, world)
  if (refusals.length > 0) return { ...run, rows: [], sequences: [], digests: [], refusals, probes: [], unprobed: [] }
  const { changes, moves, digests, partly } = await watch.look()
  const seen = { ...run, rows: changes, partly, sequences: moves, digests, refusals }
  if (failure !== null) return { ...seen, probes: [], unprobed: [] }
  return { ...seen, ...(await probeRelease(seeded, world, before, run.difference)) }
}

/** Roles that the server no longer lets in; one that could not log in before the release either lost nothing by it. */
async function newRefusals(seeded: Seeded, world: SeededWorld): Promise<ConnectionRefusal[]> {
  const refused = await world.refusals()
  if (refused.length === 0) return []
  await using asBefore = await seeded.fork()
  const known = new Set((await asBefore.refusals()).map(({ role }) => role))
  return refused.filter(({ role }) => !known.has(role))
}
