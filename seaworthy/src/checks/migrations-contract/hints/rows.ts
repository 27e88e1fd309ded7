import type { Block } from './blocks.ts'
import { listed } from './names.ts'

/** Rows that one statement may lock at a time. */
const BATCH_ROWS = 5000

/** What is filled, in which table, and which of its rows still lack it. */
export interface Filling {
  readonly table: string
  /** Columns of the primary key; where none is known, the place of the row does. */
  readonly key: readonly string[]
  /** `token = gen_random_uuid()`. */
  readonly assignment: string
  /** `token IS NULL`. */
  readonly isMissing: string
}

/** One statement that fills a bounded number of rows, to be run again and again. */
export function fillingBlock({ table, key, assignment, isMissing }: Filling): Block {
  const columns = key.length === 0 ? 'ctid' : listed(key)
  const row = key.length > 1 ? `(${columns})` : columns
  const order = key.length === 0 ? '' : ` ORDER BY ${columns}`
  return {
    when: 'by-hand',
    remark: `again and again until it changes no row`,
    sql: `UPDATE ${table} SET ${assignment}\nWHERE ${row} IN (SELECT ${columns} FROM ${table} WHERE ${isMissing}${order} LIMIT ${BATCH_ROWS});`,
  }
}
