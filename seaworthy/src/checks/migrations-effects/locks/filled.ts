import { as, walk } from '../../../sql/tree.ts'
import { isAlwaysTrue } from '../../migrations-contract/predicates.ts'
import { isServed, leadingColumns } from './indexed.ts'
import { error, type Harms, NONE, remark, warning } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { duration, isLarge, isSmall, sizeOf } from './sizes.ts'
import { valuesFilled } from '../rows/filled-values.ts'
import { about, oldColumns, tableName, type Write, writesOf } from '../rows/writes.ts'

/** `UPDATE t SET c = … WHERE c IS NULL`: no loss, and all of it in one statement that locks each row until it commits. */
export const judgeFilled = (scene: Scene): Harms => writesOf(scene).flatMap((write) => judgeOne(write, scene))

function judgeOne(write: Write, scene: Scene): Harms {
  const { event, by, table } = write
  const size = sizeOf(scene, table)
  if (event.operation !== 'update' || event.isUpsert || isSmall(scene, size)) return NONE
  const columns = new Set<string>()
  const all = [event.object, table]
  for (const update of about(write, 'UpdateStmt', scene, (one) => one.relation?.relname)) {
    const { whereClause, targetList } = update
    if (isAlwaysTrue(whereClause, undefined, update.relation) || isServed(whereClause, leadingColumns(all, scene)))
      continue
    const isBatch = update.fromClause !== undefined || isLimited(whereClause)
    if (isBatch) continue
    const empty = new Set<string>()
    walk([whereClause], 'NullTest', ({ nulltesttype, arg }) => {
      const name = as(as(arg, 'ColumnRef')?.fields?.at(-1), 'String')?.sval
      if (nulltesttype === 'IS_NULL' && name !== undefined) empty.add(name)
    })
    for (const one of targetList ?? []) {
      const name = as(one, 'ResTarget')?.name ?? ''
      if (empty.has(name)) columns.add(name)
    }
  }
  if (columns.size === 0) return NONE
  const known = oldColumns(table, scene)
  const isNew = [...columns].some((one) => !known.has(one))
  // What it says of the values is told of the same statement.
  if (!isLarge(scene, size) && valuesFilled(write, scene).length > 0) return NONE
  const say = !isLarge(scene, size) ? remark : isNew ? error : warning
  const rows = isNew ? 'every row' : 'every row where it is NULL'
  return say(
    'lock/backfill',
    tableName(table),
    `fills ${[...columns].join(', ')} in ${rows} of ${table} in one transaction${duration(size, 'rewrites')}`,
    {
      by,
      proof: `UPDATE of ${event.object}, which matched ${event.rows ?? 'an unknown number of'} rows`,
      hint: 'Fill it in batches of some thousand rows, each in a transaction of its own, outside of the migration.',
    },
  )
}

/** `id IN (SELECT id … LIMIT 1000)`. */
function isLimited(condition: unknown): boolean {
  let is = false
  walk([condition], 'SelectStmt', ({ limitCount }) => (is ||= limitCount !== undefined))
  return is
}
