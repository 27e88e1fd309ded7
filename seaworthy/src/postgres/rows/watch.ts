import type { Client } from 'pg'
import type { RowChange } from '../../migrations/effects.ts'
import type { RowWatch } from '../../migrations/engine.ts'
import type { Place } from '../host.ts'
import type { Context } from '../world.ts'
import { type Followed, changeOf } from './compare.ts'
import { digestRows } from './digest.ts'
import { type Successor, matchRows, successorOf } from './follow.ts'
import { type Values, readRows } from './read.ts'
import { type Relation, readRelations } from './relations.ts'
import { asRowsRole } from './rows-role.ts'

/** Rows remembered of a table. Of more, the first by key; the same ones are looked for afterwards among so many times as many. */
const MOST_ROWS = 2_000
const LOOK_FURTHER = 10

interface Remembered {
  readonly relation: Relation
  readonly rows: readonly Values[]
}

const columnsOf = (relation: Relation): Relation['columns'] => relation.columns.filter((column) => !column.isGenerated)

/**
 * Remembers what every table holds but the ledger's, the partitions of one as the one table they are. Rows are told
 * apart by the primary key, else by another key that is never NULL, else by all of their values.
 */
export async function watchRows(context: Context, place: Place): Promise<RowWatch> {
  const ignored = context.ledger === null ? [] : [context.ledger.name]
  const tables = (await readRelations(place.admin, ignored)).filter(
    (one) => (one.kind === 'r' || one.kind === 'p') && one.root === null,
  )
  const { zone, rows } = await asRowsRole(context, place, async (client) => {
    const readings = tables.map((relation) => ({ relation, columns: columnsOf(relation), limit: MOST_ROWS }))
    return { zone: await zoneOf(client), rows: await readRows(client, readings) }
  })
  const remembered = tables
    .map((relation, index) => ({ relation, rows: rows[index] ?? [] }))
    .filter((one) => one.rows.length > 0)
  const withFollowed = async <T>(work: (client: Client, followed: readonly Followed[]) => Promise<T>): Promise<T> => {
    const now = await readRelations(place.admin, ignored)
    const successors = remembered.map((one) => successorOf(one.relation, now))
    const shown = await readViews(context, place, successors)
    return await asRowsRole(context, place, async (client) => {
      await client.query("SELECT pg_catalog.set_config('TimeZone', $1, false)", [zone])
      return await work(client, await followAll(client, remembered, successors, shown))
    })
  }
  return {
    changes: async () =>
      await withFollowed(async (client, followed) => {
        const changes: RowChange[] = []
        for (const one of followed) {
          const change = await changeOf(client, one)
          if (change !== null) changes.push(change)
        }
        return changes
      }),
    digests: async () =>
      await withFollowed(
        async (_, followed) =>
          await Promise.resolve(followed.map((one) => ({ object: one.before.object, digest: digestRows(one) }))),
      ),
  }
}

/** A moment is printed in the zone of the session: the same one before and after. */
async function zoneOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ zone: string }>("SELECT pg_catalog.current_setting('TimeZone') AS zone")
  return rows[0]?.zone ?? 'UTC'
}

const isView = (successor: Successor | null): successor is Successor => successor?.relation.kind === 'v'

const readingOf = ({ relation, pairs }: Successor): Parameters<typeof readRows>[1][number] => ({
  relation,
  columns: pairs.flatMap((pair) => (pair.after === null ? [] : [pair.after])),
  limit: MOST_ROWS * LOOK_FURTHER,
})

/** A view runs functions of the schema, so it is read as the role that migrates; what that may not see is not there. */
async function readViews(
  context: Context,
  place: Place,
  successors: readonly (Successor | null)[],
): Promise<ReadonlyMap<Successor, Values[]>> {
  const shown = new Map<Successor, Values[]>()
  const views = successors.filter(isView)
  if (views.length === 0) return shown
  const client = await place.connectAs(context.roles.migrating)
  try {
    for (const view of views) {
      const [rows] = await readRows(client, [readingOf(view)]).catch(() => [[]])
      shown.set(view, rows ?? [])
    }
  } finally {
    await client.end().catch(() => undefined)
  }
  return shown
}

async function followAll(
  client: Client,
  remembered: readonly Remembered[],
  successors: readonly (Successor | null)[],
  shown: ReadonlyMap<Successor, Values[]>,
): Promise<Followed[]> {
  const tables = successors.filter((one): one is Successor => one !== null && !isView(one))
  const read = await readRows(client, tables.map(readingOf))
  const rowsOf = new Map([...shown, ...tables.map((table, index) => [table, read[index] ?? []] as const)])
  return remembered.map(({ relation, rows }, index) => {
    const successor = successors[index] ?? null
    if (successor === null)
      return { before: relation, rows, pairs: gone(relation), matching: rows.map(() => undefined), isGone: true }
    const { pairs } = successor
    // What was read has a value for each column that is still there; in between stand those that are gone.
    const now = (rowsOf.get(successor) ?? []).map((values) => {
      let next = 0
      return pairs.map((pair) => (pair.after === null ? null : (values[next++] ?? null)))
    })
    return { before: relation, rows, pairs, matching: matchRows(relation.keys, pairs, rows, now), isGone: false }
  })
}

const gone = (relation: Relation): Successor['pairs'] =>
  columnsOf(relation).map((column) => ({ before: column, after: null }))
