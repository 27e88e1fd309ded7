import type { Client } from 'pg'
import { sha256 } from '../../gate/canonical.ts'
import type { RowChange } from '../../migrations/effects.ts'

/** Digest of what each large object holds, by its number. */
export type LargeObjects = ReadonlyMap<string, string>

/** What they are called where tables have names. */
export const LARGE_OBJECTS = 'large objects'

/** Remembered of them all, by number, and read of each. */
const MOST_OBJECTS = 2_000
const MOST_BYTES = 4_194_304
/** Enough to tell two apart. */
const SHOWN = 16

/**
 * Digests of the large objects that the session's role holds the rights of their owners for. Nobody else but who was
 * granted it may change one.
 */
const DIGESTS_SQL = `SELECT o.oid::pg_catalog.text AS loid, pg_catalog.encode(pg_catalog.sha256(
    pg_catalog.lo_get(o.oid, 0, ${MOST_BYTES})), 'hex') AS digest
  FROM (SELECT m.oid FROM pg_catalog.pg_largeobject_metadata m WHERE pg_catalog.pg_has_role(m.lomowner, 'USAGE')
    ORDER BY m.oid USING OPERATOR(pg_catalog.<) LIMIT $1) AS o`

export async function readLargeObjects(client: Client, further = 1): Promise<LargeObjects> {
  const { rows } = await client.query<{ loid: string; digest: string }>(DIGESTS_SQL, [MOST_OBJECTS * further])
  return new Map(rows.map((row) => [row.loid, row.digest]))
}

const shown = (digest: string | undefined): string => `sha256 ${(digest ?? '').slice(0, SHOWN)}…`

/** What became of them; null if nothing did. */
export function largeObjectChange(before: LargeObjects, now: LargeObjects): RowChange | null {
  const lost = [...before.keys()].filter((loid) => !now.has(loid))
  const changed = [...before].filter(([loid, digest]) => now.has(loid) && now.get(loid) !== digest)
  if (lost.length === 0 && changed.length === 0) return null
  const [first] = changed
  const data = {
    column: 'data',
    overwritten: changed.length,
    example:
      first === undefined
        ? null
        : { key: `loid=${first[0]}`, before: shown(first[1]), after: shown(now.get(first[0])) },
    filled: 0,
    isRetyped: false,
    isDropped: false,
  }
  return {
    object: LARGE_OBJECTS,
    rowsBefore: before.size,
    lost: lost.length,
    lostExample: lost[0] === undefined ? null : `loid=${lost[0]}`,
    columns: changed.length === 0 ? [] : [data],
  }
}

/** A digest of those that were watched. */
export const digestLargeObjects = (before: LargeObjects, now: LargeObjects): string =>
  sha256(JSON.stringify([...before.keys()].map((loid) => [loid, now.get(loid) ?? null])))
