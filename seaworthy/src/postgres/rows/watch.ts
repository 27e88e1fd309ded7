import type { Client } from 'pg'
import type { ObjectName, PartlySeen, RowChange } from '../../migrations/effects.ts'
import type { RowsSeen, RowWatch } from '../../migrations/engine.ts'
import type { Place } from '../host.ts'
import type { Context } from '../world.ts'
import { type Followed, changeOf } from './compare.ts'
import { digestRows } from './digest.ts'
import { type Successor, isTheSame, matchRows, successorOf } from './follow.ts'
import { type HeldRows, type HeldTable, MOST_ROWS, columnsOf, holdRows, ignoredBy } from './held.ts'
import { LARGE_OBJECTS, digestLargeObjects, largeObjectChange, readLargeObjects } from './large-objects.ts'
import { movesOf, readSequences } from './positions.ts'
import { type Size, measureLarge } from './measure.ts'
import { type Reading, type Values, fieldsOf, readRecords } from './read.ts'
import { beyondOf, partlySeen } from './partly.ts'
import { readRelations } from './relations.ts'
import { asRowsRole } from './rows-role.ts'

/** Of more rows than are remembered, the same ones are looked for among so many times as many. */
const LOOK_FURTHER = 10

/** What stands for the digest of a table in which every row is as it was. */
const AS_IT_WAS = 'as it was'

/** Of longer rows than before, so many times as much is read. */
const READ_FURTHER = 3

/**
 * Remembers what every table holds but the ledger's, the partitions of one as the one table they are; beside them large
 * objects, and where sequences stand. Rows are told apart by the primary key, else by another key that is never NULL, else
 * by all of their values. `held` is what the state is known to hold, read in another copy of it.
 */
export async function watchRows(context: Context, place: Place, held: HeldRows | null = null): Promise<RowWatch> {
  const before = held ?? (await holdRows(context, place))
  const look = async (within: ReadonlySet<ObjectName> | null): Promise<RowsSeen> =>
    await lookAgain(context, place, before, within)
  return {
    look: async () => await look(null),
    changesIn: async (objects) => (await look(objects)).changes,
  }
}

async function lookAgain(
  context: Context,
  place: Place,
  before: HeldRows,
  within: ReadonlySet<ObjectName> | null,
): Promise<RowsSeen> {
  const tables = before.tables.filter(({ relation }) => within === null || within.has(relation.object))
  if (within !== null && tables.length === 0) return { changes: [], moves: [], digests: [], partly: [] }
  const { placed, objects } = before
  const relations = await readRelations(place.admin, ignoredBy(context))
  const sequences = within !== null || placed.length === 0 ? [] : await readSequences(place.admin)
  const successors = tables.map((one) => successorOf(one.relation, relations))
  const shown = await readViews(context, place, successors)
  return await asRowsRole(context, place, async (client) => {
    await client.query("SELECT pg_catalog.set_config('TimeZone', $1, false)", [before.zone])
    const changes: RowChange[] = []
    const digests: { object: ObjectName; digest: string }[] = []
    const partly: PartlySeen[] = []
    for (const { object, followed, seen } of await followAll(client, tables, successors, shown)) {
      if (seen !== null) partly.push(seen)
      digests.push({ object, digest: followed === null ? AS_IT_WAS : digestRows(followed) })
      const change = followed === null ? null : await changeOf(client, followed)
      if (change !== null) changes.push(change)
    }
    if (within !== null) return { changes, moves: [], digests, partly }
    const moves = placed.length === 0 ? [] : await movesOf(client, placed, sequences)
    if (objects.length === 0) return { changes, moves, digests, partly }
    const [objectsBefore, objectsNow] = [new Map(objects), await readLargeObjects(client, LOOK_FURTHER)]
    const ofObjects = largeObjectChange(objectsBefore, objectsNow)
    if (ofObjects !== null) changes.push(ofObjects)
    digests.push({ object: LARGE_OBJECTS, digest: digestLargeObjects(objectsBefore, objectsNow) })
    return { changes, moves, digests, partly }
  })
}

