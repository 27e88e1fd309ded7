import type { Client } from 'pg'
import type { Shape, ShapeQuery } from '../../migrations/shape.ts'
import { type LeftOut, withoutLiterals } from '../../sql/literals.ts'
import { isMarked } from '../marked.ts'
import { quotedName } from '../../sql/identifier.ts'

/** The most that are kept: those that are called most. */
const MOST_QUERIES = 5_000
/** And the most that are looked at. */
const MOST_ROWS = 20_000
const LONGEST_QUERY = 50_000

/** `unread` has the queries where they are there and this login may not read them. */
export type QueryFacts = Pick<Shape, 'queries' | 'queriesUnavailable' | 'queriesLeftOut' | 'unread'>

const WHY: Record<LeftOut | 'own' | 'long' | 'many' | 'lost', string> = {
  own: 'sent by Seaworthy itself',
  utility: 'no SELECT, INSERT, UPDATE, DELETE or MERGE, or several statements in one',
  unreadable: 'a text that the grammar does not read',
  literal: 'a literal that could not be taken out',
  catalogue: "asks for nothing but the server's own catalogue",
  long: `longer than ${LONGEST_QUERY} characters`,
  many: `beyond the ${MOST_QUERIES} that are called most`,
  lost: 'the server has lost the text',
}

interface Row {
  readonly text: string | null
  readonly role: string | null
  readonly calls: string
}

const unavailable = (why: string): QueryFacts => ({
  queries: [],
  queriesUnavailable: why,
  queriesLeftOut: [],
  unread: [],
})

const forbidden = (why: string): QueryFacts => ({ ...unavailable(why), unread: [{ part: 'queries', why }] })

/**
 * The queries that were served, as pg_stat_statements has them for this database, without literals and comments.
 * An incomplete list would look like a complete one, so where this login may not
 * read the queries of all roles there is none. `loadGrammar` must have been awaited.
 */
export async function readQueries(client: Client): Promise<QueryFacts> {
  const found = await client.query<{ schema: string; toplevel: boolean }>(
    `SELECT n.nspname AS schema, EXISTS (
       SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       WHERE c.relnamespace = n.oid AND c.relname = 'pg_stat_statements' AND a.attname = 'toplevel') AS toplevel
     FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace WHERE x.extname = 'pg_stat_statements'`,
  )
  const [extension] = found.rows
  if (extension === undefined) return unavailable('the extension pg_stat_statements is not installed in this database')
  const seen = await statements(client, extension)
  if (!('rows' in seen)) return seen
  const { rows } = seen
  const hidden = rows.filter((row) => row.text === '<insufficient privilege>').length
  if (hidden > 0) {
    return forbidden(
      `this login may not read ${hidden} of ${rows.length} queries, which other roles sent: GRANT pg_read_all_stats TO …`,
    )
  }
  return kept(rows)
}

async function statements(
  client: Client,
  { schema, toplevel }: { schema: string; toplevel: boolean },
): Promise<{ readonly rows: readonly Row[] } | QueryFacts> {
  await client.query('SAVEPOINT queries')
  try {
    const { rows } = await client.query<Row>(
      `SELECT s.query AS text, r.rolname AS role, sum(s.calls)::text AS calls
       FROM ${quotedName(schema)}.pg_stat_statements s LEFT JOIN pg_roles r ON r.oid = s.userid
       WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ${toplevel ? 'AND s.toplevel' : ''}
       GROUP BY s.query, r.rolname ORDER BY sum(s.calls) DESC, s.query LIMIT ${MOST_ROWS}`,
    )
    return { rows }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === '55000')
      return unavailable('pg_stat_statements is installed and not loaded (shared_preload_libraries)')
    if (code === '42501') return forbidden('this login may not read pg_stat_statements: GRANT pg_read_all_stats TO …')
    throw error
  } finally {
    await client.query('ROLLBACK TO SAVEPOINT queries')
  }
}

/** Most called first in, sorted by text out. What comes to the same text by the same role is one query. */
function kept(rows: readonly Row[]): QueryFacts {
  const queries = new Map<string, { text: string; role: string | null; calls: number }>()
  const counts = new Map<string, number>()
  const leaveOut = (why: keyof typeof WHY): void => void counts.set(WHY[why], (counts.get(WHY[why]) ?? 0) + 1)
  for (const { text, role, calls } of rows) {
    if (text === null || text.length > LONGEST_QUERY) {
      leaveOut(text === null ? 'lost' : 'long')
      continue
    }
    if (isMarked(text)) {
      leaveOut('own')
      continue
    }
    const stripped = withoutLiterals(text)
    if ('leftOut' in stripped) {
      leaveOut(stripped.leftOut)
      continue
    }
    const key = JSON.stringify([stripped.text, role])
    const known = queries.get(key)
    if (known !== undefined) known.calls += Number(calls)
    else if (queries.size < MOST_QUERIES) queries.set(key, { text: stripped.text, role, calls: Number(calls) })
    else leaveOut('many')
  }
  return {
    queries: [...queries.entries()]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { text, role, calls }]): ShapeQuery => ({ text, role, searchPath: null, calls: oneDigit(calls) })),
    queriesUnavailable: null,
    unread: [],
    queriesLeftOut: [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([why, count]) => ({ why, count })),
  }
}

/** So that two captures of a quiet service are the same. */
const oneDigit = (calls: number): number => Number(calls.toPrecision(1))
