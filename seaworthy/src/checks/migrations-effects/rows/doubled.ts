import { as, type NodeOf, rangeParts, stringOf } from '../../../sql/tree.ts'
import { type Harm, type Harms, warning } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { about, tableName, type Write, writesOf } from './writes.ts'

/**
 * Rows of before that were copied into their own table as they are: from then on there are two of each. A guard against
 * rows that are there (ON CONFLICT, any subquery in the condition) is taken at its word, and so is any value that makes
 * the copies other rows.
 */
export function judgeDoubled(scene: Scene): Harms {
  const told = new Set<string>()
  return writesOf(scene).flatMap((write): Harm[] => {
    const { by, event, table } = write
    if (event.operation !== 'insert' || event.isUpsert || event.rows === 0 || told.has(table)) return []
    const isCopied = about(write, 'InsertStmt', scene, ({ relation }) => rangeParts(relation).at(-1)).some(isCopy)
    if (!isCopied || isSpare(write, scene)) return []
    told.add(table)
    return [
      ...warning('data-loss/doubled-rows', tableName(table), `inserts copies of rows of ${table} into itself`, {
        by,
        proof: `INSERT of ${event.rows ?? 'an unknown number of'} rows into ${event.object}, read from itself`,
        hint: 'Add ON CONFLICT DO NOTHING on a key that tells the rows apart, or WHERE NOT EXISTS (…).',
      }),
    ]
  })
}

/** Rows that the release itself brought are its own to copy. */
const isSpare = ({ table }: Write, scene: Scene): boolean =>
  !scene.effects.seeding.tables.some((one) => one.object === table && one.rows > 0)

/** `INSERT INTO t (a, b) SELECT a, b FROM t`, `INSERT INTO t SELECT * FROM t`. */
function isCopy(insert: NodeOf<'InsertStmt'>): boolean {
  const own = rangeParts(insert.relation).at(-1)
  const select = as(insert.selectStmt, 'SelectStmt')
  if (own === undefined || select === undefined || insert.onConflictClause !== undefined) return false
  const isFromItself = (select.fromClause ?? []).some((one) => rangeParts(as(one, 'RangeVar')).at(-1) === own)
  const isNarrowed = select.groupClause !== undefined || hasSubquery(select.whereClause)
  if (!isFromItself || isNarrowed) return false
  const columns = insert.cols?.map((one) => as(one, 'ResTarget')?.name) ?? null
  const values = (select.targetList ?? []).map((one) => as(as(one, 'ResTarget')?.val, 'ColumnRef')?.fields?.at(-1))
  if (values.length === 1 && values[0] !== undefined && 'A_Star' in values[0]) return true
  const names = values.map((one) => stringOf(one))
  return names.every((name, at) => name !== null && (columns === null || columns[at] === name))
}

const hasSubquery = (condition: unknown): boolean => JSON.stringify(condition ?? null).includes('"SubLink"')
