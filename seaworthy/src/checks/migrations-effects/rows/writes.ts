import type { RowChange, TracedStatement, TraceEvent } from '../../../observers/effects/kind.ts'
import { as, type NodeKind, type NodeOf, partsOf, rangeParts, walk } from '../../../sql/tree.ts'
import { isAlwaysTrue } from '../../migrations-contract/predicates.ts'
import { assigned, type Assignment, nullsByKey } from './assigned.ts'
import { keysOf } from './keys.ts'
import type { Scene } from '../scene.ts'
import { ownName, plain, thingOf } from '../thing.ts'

type WriteEvent = Extract<TraceEvent, { kind: 'write' }>

/** One write to a table that production has. */
export interface Write {
  readonly event: WriteEvent
  readonly by: TracedStatement
  /** The table as it was called before the release. */
  readonly table: string
  /** What became of its rows; undefined if nothing did. */
  readonly rows: RowChange | undefined
}

/** Tables that the release made itself: it may do with them as it likes. */
function isOwn(object: string, scene: Scene, created: ReadonlySet<string>): boolean {
  if (scene.wasCalled(object) || scene.before.has(object)) return false
  return created.has(object) || scene.after.has(object) || object.startsWith('table pg_temp')
}

/** The writes to tables of before, in the order in which they happened; what a ROLLBACK took back is none. */
export function writesOf(scene: Scene): Write[] {
  const statements = scene.statements.filter((one) => !scene.undone.has(one))
  const created = new Set(
    statements.flatMap((one) => one.events.flatMap((event) => (event.kind === 'created' ? event.object : []))),
  )
  return statements.flatMap((by) =>
    by.events.flatMap((event): Write[] => {
      if (event.kind !== 'write' || isOwn(event.object, scene, created)) return []
      const from = scene.renames.find((one) => one.to === event.object)?.from
      const table = scene.wasCalled(event.object) ? event.object : (from ?? event.object)
      return [{ event, by, table, rows: scene.effects.rows.find((one) => one.object === table) }]
    }),
  )
}

/** The nodes of one kind that a statement consists of or runs, and that are about the table by its own name. */
export function about<K extends NodeKind>(
  { by, event }: Write,
  kind: K,
  scene: Scene,
  isIt: (node: NodeOf<K>) => string | undefined,
): NodeOf<K>[] {
  const own = ownName(thingOf({ object: event.object, definition: '' }))
  const found: NodeOf<K>[] = []
  walk(scene.nodesOf(by), kind, (node) => {
    if (isIt(node) === own) found.push(node)
  })
  return found
}

const relname = (node: { readonly relation?: Parameters<typeof rangeParts>[0] }): string | undefined =>
  rangeParts(node.relation).at(-1)

/** How a delete is written: for every row, by MERGE, or by a condition; the static rules have a code for the first two. */
export function deleteCode(write: Write, scene: Scene): 'data-loss/delete-all' | 'data-loss/merge-delete' | null {
  const deletes = about(write, 'DeleteStmt', scene, relname)
  if (deletes.some((one) => isAlwaysTrue(one.whereClause, undefined, one.relation))) return 'data-loss/delete-all'
  return about(write, 'MergeStmt', scene, relname).length > 0 ? 'data-loss/merge-delete' : null
}

/** What the UPDATEs of a statement assign; null where their text does not show it. */
export function assignmentsOf(write: Write, scene: Scene): { all: readonly Assignment[]; isEveryRow: boolean } | null {
  const updates = about(write, 'UpdateStmt', scene, relname)
  if (updates.length === 0) return null
  const keys = keysOf(write.table, scene)
  return {
    all: [...updates, ...throughViews(write, scene)].flatMap((one) =>
      assigned(one.targetList, one.whereClause, one.relation, nullsByKey(one, keys)),
    ),
    isEveryRow: updates.some((one) => isAlwaysTrue(one.whereClause, undefined, one.relation)),
  }
}

/** UPDATEs of the same statement that are of no table by its own name: a view may be before any. */
function throughViews({ by }: Write, scene: Scene): NodeOf<'UpdateStmt'>[] {
  const found: NodeOf<'UpdateStmt'>[] = []
  const tables = new Set(
    [...scene.before.values(), ...scene.after.values()].filter(({ sort }) => sort === 'table').map(ownName),
  )
  walk(scene.nodesOf(by), 'UpdateStmt', (update) => {
    if (!tables.has(relname(update) ?? '')) found.push(update)
  })
  return found
}

/**
 * What INSERT … ON CONFLICT DO UPDATE and MERGE assign to rows that a query over tables finds: an UPDATE in other words.
 * Null where all that they bring is constants, as a seed does.
 */
export function assignedFromQuery(write: Write, scene: Scene): readonly Assignment[] | null {
  const inserts = about(write, 'InsertStmt', scene, relname).filter(({ selectStmt }) => readsTables(selectStmt))
  const merges = about(write, 'MergeStmt', scene, relname).filter((one) =>
    readsTables(one.sourceRelation, one.withClause),
  )
  const all = [
    ...inserts.flatMap(({ onConflictClause: conflict, relation }) =>
      conflict?.action === 'ONCONFLICT_UPDATE' ? assigned(conflict.targetList, conflict.whereClause, relation) : [],
    ),
    ...merges.flatMap(({ mergeWhenClauses, relation }) =>
      (mergeWhenClauses ?? []).flatMap((one) => {
        const clause = as(one, 'MergeWhenClause')
        return clause?.commandType === 'CMD_UPDATE' ? assigned(clause.targetList, clause.condition, relation) : []
      }),
    ),
  ]
  return all.length === 0 ? null : all
}

/** Whether rows come from somewhere else than the text: a table, or generate_series. */
function readsTables(source: unknown, withClause?: unknown): boolean {
  const named = new Set<string>()
  walk([source, withClause], 'CommonTableExpr', (one) => named.add(one.ctename ?? ''))
  let isRead = false
  walk(
    [source, withClause],
    'RangeVar',
    (one) => (isRead ||= one.schemaname !== undefined || !named.has(one.relname ?? '')),
  )
  walk([source, withClause], 'FuncCall', (one) => (isRead ||= partsOf(one.funcname).at(-1) === 'generate_series'))
  return isRead
}

/** Whether an UPDATE is a part of a MERGE, which is judged as a seed over rows that may exist. */
export const isMerge = (write: Write, scene: Scene): boolean => about(write, 'MergeStmt', scene, relname).length > 0

/** The columns that the table had before the release. */
export const oldColumns = (table: string, scene: Scene): ReadonlySet<string> =>
  new Set(
    scene.effects.before
      .map((entry) => thingOf(entry))
      .filter((one) => one.sort === 'column' && one.parent === table)
      .map(ownName),
  )

export const tableName = (table: string): string => `table ${plain(table.slice(table.indexOf(' ') + 1))}`
