import type { RowChange } from '../../../observers/effects/kind.ts'
import { as, partsOf } from '../../../sql/tree.ts'
import type { Assignment } from './assigned.ts'
import { error, type Harm, type Harms, NONE, remark } from '../harm.ts'
import { judgePartly } from './partly.ts'
import { judgeLargeObjects, LARGE_OBJECTS } from './large-objects.ts'
import { hasKeptOldRows, isOfOwnRow } from './own-rows.ts'
import type { Scene } from '../scene.ts'
import { duration, isSmall, sizeOf } from '../locks/sizes.ts'
import { nodeOf } from '../sorts/constraint-text.ts'
import { ownName, thingOf, valueOf } from '../thing.ts'
import { doesAssign } from '../code/trigger-function.ts'
import {
  assignedFromQuery,
  assignmentsOf,
  deleteCode,
  isMerge,
  oldColumns,
  tableName,
  type Write,
  writesOf,
} from './writes.ts'

/** Where migration tools record what they applied. */
const LEDGERS = new Set([
  'schema_migrations',
  '_sqlx_migrations',
  '__diesel_schema_migrations',
  '_prisma_migrations',
  '__drizzle_migrations',
])
const OTHERS =
  'Delete by a condition that names the rows, in a job outside of the migration; or accept it in the policy. With --seed-sql the rehearsal can have rows that match.'

/** Judges what was written to tables of before, and what became of their rows. */
export function judgeRows(scene: Scene): Harms {
  const writes = writesOf(scene)
  const harms = [
    ...writes.flatMap((write) => judgeWrite(write, scene)),
    ...scene.effects.rows.flatMap((rows) => judgeLeft(rows, writes, scene)),
  ]
  return [...harms, ...judgePartly(writes, harms, scene)]
}

const through = (write: Write): string => (write.event.via === null ? '' : `, by ${write.event.via}`)

function judgeWrite(write: Write, scene: Scene): Harms {
  const { event, by, table } = write
  const subject = tableName(table)
  if (isLedger(table, scene))
    return error(
      'data-loss/migration-ledger',
      subject,
      `changes rows of ${table}, the record of what was applied${through(write)}`,
      { by, hint: 'Leave the record to its tool.', proof: `${event.operation} of ${event.object}` },
    )
  if (event.operation === 'truncate')
    return error('data-loss/truncate', subject, `removes every row of ${table}${through(write)}`, {
      by,
      proof: lostRows(write.rows) ?? `TRUNCATE of ${event.object}`,
      hint: `DELETE FROM ${event.object.slice(event.object.indexOf(' ') + 1)} WHERE … names what has to go and what stays.`,
    })
  if (event.operation === 'delete') return judgeDelete(write, scene)
  return event.operation === 'update' ? judgeUpdate(write, scene) : NONE
}

const isLedger = (table: string, scene: Scene): boolean => {
  const name = table.slice(table.indexOf(' ') + 1)
  return name === scene.ledger || LEDGERS.has(ownName(thingOf({ object: table, definition: '' })))
}

const lostRows = (rows: RowChange | undefined): string | null =>
  rows === undefined || rows.lost === 0
    ? null
    : `${rows.lost} of ${rows.rowsBefore} rows lost${rows.lostExample === null ? '' : `, such as ${rows.lostExample}`}`

/** Rows of before that are gone refuse; so does a delete that met none, since production's rows are others. */
function judgeDelete(write: Write, scene: Scene): Harms {
  const { event, by, rows, table } = write
  const isLost = (rows?.lost ?? 0) > 0
  if (!isLost && (hasKeptOldRows(write, scene) || isOfOwnRow(write, scene))) return NONE
  const code = deleteCode(write, scene)
  const all = code === 'data-loss/delete-all' ? 'every row' : 'rows'
  return error(
    code ?? (isLost ? 'data-loss/lost-rows' : 'data-loss/delete-rows'),
    tableName(table),
    `deletes ${all} of ${table}${through(write)}${isLost ? '' : '; here no row of before went, in production some may'}`,
    {
      by,
      proof: lostRows(rows) ?? `DELETE of ${event.object}, which matched ${event.rows ?? 'an unknown number of'} rows`,
      hint: OTHERS,
    },
  )
}

