import { as, type Node, type NodeOf, rangeParts, stringOf, walk } from '../../../sql/tree.ts'
import { type Harm, type Harms, warning } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { isVolatile } from '../sorts/defaults.ts'
import { keysOf } from './keys.ts'
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
    const isCopied = about(write, 'InsertStmt', scene, ({ relation }) => rangeParts(relation).at(-1)).some((one) =>
      isCopy(one, keysOf(table, scene)),
    )
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

/**
 * `INSERT INTO t (a, b) SELECT a, b FROM t`, `INSERT INTO t SELECT * FROM t`. Keys alone may be others: they have to be.
 */
function isCopy(insert: NodeOf<'InsertStmt'>, keys: ReadonlySet<string>): boolean {
  const own = rangeParts(insert.relation).at(-1)
  const select = as(insert.selectStmt, 'SelectStmt')
  if (own === undefined || select === undefined || insert.onConflictClause !== undefined) return false
  const isFromItself = (select.fromClause ?? []).some((one) => rangeParts(as(one, 'RangeVar')).at(-1) === own)
  const isNarrowed = select.groupClause !== undefined || hasSubquery(select.whereClause)
  if (!isFromItself || isNarrowed) return false
  const columns = insert.cols?.map((one) => as(one, 'ResTarget')?.name) ?? null
  const values = (select.targetList ?? []).map((one) => as(one, 'ResTarget')?.val)
  const [first] = values.map((one) => as(one, 'ColumnRef')?.fields?.at(-1))
  if (values.length === 1 && first !== undefined && 'A_Star' in first) return true
  let copied = 0
  for (const [at, value] of values.entries()) {
    const name = stringOf(as(value, 'ColumnRef')?.fields?.at(-1))
    const isSame = name !== null && (columns === null || columns[at] === name)
    const isKey = columns === null ? namesOne(value, keys) : keys.has(columns[at] ?? '')
    if (isSame) copied += 1
    if (!isSame && !isKey) return false
  }
  return copied > 0
}

/** Without a list of columns a key shows by what its value is made of, or by where the server takes it from. */
function namesOne(value: Node | undefined, keys: ReadonlySet<string>): boolean {
  let does = isVolatile(value)
  walk([value], 'ColumnRef', ({ fields }) => (does ||= keys.has(stringOf(fields?.at(-1)) ?? '')))
  return does
}

const hasSubquery = (condition: unknown): boolean => JSON.stringify(condition ?? null).includes('"SubLink"')
