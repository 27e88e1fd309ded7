import type { Client } from 'pg'
import type { TracedLock } from '../../migrations/effects.ts'
import type { Known } from './known.ts'

/** Weakest first: those that stand in the way of somebody's work. What only reads or writes rows is told by writes. */
const STRENGTH: readonly string[] = [
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
]

/** OID of a relation, and a mode. */
export type Held = readonly [oid: number, mode: string]

const HELD_SQL = `
  SELECT l.relation::pg_catalog.int8, l.mode FROM pg_catalog.pg_locks l
   WHERE l.pid = $1 AND l.locktype = 'relation' AND l.granted AND l.relation >= 16384
     AND l.mode = ANY ($2)`

/** The locks of a session on relations, as another one sees them. */
export async function readHeld(admin: Client, pid: number): Promise<Held[]> {
  const { rows } = await admin.query<{ relation: string; mode: string }>({
    name: 'seaworthy_held',
    text: HELD_SQL,
    values: [pid, STRENGTH],
  })
  return rows.map((row) => [Number(row.relation), row.mode])
}

/** Follows the locks of one transaction at a time: one is told when it is taken, and again when it becomes stronger. */
export class Locks {
  readonly #known: Known
  #strongest = new Map<number, number>()

  constructor(known: Known) {
    this.#known = known
  }

  /** The transaction ended, and its locks with it. */
  release(): void {
    this.#strongest = new Map()
  }

  /** Those on relations that existed before the release, without the ledger, that are new. */
  taken(held: readonly Held[]): TracedLock[] {
    const now = new Map<number, number>()
    for (const [oid, mode] of held) now.set(oid, Math.max(now.get(oid) ?? -1, STRENGTH.indexOf(mode)))
    return [...now].flatMap(([oid, strength]): TracedLock[] => {
      const relation = this.#known.relations.get(oid)
      const mode = STRENGTH[strength]
      if (relation === undefined || relation.isLedger || mode === undefined) return []
      if (strength <= (this.#strongest.get(oid) ?? -1)) return []
      this.#strongest.set(oid, strength)
      return [{ object: relation.name, mode, source: 'observed' }]
    })
  }
}