function judgeUpdate(write: Write, scene: Scene): Harms {
  const { event, by, rows, table } = write
  const known = oldColumns(table, scene)
  const written = assignmentsOf(write, scene)
  const overwritten = overwrittenIn(rows, scene)
  const isSeed = event.isUpsert || isMerge(write, scene)
  const blamed = overwritten.filter(
    (one) => isSeed || written === null || written.all.some(({ column }) => column === one.column),
  )
  if (blamed.length > 0) {
    const names = blamed.map((one) => one.column).join(', ')
    const code = isSeed
      ? 'data-loss/upsert'
      : written?.isEveryRow === true
        ? 'data-loss/update-all'
        : 'data-loss/overwritten-values'
    return error(code, tableName(table), `overwrites ${names} in rows of ${table}${through(write)}`, {
      by,
      proof: blamed.map(valuesLost).join('; '),
      hint: 'Add a column and fill that; or write the condition that only the rows to be mended meet, and accept it in the policy.',
    })
  }
  if (!isSeed && written?.isEveryRow === true && written.all.every((one) => !isAtStake(one, known, table, scene)))
    return backfill(write, scene)
  const fromQuery = isSeed ? assignedFromQuery(write, scene) : null
  if ((isSeed && fromQuery === null) || isOfOwnRow(write, scene)) return NONE
  const old = (fromQuery ?? written?.all)?.filter((one) => isAtStake(one, known, table, scene)) ?? null
  if (old !== null && old.length === 0) return NONE
  const names = old === null ? 'columns that its text does not show' : old.map((one) => one.column).join(', ')
  return error(
    written?.isEveryRow === true ? 'data-loss/update-all' : 'data-loss/update-rows',
    tableName(table),
    `overwrites ${names} in rows of ${table}${through(write)}; here no value of before changed, in production some may`,
    {
      by,
      proof: `UPDATE of ${event.object}, which matched ${event.rows ?? 'an unknown number of'} rows`,
      hint: 'Fill a new column, or only where the old one IS NULL; with --seed-sql the rehearsal can have rows that match.',
    },
  )
}

/** Filling a new column loses nothing, and locks every row until it is through. */
function backfill({ by, event, table }: Write, scene: Scene): Harms {
  const size = sizeOf(scene, table)
  if (scene.isAdditive || isSmall(scene, size)) return NONE
  return error(
    'lock/backfill',
    tableName(table),
    `fills a column in every row of ${table} in one transaction${duration(size, 'rewrites')}`,
    {
      by,
      proof: `UPDATE of ${event.object} without a condition`,
      hint: 'Fill it in batches of some thousand rows, outside of the migration; a constant default fills it for nothing.',
    },
  )
}

/** A column of before may hold something; one that the release added, or dropped and added, holds nothing of anybody's. */
const isAtStake = (
  { column, isGuarded }: Assignment,
  known: ReadonlySet<string>,
  table: string,
  scene: Scene,
): boolean => {
  const renamed = scene.renames.some((one) => one.to === `column ${table.slice(table.indexOf(' ') + 1)}.${column}`)
  return !isGuarded && (known.has(column) || renamed)
}

type Column = RowChange['columns'][number]

/** Columns whose values were overwritten by hand: not retyped ones, and not those that the server computes itself. */
const overwrittenIn = (rows: RowChange | undefined, scene: Scene): readonly Column[] =>
  (rows?.columns ?? []).filter(
    (one) =>
      one.overwritten > 0 && !one.isRetyped && !one.isDropped && !isComputed(rows?.object ?? '', one.column, scene),
  )

function isComputed(table: string, column: string, scene: Scene): boolean {
  const thing = scene.effects.before
    .map((entry) => thingOf(entry))
    .find((one) => one.sort === 'column' && one.parent === table && ownName(one) === column)
  return valueOf(thing, 'generated stored ') !== null || valueOf(thing, 'generated virtual ') !== null
}

function valuesLost({ column, overwritten, example }: Column): string {
  const such =
    example === null ? '' : `, such as ${example.key}: ${example.before ?? 'NULL'} became ${example.after ?? 'NULL'}`
  return `${overwritten} values of ${column} overwritten${such}`
}

