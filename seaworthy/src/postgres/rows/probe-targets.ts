import type { Client } from 'pg'
import type { ObjectName } from '../../migrations/effects.ts'
import { type HeldRows, type HeldTable, columnsOf } from './held.ts'
import { type Values, fieldsOf } from './read.ts'

/** A column as whoever wrote before the release knows it. */
export interface ProbeColumn {
  readonly name: string
  readonly isKey: boolean
  /** GENERATED ALWAYS AS IDENTITY: only an INSERT that overrides it may name it. */
  readonly isAlways: boolean
  /** NOT NULL and without a default: no INSERT can leave it out. */
  readonly isRequired: boolean
  readonly isNullable: boolean
  /** Whether no other row may have its value, alone or together with others. */
  readonly isUnique: boolean
  /** pg_type.typname of the type below domains, and the type as a cast has it; null where it is none of the server's own. */
  readonly type: { readonly name: string; readonly sql: string } | null
}

/** A table with rows that can be written again, as it was before the release. */
export interface ProbeTarget {
  readonly object: ObjectName
  /** Schema and name, quoted. */
  readonly sql: string
  /** All but generated columns, in the order of the values. */
  readonly columns: readonly ProbeColumn[]
  /** The first ones by key, as the server prints them. */
  readonly rows: readonly { readonly record: string; readonly values: Values }[]
}

/** How many rows are tried until one is found that nothing else refers to. */
const MOST_ROWS = 8

const COLUMNS_SQL = `SELECT a.attrelid::bigint::text AS oid, a.attname AS name, a.attidentity = 'a' AS "isAlways",
    (a.attnotnull OR t.typnotnull) AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL AS "isRequired",
    NOT (a.attnotnull OR t.typnotnull) AS "isNullable",
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey::int2[]))
      AS "isUnique",
    CASE WHEN b.oid < 16384 THEN json_build_object('name', b.typname, 'sql', format_type(b.oid,
      CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END)) END AS type
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
 WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped`

type ColumnFacts = { readonly oid: string } & Omit<ProbeColumn, 'isKey'>

/** What can be written again of what the tables hold. To be asked before the release changes what it asks about. */
export async function readTargets(admin: Client, { tables }: HeldRows): Promise<ProbeTarget[]> {
  const found = await admin.query<ColumnFacts>(COLUMNS_SQL, [tables.map(({ relation }) => relation.oid)])
  const facts = new Map(found.rows.map((row) => [`${row.oid} ${row.name}`, row]))
  return tables.map((table) => {
    const { relation } = table
    const key = new Set(relation.keys[0] ?? [])
    const columns = columnsOf(relation).map(({ number, name }) => {
      const fact = facts.get(`${relation.oid} ${name}`)
      return {
        name,
        isKey: key.has(number),
        isAlways: fact?.isAlways === true,
        isRequired: fact?.isRequired === true,
        isNullable: fact?.isNullable === true,
        isUnique: fact?.isUnique === true,
        type: fact?.type ?? null,
      }
    })
    let rows: ProbeTarget['rows'] | null = null
    return {
      object: relation.object,
      sql: relation.sql,
      columns,
      // Few tables are tried, and reading rows takes time.
      get rows() {
        return (rows ??= firstRows(table, columns))
      },
    }
  })
}

function firstRows({ records }: HeldTable, columns: readonly ProbeColumn[]): ProbeTarget['rows'] {
  const keyed = records.map((record) => {
    const values = fieldsOf(record, columns.length)
    return { record, values, key: JSON.stringify(values.filter((_, index) => columns[index]?.isKey === true)) }
  })
  const byKey = keyed.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
  return byKey.slice(0, MOST_ROWS).map(({ record, values }) => ({ record, values }))
}
