import type { Client } from 'pg'
import type { LedgerReading, Repeating, TableContent } from '../migrations/repeating.ts'
import type { LedgerTable } from '../migrations/model.ts'
import { quotedName } from '../sql/identifier.ts'
import { asRowsRole } from './rows/rows-role.ts'
import { applyAll, type Run } from './runner.ts'
import { serverErrorOf } from './server-error.ts'
import type { Context } from './world.ts'

/** undefined_table, invalid_schema_name */
const MISSING: ReadonlySet<string> = new Set(['42P01', '3F000'])

/** Schemas of the user, by pg_namespace n. */
const OF_USER = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

const INDEXES_SQL = `
  SELECT i.indexrelid::pg_catalog.text AS oid
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE ${OF_USER}`

const SPOIL_SQL = 'UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = ANY ($1::pg_catalog.oid[])'

const TABLES_SQL = `
  SELECT n.nspname AS schema, c.relname AS name,
         pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS qualified
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND ${OF_USER}
     AND n.nspname || '.' || c.relname <> ALL ($1::pg_catalog.text[])
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
   ORDER BY 3`

/** What lets a world on PostgreSQL be left half-way. */
export function repeatingOf(context: Context, run: Run): Repeating {
  const { place } = run
  return {
    ledger: async () => (context.ledger === null ? null : await readLedger(run, context.ledger)),
    applyUnrecorded: async (migration) => {
      // A part that goes over by itself has no transaction of the tool around it.
      const transaction = migration.up.send === 'pieces' ? run.transaction : 'per-file'
      const { failure } = await applyAll({ ...run, ledger: null, transaction }, [migration], () => {
        context.request.signal.throwIfAborted()
      })
      return failure
    },
    indexes: async () => {
      const { rows } = await place.admin.query<{ oid: string }>(INDEXES_SQL)
      return rows.map((row) => row.oid)
    },
    spoilIndexes: async (marks) => {
      await place.admin.query(SPOIL_SQL, [[...marks]])
    },
    contents: async () => {
      const ignored = context.ledger === null ? [] : [context.ledger.name]
      const { rows } = await place.admin.query<Table>(TABLES_SQL, [ignored])
      return await asRowsRole(context, place, async (client) => await contentsOf(client, rows))
    },
  }
}

/** By the role that the tool has, and in its session: a ledger that it cannot see is none. */
async function readLedger({ session }: Run, ledger: LedgerTable): Promise<LedgerReading> {
  try {
    const rows = await session.run(ledger.readSql)
    return { status: 'read', rows: rows.flatMap((row) => ledger.parseRow(row) ?? []) }
  } catch (thrown) {
    session.throwIfAborted()
    const error = serverErrorOf(thrown, ledger.readSql)
    return MISSING.has(error.sqlstate ?? '') ? { status: 'missing' } : { status: 'unreadable', error }
  }
}

interface Table {
  readonly schema: string
  readonly name: string
  readonly qualified: string
}

async function contentsOf(client: Client, tables: readonly Table[]): Promise<TableContent[]> {
  const contents: TableContent[] = []
  for (const { schema, name, qualified } of tables) {
    const { rows } = await client.query<{ rows: string; digest: string | null }>(
      `SELECT pg_catalog.count(*)::pg_catalog.text AS rows,
              pg_catalog.md5(pg_catalog.string_agg(digest, '' ORDER BY digest)) AS digest
         FROM (SELECT pg_catalog.md5(held::pg_catalog.text) AS digest
                 FROM ONLY ${quotedName(schema)}.${quotedName(name)} held) digests`,
    )
    const [row] = rows
    contents.push({ object: `table ${qualified}`, rows: Number(row?.rows ?? 0), digest: row?.digest ?? '' })
  }
  return contents
}
