import type { Client } from 'pg'
import type { ObjectName } from '../../migrations/effects.ts'
import type { CatalogueEntry } from '../../migrations/engine.ts'
import { RELATIONS } from '../catalogue/scope.ts'
import type { Place } from '../host.ts'
import { type Context, catalogueAt } from '../world.ts'

const NOW_SQL = 'SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text AS now'

/** Condition: the row of a catalogue was written since `$2`. */
const isFresh = (alias: string): string => `age(${alias}.xmin) <= age($2::xid)`

/**
 * Relations, and which of them have to be read again: those with a row of a catalogue that is new, those that the trace
 * spoke of (`$3`, which tells what went without a trace in them), and what names one of these: views, foreign keys,
 * partitions, sequences.
 */
const RELATIONS_SQL = `WITH ${RELATIONS}, fresh AS MATERIALIZED (
  SELECT c.oid FROM pg_class c WHERE ${isFresh('c')}
), changed AS MATERIALIZED (
  SELECT oid FROM fresh
  UNION SELECT i.indrelid FROM pg_index i WHERE ${isFresh('i')} OR i.indexrelid IN (SELECT oid FROM fresh)
  UNION SELECT a.attrelid FROM pg_attribute a WHERE ${isFresh('a')}
  UNION SELECT d.adrelid FROM pg_attrdef d WHERE ${isFresh('d')}
  UNION SELECT k.conrelid FROM pg_constraint k WHERE ${isFresh('k')}
  UNION SELECT t.tgrelid FROM pg_trigger t WHERE ${isFresh('t')}
  UNION SELECT w.ev_class FROM pg_rewrite w WHERE ${isFresh('w')}
  UNION SELECT p.polrelid FROM pg_policy p WHERE ${isFresh('p')}
  UNION SELECT h.inhrelid FROM pg_inherits h WHERE ${isFresh('h')}
  UNION SELECT s.seqrelid FROM pg_sequence s WHERE ${isFresh('s')}
  UNION SELECT c.objoid FROM pg_description c WHERE c.classoid = 'pg_class'::regclass AND ${isFresh('c')}
  UNION SELECT d.objid FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND ${isFresh('d')}
  UNION SELECT r.oid FROM relation r WHERE r.object = ANY ($3)
), naming AS (
  SELECT w.ev_class AS oid FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid
   WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM changed)
  UNION SELECT k.conrelid FROM pg_constraint k WHERE k.confrelid IN (SELECT oid FROM changed)
  UNION SELECT h.inhrelid FROM pg_inherits h WHERE h.inhparent IN (SELECT oid FROM changed)
  UNION SELECT d.objid FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
    AND d.refobjid IN (SELECT oid FROM changed)
)
SELECT r.oid::bigint, r.object, r.oid IN (SELECT oid FROM changed UNION SELECT oid FROM naming) AS again FROM relation r`

interface Present {
  readonly oid: string
  readonly object: string
  readonly again: boolean
}

/** Follows the catalogue from unit to unit, and reads again what the unit may have changed. */
export class UnitCatalogue {
  readonly #context: Context
  readonly #place: Place
  #since: string

  private constructor(context: Context, place: Place, since: string) {
    this.#context = context
    this.#place = place
    this.#since = since
  }

  static async from(context: Context, place: Place): Promise<UnitCatalogue> {
    return new UnitCatalogue(context, place, await nextTransaction(place.admin))
  }

  /**
   * The catalogue after a unit; `before` is the one that was there before it, `told` what the trace spoke of. Between
   * units only: a text that changed since something that it names got another name is told when all is read again.
   */
  async after(before: readonly CatalogueEntry[], told: ReadonlySet<ObjectName>): Promise<readonly CatalogueEntry[]> {
    const { admin } = this.#place
    const { ledger } = this.#context
    const since = this.#since
    this.#since = await nextTransaction(admin)
    const { rows } = await admin.query<Present>({
      name: 'seaworthy_changed_relations',
      text: RELATIONS_SQL,
      values: [ledger === null ? [] : [ledger.name], since, [...told]],
    })
    const known = new Set(before.map((entry) => entry.object))
    const again = rows.filter((one) => one.again)
    // Nothing new, and yet under another name: a schema's name is in the text of everything.
    if (rows.some((one) => !one.again && !known.has(one.object))) return await catalogueAt(this.#context, this.#place)
    const read = await catalogueAt(
      this.#context,
      this.#place,
      again.map((one) => Number(one.oid)),
    )
    const untouched = new Set(rows.filter((one) => !one.again).map((one) => one.object))
    return composed(before, read, untouched)
  }
}

async function nextTransaction(admin: Client): Promise<string> {
  const { rows } = await admin.query<{ now: string }>(NOW_SQL)
  return rows[0]?.now ?? '0'
}

/** What was read, and of before what belongs to relations that were not read again. In the order of a catalogue. */
function composed(
  before: readonly CatalogueEntry[],
  read: readonly CatalogueEntry[],
  untouched: ReadonlySet<string>,
): CatalogueEntry[] {
  const byObject = new Map(before.map((entry) => [entry.object, entry]))
  const isKept = (entry: CatalogueEntry, depth = 0): boolean => {
    if (untouched.has(entry.object)) return true
    const holder = byObject.get(holderOf(entry))
    return holder !== undefined && depth < DEEPEST && isKept(holder, depth + 1)
  }
  const result = new Map(before.filter((entry) => isKept(entry)).map((entry) => [entry.object, entry]))
  for (const entry of read) result.set(entry.object, entry)
  return [...result.values()].toSorted((a, b) => (a.object < b.object ? -1 : a.object > b.object ? 1 : 0))
}

/** A comment on a column of a table. */
const DEEPEST = 4

/** What the thing is a part of: the first facet says it. */
function holderOf({ definition }: CatalogueEntry): string {
  if (!definition.startsWith('of ')) return ''
  const end = definition.indexOf('\n')
  return definition.slice('of '.length, end === -1 ? definition.length : end)
}
