import type { DatabaseSync } from 'node:sqlite'

/** A table, an index, a trigger or a view, as SQLite keeps it. */
export interface SchemaObject {
  readonly type: string
  readonly name: string
  readonly table: string
  /** Null for an index that a table brings along. */
  readonly sql: string | null
}

/** A ledger of ours has a handful; more are not read. */
const MOST_OBJECTS = 1_000

/** What a database consists of. Nothing of it is run by looking. */
export const objectsIn = (db: DatabaseSync): SchemaObject[] =>
  db
    .prepare(`SELECT type, name, tbl_name, sql FROM sqlite_schema LIMIT ${MOST_OBJECTS}`)
    .all()
    .map(({ type, name, tbl_name: table, sql }) => ({
      type: String(type),
      name: String(name),
      table: String(table),
      sql: sql === null ? null : String(sql),
    }))

const idOf = ({ type, name }: SchemaObject): string => `${type} ${name}`

/** A stranger's text in a message: bounded, and nothing in it steers a terminal. */
const shown = (id: string): string => id.slice(0, 100).replaceAll(/[^ -~]/g, '?')

const isSame = (one: SchemaObject, other: SchemaObject): boolean => one.table === other.table && one.sql === other.sql

/** Whether exactly this one is there, and nothing else has its name. */
export function hasExactly(found: readonly SchemaObject[], wanted: SchemaObject): boolean {
  const named = found.filter(({ name }) => name.toLowerCase() === wanted.name.toLowerCase())
  return named.length === 1 && named.every((one) => one.type === wanted.type && isSame(one, wanted))
}

/** What is there and should not be, is missing, or has another text: each in words. Empty: the two are the same. */
export function differencesOf(found: readonly SchemaObject[], wanted: readonly SchemaObject[]): string[] {
  const ours = new Map(wanted.map((one) => [idOf(one), one]))
  const theirs = new Set<string>()
  const differences = found.flatMap((one): string[] => {
    const id = idOf(one)
    const isRepeated = theirs.has(id)
    theirs.add(id)
    const same = ours.get(id)
    if (same === undefined) return [`the ${shown(id)} is not of Seaworthy`]
    if (isRepeated) return [`the ${id} is there twice`]
    return isSame(one, same) ? [] : [`the ${id} has another text`]
  })
  return [...differences, ...[...ours.keys()].filter((id) => !theirs.has(id)).map((id) => `the ${id} is missing`)]
}