const isView = (successor: Successor | null): successor is Successor => successor?.relation.kind === 'v'

const readingOf = ({ relation, pairs }: Successor): Reading => ({
  relation,
  columns: pairs.flatMap((pair) => (pair.after === null ? [] : [pair.after])),
  limit: MOST_ROWS * LOOK_FURTHER,
})

/** A view runs functions of the schema, so it is read as the role that migrates; what that may not see is not there. */
async function readViews(
  context: Context,
  place: Place,
  successors: readonly (Successor | null)[],
): Promise<ReadonlyMap<Successor, readonly string[]>> {
  const shown = new Map<Successor, readonly string[]>()
  const views = successors.filter(isView)
  if (views.length === 0) return shown
  const client = await place.connectAs(context.roles.migrating)
  try {
    for (const view of views) {
      const [records] = await readRecords(client, [readingOf(view)]).catch(() => [[]])
      shown.set(view, records ?? [])
    }
  } finally {
    await client.end().catch(() => undefined)
  }
  return shown
}

/** Of a table whose rows are all as they were, `followed` is null; `seen` is of one that is only seen in part. */
interface Outcome {
  readonly object: ObjectName
  readonly followed: Followed | null
  readonly seen: PartlySeen | null
}

async function followAll(
  client: Client,
  held: readonly HeldTable[],
  successors: readonly (Successor | null)[],
  shown: ReadonlyMap<Successor, readonly string[]>,
): Promise<Outcome[]> {
  const tables = successors.filter((one): one is Successor => one !== null && !isView(one))
  const measured = await measureLarge(client, tables.map(readingOf), READ_FURTHER)
  const sizes = new Map(tables.map((table, index) => [table, measured[index] ?? null]))
  const readable = tables.filter((table) => sizes.get(table)?.isReadable === true)
  const read = await readRecords(client, readable.map(readingOf))
  const recordsOf = new Map([...shown, ...readable.map((table, index) => [table, read[index] ?? []] as const)])
  return held.map((table, index) => {
    const successor = successors[index] ?? null
    const now = successor === null ? [] : (recordsOf.get(successor) ?? null)
    const { object } = table.relation
    const size = successor === null ? null : (sizes.get(successor) ?? null)
    const seen = successor === null ? null : partlySeen(table, successor, size)
    // What is too large now to be read was small enough before: its rows are there, and nobody can tell them apart.
    if (now === null && table.records.length > 0) return { object, followed: null, seen }
    const isAsItWas = successor !== null && table.whole === null && isTheSame(successor, table.records, now ?? [])
    return { object, followed: isAsItWas ? null : follow(table, successor, now ?? [], size), seen }
  })
}

function follow(table: HeldTable, successor: Successor | null, now: readonly string[], size: Size | null): Followed {
  const { relation, records } = table
  const columns = columnsOf(relation)
  const rows = records.map((record) => fieldsOf(record, columns.length))
  if (successor === null) {
    const pairs = columns.map((column) => ({ before: column, after: null }))
    const matching = rows.map(() => undefined)
    return { before: relation, rows, pairs, matching, isGone: true, beyond: beyondOf(table, 0) }
  }
  const { pairs } = successor
  const kept = pairs.filter((pair) => pair.after !== null).length
  // What was read has a value for each column that is still there; in between stand those that are gone.
  const after = now.map((record): Values => {
    const values = fieldsOf(record, kept)
    let next = 0
    return pairs.map((pair) => (pair.after === null ? null : (values[next++] ?? null)))
  })
  const matching = matchRows(relation.keys, pairs, rows, after)
  const count = size?.measured?.rows ?? (size?.isReadable === true ? now.length : null)
  return { before: relation, rows, pairs, matching, isGone: false, beyond: beyondOf(table, count) }
}
