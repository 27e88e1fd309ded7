import {
  as,
  commandsOf,
  isOptionOn,
  kindOf,
  type Node,
  type NodeOf,
  partsOf,
  type RangeVar,
  rangeParts,
  type SelectStmt,
  walk,
} from '../../../sql/tree.ts'
import { isAlwaysTrue } from '../../migrations-contract/predicates.ts'
import { isServed, leadingColumns } from './indexed.ts'
import type { Scene } from '../scene.ts'
import { nodeOf } from '../sorts/constraint-text.ts'
import { ownName, schemaOf, type Thing, thingOf, valueOf } from '../thing.ts'

/** A table of before that a statement reads from its first row to its last. */
export interface Read {
  /** As the catalogue names it. */
  readonly table: string
  /** It has a condition that no index helps with. */
  readonly isFiltered: boolean
  /** A query for its own sake: neither rows for another table nor a value within an expression. */
  readonly isPlain: boolean
  /** Its rows go into a table or into statistics: nobody asks like that to decide what to do. */
  readonly isWork: boolean
  /** It locks the rows that it finds, so that nobody else changes them. */
  readonly isLocking: boolean
}

/** A view may be made of views; deeper than this nobody looks. */
const DEEPEST_VIEW = 5
const AGGREGATES =
  /^(?:count|sum|avg|min|max|(?:json|jsonb|array|string|xml)\w*agg\w*|bool_(?:and|or)|every|stddev\w*|var\w*|percentile\w*)$/
const COPYING = new Set(['InsertStmt', 'CreateTableAsStmt'])
const LOCKING = new Set(['LCS_FORSHARE', 'LCS_FORNOKEYUPDATE', 'LCS_FORUPDATE'])

/** What a statement reads whole; `isNested` if it stands inside of another one, where a query without FROM is a value. */
export function readsOf(node: Node, scene: Scene, isNested = false, depth = 0): Read[] {
  const copy = as(node, 'CopyStmt')
  if (copy?.relation !== undefined && copy.is_from !== true) return tablesCalled(copy.relation, scene).map(plainRead)
  const refresh = as(node, 'RefreshMatViewStmt')
  if (refresh !== undefined) return tablesCalled(refresh.relation, scene).map(plainRead)
  const alter = as(node, 'AlterTableStmt')
  if (alter !== undefined)
    return commandsOf(alter.cmds).some((one) => one.subtype === 'AT_ValidateConstraint')
      ? tablesCalled(alter.relation, scene).map(plainRead)
      : []
  const analyze = as(node, 'VacuumStmt')
  if (analyze !== undefined) return analyzed(analyze, scene)
  if (as(node, 'CreateTableAsStmt')?.into?.skipData === true) return []
  const explain = as(node, 'ExplainStmt')
  if (explain !== undefined)
    return explain.query !== undefined && isOptionOn(explain.options, 'analyze')
      ? readsOf(explain.query, scene, isNested, depth)
      : []
  return [...changed(node, scene), ...queried(node, scene, isNested, depth)]
}

const plainRead = ({ object }: Thing): Read => ({
  table: object,
  isFiltered: false,
  isPlain: true,
  isWork: false,
  isLocking: false,
})

/** ANALYZE reads a part of each table that grows with its statistics; without a name it goes over all of them. */
function analyzed({ rels }: NodeOf<'VacuumStmt'>, scene: Scene): Read[] {
  const ranges = (rels ?? []).flatMap((one) => as(one, 'VacuumRelation')?.relation ?? [])
  const all = [...scene.before.values()].filter((one) => one.sort === 'table')
  const things = ranges.length > 0 ? ranges.flatMap((one) => tablesCalled(one, scene)) : all
  return things.map((one) => ({ ...plainRead(one), isWork: true }))
}

/** The rows that UPDATE and DELETE look for, and those that MERGE takes. */
function changed(node: Node, scene: Scene): Read[] {
  const write = as(node, 'UpdateStmt') ?? as(node, 'DeleteStmt')
  const range = write?.relation ?? as(as(node, 'MergeStmt')?.sourceRelation, 'RangeVar')
  if (range === undefined || (write !== undefined && as(write.whereClause, 'CurrentOfExpr') !== undefined)) return []
  return tablesCalled(range, scene).flatMap(({ object }) =>
    isServed(write?.whereClause, leadingColumns([object], scene))
      ? []
      : [
          {
            table: object,
            isFiltered: write?.whereClause !== undefined,
            isPlain: false,
            isWork: write === undefined,
            isLocking: false,
          },
        ],
  )
}

