import type { Client } from 'pg'
import { ROWS_WATCHED } from '../../migrations/effects.ts'
import type { Place } from '../host.ts'
import type { Context } from '../world.ts'
import { readLargeObjects } from './large-objects.ts'
import { type Placed, readPositions, readSequences } from './positions.ts'
import { type Measured, measureLarge } from './measure.ts'
import { readRecords } from './read.ts'
import { type Relation, readRelations } from './relations.ts'
import { asRowsRole } from './rows-role.ts'

export const MOST_ROWS = ROWS_WATCHED

/** A table with rows, as records of all columns but generated ones. */
export interface HeldTable {
  readonly relation: Relation
  readonly records: readonly string[]
  /** Set where there are more rows, or longer ones, than are remembered; null if all are. */
  readonly whole: Whole | null
}

/** What is known of a table beyond the rows that are remembered of it; null where even that took too long. */
export interface Whole {
  readonly measured: Measured | null
}

/** What a database holds beside its catalogue. Plain JSON: it can be kept, and speaks of every copy of the same state. */
export interface HeldRows {
  /** A moment is printed in the zone of the session: the same one before and after. */
  readonly zone: string
  readonly tables: readonly HeldTable[]
  readonly placed: readonly Placed[]
  /** Number and digest of each large object. */
  readonly objects: readonly (readonly [loid: string, digest: string])[]
}

export const columnsOf = (relation: Relation): Relation['columns'] =>
  relation.columns.filter((column) => !column.isGenerated)

/** The ledger is the tool's own. */
export const ignoredBy = ({ ledger }: Context): readonly string[] => (ledger === null ? [] : [ledger.name])

/** Reads what every table holds, the partitions of one as the one table they are. */
export async function holdRows(context: Context, place: Place): Promise<HeldRows> {
  const tables = (await readRelations(place.admin, ignoredBy(context))).filter(
    (one) => (one.kind === 'r' || one.kind === 'p') && one.root === null,
  )
  const sequences = await readSequences(place.admin)
  return await asRowsRole(context, place, async (client) => {
    const readings = tables.map((relation) => ({ relation, columns: columnsOf(relation), limit: MOST_ROWS }))
    const zone = await zoneOf(client)
    const sizes = await measureLarge(client, readings)
    const readable = readings.filter((_, index) => sizes[index]?.isReadable === true)
    const records = await readRecords(client, readable)
    const read = new Map(readable.map(({ relation }, index) => [relation, records[index] ?? []]))
    return {
      zone,
      tables: tables
        .map((relation, index) => heldTable(relation, read.get(relation) ?? null, sizes[index]?.measured ?? null))
        .filter((one) => one.records.length > 0 || one.whole !== null),
      placed: await readPositions(client, sequences),
      objects: [...(await readLargeObjects(client))],
    }
  })
}

function heldTable(relation: Relation, records: readonly string[] | null, measured: Measured | null): HeldTable {
  const isAll = records !== null && (measured === null || measured.rows <= records.length)
  return { relation, records: records ?? [], whole: isAll ? null : { measured } }
}

async function zoneOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ zone: string }>("SELECT pg_catalog.current_setting('TimeZone') AS zone")
  return rows[0]?.zone ?? 'UTC'
}
