import { digestOf } from '../../gate/canonical.ts'
import type { Failure, ServerError } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'
import type { Frozen, Place } from '../host.ts'
import { readRelations } from '../rows/relations.ts'
import { asRowsRole, asRowsWriter } from '../rows/rows-role.ts'
import { type Context, onPlace, worldAt } from '../world.ts'
import { countRows, isMadeUpSince } from './count.ts'
import { findCulprits } from './culprits.ts'
import { type Removal, ignoredTables, readMadeUp, removeRows } from './made-up.ts'
import type { MadeRows } from './make-rows.ts'
import { readSeedSchema } from './schema.ts'
import { withoutStubborn } from './stubborn.ts'
import { type Bench, canBeTried, signatureOf, tablesOf } from './trial.ts'

/** A seeded state that is frozen, and the key that all that went into it makes. */
export interface SeededState {
  readonly key: string
  readonly frozen: Frozen<MadeRows>
}

/** A migration that failed on made-up rows, with those that were in by then. */
export interface Conflict {
  readonly failure: Failure
  readonly before: readonly Migration[]
  readonly failed: Migration
}

/**
 * The state without the made-up rows on which a migration failed: only those that stand in its way, found by trying;
 * where that cannot be tried, all made-up rows of the tables that it names. Null if it fails just the same.
 */
export async function withoutConflict(
  context: Context,
  state: SeededState,
  conflict: Conflict,
): Promise<{ readonly state: SeededState; readonly resolution: string } | null> {
  const { since } = state.frozen.note
  if (since === null || conflict.failure.isInfrastructure) return null
  const { few, many } = await suspicions(context, state, since, conflict)
  for (const removal of [few, many]) {
    if (removal === null || removal.size === 0) continue
    const next = await remove(context, state, since, conflict, removal)
    if (await isOutOfTheWay(context, next, conflict)) {
      return { state: next, resolution: resolutionOf(state.frozen.note, next.frozen.note, conflict.failure.error) }
    }
  }
  return null
}

/** The rows to blame as far as trials show it, and all rows of the tables that may be concerned. */
async function suspicions(
  context: Context,
  { frozen }: SeededState,
  since: string,
  { failure, before, failed }: Conflict,
): Promise<{ few: Removal | null; many: Removal }> {
  return await onPlace(await frozen.thaw(), async (place) => {
    const madeUp = await asRowsRole(context, place, async (client) => await readMadeUp(context, place, client, since))
    await using world = await worldAt(context, place)
    await world.apply(before)
    const searchPath = await searchPathOf(context, place)
    return await asRowsWriter(context, place, async (client) => {
      const relations = await readRelations(place.admin, ignoredTables(context))
      const { admin } = place
      const { migrating } = context.roles
      const bench: Bench = { admin, client, migrating, searchPath, script: failed.up, since, madeUp, relations }
      const few = canBeTried(failed.up) ? await findCulprits(bench, failure.error) : null
      const named = await tablesOf(client, searchPath, failed.up)
      const concerned = [...madeUp].filter(
        ([oid, { relation }]) => named.includes(oid) || relation.object.endsWith(`.${failure.error.table}`),
      )
      return { few, many: new Map(concerned.map(([oid, { rows }]) => [oid, new Set(rows)])) }
    })
  })
}

/** As the migrating role has it by its settings and those of the database. */
async function searchPathOf(context: Context, place: Place): Promise<string> {
  const client = await place.connectAs(context.roles.migrating)
  try {
    const { rows } = await client.query<{ path: string }>("SELECT pg_catalog.current_setting('search_path') AS path")
    return rows[0]?.path ?? 'public'
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function remove(
  context: Context,
  state: SeededState,
  since: string,
  { failure }: Conflict,
  removal: Removal,
): Promise<SeededState> {
  const removed = [...removal].map(([oid, rows]) => [oid, [...rows].toSorted()])
  const key = digestOf({ seeded: state.key, removed })
  const { note } = state.frozen
  const frozen = await onPlace(await state.frozen.thaw(), async (place) => {
    const { tables } = await readSeedSchema(place.admin, ignoredTables(context))
    const counted = await withoutStubborn(
      place.admin,
      async () =>
        await asRowsWriter(context, place, async (client) => {
          await client.query('SET session_replication_role = replica')
          const madeUp = await readMadeUp(context, place, client, since)
          const relations = [...madeUp.values()].map((one) => one.relation)
          await removeRows(place.admin, client, relations, madeUp, removal, since)
          return await countRows(client, tables, isMadeUpSince(since))
        }),
    )
    const known = new Set(note.unseeded.map((one) => one.object))
    const emptied = counted.filter((one) => one.synthetic === 0 && !known.has(one.object))
    const reason = `a migration fails on its made-up rows: ${failure.error.message}`
    return await place.freeze(key, {
      ...note,
      tables: counted.filter((one) => one.rows > 0).map(({ object, rows, synthetic }) => ({ object, rows, synthetic })),
      unseeded: [...note.unseeded, ...emptied.map(({ object }) => ({ object, reason }))],
    } satisfies MadeRows)
  })
  return { key, frozen }
}

/** Whether the migration now applies, or fails for another reason, which is then looked at for itself. */
async function isOutOfTheWay(context: Context, { frozen }: SeededState, conflict: Conflict): Promise<boolean> {
  const { before, failed, failure } = conflict
  return await onPlace(await frozen.thaw(), async (place) => {
    await using world = await worldAt(context, place)
    const again = (await world.apply([...before, failed])).failure
    return again === null || again.file !== failure.file || signatureOf(again.error) !== signatureOf(failure.error)
  })
}

function resolutionOf(before: MadeRows, after: MadeRows, error: ServerError): string {
  const left = new Map(after.tables.map((table) => [table.object, table.synthetic]))
  const gone = before.tables
    .map(({ object, synthetic }) => ({ object, rows: synthetic - (left.get(object) ?? 0) }))
    .filter((one) => one.rows > 0)
  const isNamed = (object: string): boolean => object.replaceAll('"', '').endsWith(`.${error.table}`)
  const sorted = gone.toSorted((a, b) => Number(isNamed(b.object)) - Number(isNamed(a.object)))
  const parts = sorted.map(({ object, rows }, index) => {
    const what = `${rows} made-up ${rows === 1 ? 'row' : 'rows'} of ${object.replace(/^table /, '')}`
    return index === 0 && isNamed(object) ? `${what}${traitOf(error)}` : what
  })
  const total = gone.reduce((sum, one) => sum + one.rows, 0)
  return `${parts.join(' and ')} ${total === 1 ? 'was' : 'were'} removed`
}

function traitOf({ sqlstate, column, constraint }: ServerError): string {
  if (sqlstate === '23502' && column !== null) return ` without a value in ${column}`
  return constraint === null ? '' : ` that ${constraint} refuses`
}