function queried(node: Node, scene: Scene, isNested: boolean, depth: number): Read[] {
  const own = as(node, 'SelectStmt')
  const isPlain = own !== undefined && own.intoClause === undefined && (!isNested || !isValue(own)) && !isSetting(own)
  const isWork = COPYING.has(kindOf(node)) || own?.intoClause !== undefined
  const named = new Set<string>()
  walk([node], 'CommonTableExpr', (one) => named.add(one.ctename ?? ''))
  const asked = new Set<unknown>()
  walk([node], 'SubLink', (link) => {
    if (link.subLinkType === 'EXISTS_SUBLINK') asked.add(as(link.subselect, 'SelectStmt'))
  })
  const reads: Read[] = []
  walk([node], 'SelectStmt', (whole) => {
    for (const select of armsOf(whole)) {
      const ranges = (select.fromClause ?? []).flatMap(rangesIn)
      const things = ranges.flatMap((range) =>
        range.schemaname === undefined && named.has(range.relname ?? '') ? [] : tablesCalled(range, scene),
      )
      const leading = leadingColumns(
        things.map((one) => one.object),
        scene,
      )
      const isFiltered = !isAlwaysTrue(select.whereClause, undefined, undefined)
      if (isShort(select, isFiltered, leading) || (asked.has(whole) && !isFiltered)) continue
      const isLocking = (select.lockingClause ?? []).some((one) =>
        LOCKING.has(as(one, 'LockingClause')?.strength ?? ''),
      )
      for (const thing of things) {
        if (thing.sort !== 'view') reads.push({ table: thing.object, isFiltered, isPlain, isWork, isLocking })
        else
          reads.push(
            ...behind(thing, scene, depth).map((one) => ({
              ...one,
              isPlain,
              isWork,
              isLocking,
              isFiltered: one.isFiltered || isFiltered,
            })),
          )
      }
    }
  })
  return reads
}

/** What a view reads. */
function behind(view: Thing, scene: Scene, depth: number): Read[] {
  const query = depth < DEEPEST_VIEW ? nodeOf(valueOf(view, 'definition ')) : undefined
  return query === undefined ? [] : readsOf(query, scene, false, depth + 1)
}

const isValue = (select: SelectStmt): boolean => select.larg === undefined && select.fromClause === undefined

/** `SELECT setval('ids', (SELECT max(id) FROM t))`. */
const isSetting = (select: SelectStmt): boolean => {
  const target = as(as(select.targetList?.[0], 'ResTarget')?.val, 'FuncCall')
  return isValue(select) && ['setval', 'set_config'].includes(partsOf(target?.funcname).at(-1) ?? '')
}

const armsOf = (select: SelectStmt): SelectStmt[] =>
  [select.larg, select.rarg].some((one) => one !== undefined)
    ? [select.larg, select.rarg].flatMap((one) => (one === undefined ? [] : armsOf(one)))
    : [select]

function rangesIn(node: Node | undefined): RangeVar[] {
  const range = as(node, 'RangeVar')
  if (range !== undefined) return [range]
  const join = as(node, 'JoinExpr')
  return join === undefined ? [] : [...rangesIn(join.larg), ...rangesIn(join.rarg)]
}

/** Whether the server is through after a few rows: by an index, or because no more are asked for. */
function isShort(select: SelectStmt, isFiltered: boolean, leading: ReadonlySet<string>): boolean {
  const { whereClause, limitCount, sortClause, groupClause, distinctClause, targetList } = select
  if (isFiltered && isServed(whereClause, leading)) return true
  const called: { name: string; column: string | undefined }[] = []
  walk(targetList, 'FuncCall', (call) => {
    const name = partsOf(call.funcname).at(-1) ?? ''
    const column = partsOf(as(call.args?.[0], 'ColumnRef')?.fields).at(-1)
    if (call.over === undefined && (call.agg_star === true || AGGREGATES.test(name))) called.push({ name, column })
  })
  if (groupClause !== undefined || distinctClause !== undefined) return false
  if (called.length > 0)
    return !isFiltered && called.every(({ name, column }) => /^(?:min|max)$/.test(name) && leading.has(column ?? ''))
  if (limitCount === undefined || as(limitCount, 'A_Const')?.isnull === true) return false
  const sort = partsOf(as(as(sortClause?.[0], 'SortBy')?.node, 'ColumnRef')?.fields).at(-1)
  return sortClause === undefined || leading.has(sort ?? '')
}

const KNOWN = new WeakMap<Scene, ReadonlyMap<string, readonly Thing[]>>()
const READ = new Set(['table', 'materialized view', 'view'])

/** What production has under that name, by its name of before or of today. */
export function tablesCalled(range: RangeVar | undefined, scene: Scene): Thing[] {
  const [own = '', schema] = rangeParts(range).toReversed()
  const all = (relationsOf(scene).get(own) ?? []).filter((one) => schema === undefined || schemaOf(one) === schema)
  return all.filter((one, index) => all.findIndex((two) => two.object === one.object) === index).slice(0, 1)
}

function relationsOf(scene: Scene): ReadonlyMap<string, readonly Thing[]> {
  const known = KNOWN.get(scene)
  if (known !== undefined) return known
  const found = new Map<string, Thing[]>()
  for (const thing of [...scene.before.values(), ...scene.effects.before.map(thingOf)]) {
    if (!READ.has(thing.sort)) continue
    const name = ownName(thing)
    found.set(name, [...(found.get(name) ?? []), thing])
  }
  KNOWN.set(scene, found)
  return found
}