/** What nobody's write explains: rows that went with a partition, values that were retyped or that a trigger changed. */
function judgeLeft(rows: RowChange, writes: readonly Write[], scene: Scene): Harms {
  if (rows.object === LARGE_OBJECTS) return judgeLargeObjects(rows, scene)
  if (scene.nameNow(rows.object) === null) return NONE
  const own = writes.filter((one) => one.table === rows.object)
  const harms: Harm[] = []
  const isExplained = own.some(({ event }) => event.operation === 'delete' || event.operation === 'truncate')
  if (rows.lost > 0 && !isExplained) harms.push(...lost(rows, scene))
  for (const column of rows.columns) {
    const name = `column ${rows.object.slice(rows.object.indexOf(' ') + 1)}.${column.column}`
    if (column.isRetyped && column.overwritten > 0)
      harms.push(
        ...error('data-loss/narrow-column-type', name, `changes values of ${name} with its type`, {
          by: scene.doing((event) => event.kind === 'rewritten' && event.object === rows.object),
          proof: valuesLost(column),
        }),
      )
    if (column.isDropped && scene.nameNow(name) !== null) harms.push(...droppedAndAdded(name, rows, scene))
  }
  const updates = own.filter(({ event }) => event.operation === 'update')
  const blamed = new Set(
    updates.flatMap((one) =>
      isMerge(one, scene) || one.event.isUpsert
        ? rows.columns.map((two) => two.column)
        : (assignmentsOf(one, scene)?.all.map(({ column }) => column) ?? rows.columns.map((two) => two.column)),
    ),
  )
  for (const column of overwrittenIn(rows, scene))
    if (!blamed.has(column.column) && !(own.length === 0 && isRenamedLabel(column, rows, scene)))
      harms.push(...byOthers(column, rows, own, scene))
  return harms
}

/** A label of an enum that reads otherwise since it was renamed: no row was written, and the rename is told. */
const isRenamedLabel = ({ example }: Column, { object }: RowChange, scene: Scene): boolean =>
  scene.nameNow(object) === object &&
  scene.statements
    .flatMap((statement) => scene.nodesOf(statement))
    .map((node) => as(node, 'AlterEnumStmt'))
    .some(
      (rename) => rename?.oldVal !== undefined && rename.oldVal === example?.before && rename.newVal === example.after,
    )

/** A trigger of before that fires for every UPDATE (`updated_at`) does what it always does. */
function byOthers(column: Column, rows: RowChange, own: readonly Write[], scene: Scene): Harms {
  const by = scene.doing((event) => event.kind !== 'setting' && event.object === rows.object)
  const proof = valuesLost(column)
  const name = `column ${rows.object.slice(rows.object.indexOf(' ') + 1)}.${column.column}`
  const dropped = scene.doing((event) => event.kind === 'dropped' && event.object === name)
  if (dropped !== null) return droppedAndAdded(name, rows, scene)
  const isOnlyUpdated =
    own.length > 0 && own.every(({ event }) => event.operation === 'update' || event.operation === 'insert')
  if (isOnlyUpdated && isWrittenByOldTrigger(column.column, rows.object, scene))
    return remark(
      'data-loss/overwritten-values',
      tableName(rows.object),
      `a trigger of ${rows.object} writes ${column.column} anew, as with every UPDATE`,
      { by, proof },
    )
  return error(
    'data-loss/overwritten-values',
    tableName(rows.object),
    `overwrites ${column.column} in rows of ${rows.object}`,
    { by, proof },
  )
}

const isWrittenByOldTrigger = (column: string, table: string, scene: Scene): boolean =>
  [...scene.before.values()].some((one) => {
    const trigger =
      one.sort === 'trigger' && one.parent === scene.nameNow(table)
        ? as(nodeOf(one.facets[0]), 'CreateTrigStmt')
        : undefined
    return trigger?.row === true && doesAssign(partsOf(trigger.funcname), column, scene)
  })

const droppedAndAdded = (column: string, rows: RowChange, scene: Scene): Harms =>
  error('data-loss/drop-column', column, `drops ${column} and adds it again: its values are gone`, {
    by:
      scene.doing((event) => event.kind === 'dropped' && event.object === column) ??
      scene.doing((event) => event.kind === 'altered' && event.object === rows.object),
    proof: `values of ${rows.rowsBefore} rows`,
    hint: 'Add a column of another name, and keep this one.',
  })

function lost(rows: RowChange, scene: Scene): Harms {
  const dropped = scene.doing((event) => event.kind === 'dropped' && event.object === rows.object)
  const by = dropped ?? scene.doing((event) => event.kind !== 'setting' && event.object === rows.object)
  return error(
    dropped === null ? 'data-loss/lost-rows' : 'data-loss/drop-table',
    tableName(rows.object),
    `loses rows of ${rows.object}`,
    { by, proof: lostRows(rows), hint: OTHERS },
  )
}
