import type { Client } from 'pg'
import type { SequenceMove, SequencePosition } from '../../migrations/effects.ts'
import { isNoExtensionMember, isUserSchema } from '../catalogue/scope.ts'
import { quotedName } from '../../sql/identifier.ts'

interface Taker {
  /** Of the table, schema and name, quoted. */
  readonly table: string
  readonly name: string
  /** As the catalogue lists it. */
  readonly column: string
}

/** A sequence as it is called and made right now. */
interface Sequence {
  readonly oid: number
  /** Schema and name, quoted. */
  readonly sql: string
  readonly increment: string
  readonly end: string
  readonly isCycling: boolean
  readonly takers: readonly Taker[]
}

/** A sequence and where it stood. */
export interface Placed {
  readonly sequence: Sequence
  readonly position: SequencePosition
}

/** How many relations one statement reads. */
const AT_ONCE = 100

/** Columns that own it or have it as an identity (a, i), and those whose default names it (pg_depend, by pg_attrdef). */
const SEQUENCES_SQL = `WITH sequence AS MATERIALIZED (
  SELECT c.oid, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sql
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relpersistence <> 't' AND ${isUserSchema('n')} AND ${isNoExtensionMember('pg_class', 'c.oid')}
), taking AS (
  SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS number
    FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
     AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  UNION
  SELECT d.refobjid, f.adrelid, f.adnum
    FROM pg_depend d JOIN pg_attrdef f ON f.oid = d.objid
   WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
), takers AS (
  SELECT t.sequence, json_agg(json_build_object('table', name.sql, 'name', a.attname,
      'column', 'column ' || name.sql || '.' || quote_ident(a.attname)) ORDER BY name.sql, a.attnum) AS list
    FROM taking t JOIN sequence s ON s.oid = t.sequence
    JOIN pg_attribute a ON a.attrelid = t.relation AND a.attnum = t.number
    JOIN pg_type y ON y.oid = a.atttypid JOIN pg_class c ON c.oid = t.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sql) name
   WHERE c.relkind IN ('r', 'p')
     AND coalesce(nullif(y.typbasetype, 0), y.oid) IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
   GROUP BY t.sequence
)
SELECT json_build_object('oid', s.oid::bigint, 'sql', s.sql, 'increment', s.seqincrement::text, 'isCycling', s.seqcycle,
    'end', CASE WHEN s.seqincrement > 0 THEN s.seqmax ELSE s.seqmin END::text, 'takers', coalesce(t.list, '[]')) AS json
  FROM sequence s LEFT JOIN takers t ON t.sequence = s.oid ORDER BY s.sql`

/** Every sequence but those of extensions and temporary ones. From the catalogue alone. */
export async function readSequences(admin: Client): Promise<Sequence[]> {
  const { rows } = await admin.query<{ json: Sequence }>(SEQUENCES_SQL)
  return rows.map((row) => row.json)
}

/** Where they stand. Nothing of the schema runs when a sequence is read. */
export async function readPositions(client: Client, sequences: readonly Sequence[]): Promise<Placed[]> {
  const placed: Placed[] = []
  for (let from = 0; from < sequences.length; from += AT_ONCE) {
    const questions = sequences
      .slice(from, from + AT_ONCE)
      .map(({ sql }, index) => `SELECT ${from + index}, last_value, is_called FROM ${sql}`)
    const { rows } = await client.query<[number, string, boolean]>({
      text: questions.join(' UNION ALL '),
      rowMode: 'array',
    })
    for (const [index, last, isCalled] of rows) {
      const sequence = sequences[index]
      if (sequence !== undefined) placed.push({ sequence, position: { last, isCalled } })
    }
  }
  return placed
}

/**
 * The sequence that gives the numbers now: of the same name, if another one has it, else the same one, renamed or not;
 * undefined for one that is gone, which the catalogue tells.
 */
const successorOf = (before: Sequence, now: readonly Sequence[]): Sequence | undefined =>
  now.find((one) => one.sql === before.sql) ?? now.find((one) => one.oid === before.oid)

/** Those that stand elsewhere than before; `now` as the catalogue has them. Reads the columns of those alone. */
export async function movesOf(
  client: Client,
  before: readonly Placed[],
  now: readonly Sequence[],
): Promise<SequenceMove[]> {
  const pairs = before.flatMap((placed) => {
    const successor = successorOf(placed.sequence, now)
    return successor === undefined ? [] : [{ placed, successor }]
  })
  const positions = await readPositions(
    client,
    pairs.map(({ successor }) => successor),
  )
  const moves: SequenceMove[] = []
  for (const [index, { placed, successor }] of pairs.entries()) {
    const after = positions[index]?.position
    const was = placed.position
    if (after === undefined || (after.last === was.last && after.isCalled === was.isCalled)) continue
    moves.push({
      object: `sequence ${placed.sequence.sql}`,
      before: was,
      after,
      increment: successor.increment,
      end: successor.end,
      isCycling: successor.isCycling,
      columns: await farthestIn(client, successor),
    })
  }
  return moves
}

async function farthestIn(client: Client, { takers, increment }: Sequence): Promise<SequenceMove['columns']> {
  const most = increment.startsWith('-') ? 'min' : 'max'
  const found: { column: string; farthest: string | null }[] = []
  for (const { table, name, column } of takers) {
    const { rows } = await client.query<{ farthest: string | null }>(
      `SELECT pg_catalog.int8(pg_catalog.${most}(it.${quotedName(name)})) AS farthest FROM ${table} AS it`,
    )
    found.push({ column, farthest: rows[0]?.farthest ?? null })
  }
  return found
}
