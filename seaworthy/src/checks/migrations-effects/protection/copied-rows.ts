import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { parseSql } from '../../../sql/parse.ts'
import { fragmentsOf } from '../../../sql/plpgsql.ts'
import { as, kindOf, type Node, partsOf, type RangeVar, rangeParts, walk } from '../../../sql/tree.ts'
import { functionText } from '../code/trigger-function.ts'
import { tablesCalled } from '../locks/reads.ts'
import { statementOf } from '../place.ts'
import type { Scene } from '../scene.ts'
import { nodeOf } from '../sorts/constraint-text.ts'
import { ownName, schemaOf, type Thing } from '../thing.ts'

/** Rows of a relation of before that a statement, or a trigger from now on, puts into a table. */
export interface Copy {
  readonly source: Thing
  /** As the catalogue has it after the release. */
  readonly copy: Thing
  readonly by: TracedStatement | null
}

/** What the release copies, also by way of tables in between, and what its triggers will. */
export function copiesOf(scene: Scene): Copy[] {
  const copies: Copy[] = []
  const carried = new Map<string, ReadonlySet<Thing>>()
  for (const by of scene.statements) {
    if (scene.undone.has(by)) continue
    for (const { into, query } of scene.nodesOf(by).flatMap(copyingIn)) {
      const name = rangeParts(into).at(-1) ?? ''
      const sources = new Set(
        rangesFor(query).flatMap((range) => [
          ...tablesCalled(range, scene),
          ...(carried.get(rangeParts(range).at(-1) ?? '') ?? []),
        ]),
      )
      if (sources.size === 0) continue
      carried.set(name, new Set([...(carried.get(name) ?? []), ...sources]))
      const copy = tableNow(into, scene)
      for (const source of sources)
        if (copy !== undefined && source.object !== copy.object) copies.push({ source, copy, by })
    }
  }
  return [...copies, ...scene.added.flatMap((one) => copiedBy(one, scene))]
}

interface Copying {
  readonly into: RangeVar | undefined
  readonly query: Node | undefined
}

/** What only stores statements for later. */
const STORED = new Set(['CreateFunctionStmt', 'RuleStmt', 'ViewStmt'])

/** The statements within one that put rows of a query into a table. */
function copyingIn(node: Node): Copying[] {
  const found: Copying[] = []
  if (STORED.has(kindOf(node))) return found
  walk([node], 'InsertStmt', (one) => found.push({ into: one.relation, query: one.selectStmt }))
  walk([node], 'CreateTableAsStmt', (one) => {
    if (one.into?.skipData !== true && one.objtype !== 'OBJECT_MATVIEW')
      found.push({ into: one.into?.rel, query: one.query })
  })
  walk([node], 'MergeStmt', (one) => {
    const actions = (one.mergeWhenClauses ?? []).map((when) => as(when, 'MergeWhenClause')?.commandType)
    if (actions.some((action) => action === 'CMD_INSERT' || action === 'CMD_UPDATE'))
      found.push({ into: one.relation, query: one.sourceRelation })
  })
  const into = as(node, 'SelectStmt')?.intoClause
  if (into !== undefined) found.push({ into: into.rel, query: node })
  return found
}

/** The relations whose values a query hands on: those of its conditions it does not. */
function rangesFor(query: Node | undefined): RangeVar[] {
  const select = as(query, 'SelectStmt')
  const found: RangeVar[] = []
  const add = (value: unknown): void => walk([value], 'RangeVar', (range) => found.push(range))
  if (select === undefined) {
    add(query)
    return found
  }
  const arms = [select.larg, select.rarg].filter((one) => one !== undefined)
  if (arms.length > 0) return arms.flatMap((one) => rangesFor({ SelectStmt: one }))
  let isHandingOn = false
  walk([select.targetList, select.valuesLists], 'ColumnRef', () => (isHandingOn = true))
  if (isHandingOn) add([select.fromClause, select.targetList, select.valuesLists, select.withClause])
  return found
}

function tableNow(into: RangeVar | undefined, scene: Scene): Thing | undefined {
  const [own = '', schema] = rangeParts(into).toReversed()
  const isIt = (one: Thing): boolean =>
    one.sort === 'table' && ownName(one) === own && (schema === undefined || schemaOf(one) === schema)
  const all = [...scene.after.values()]
  const renamed = scene.renames.find(({ before }) => isIt(before))
  return all.find(isIt) ?? scene.after.get(renamed?.to ?? '')
}

/** The rows of its table that a new trigger writes elsewhere, as far as its function can be read. */
function copiedBy(thing: Thing, scene: Scene): Copy[] {
  const node = thing.sort === 'trigger' ? as(nodeOf(thing.facets[0]), 'CreateTrigStmt') : undefined
  const source = scene.before.get(thing.parent ?? '')
  if (node === undefined || source === undefined) return []
  const text = functionText(partsOf(node.funcname), scene)
  const fragments = text === null ? null : fragmentsOf(text)
  return (fragments ?? []).flatMap(({ role, sql }): Copy[] => {
    const read = role === 'statement' ? parseSql(sql) : null
    if (read === null || !read.ok) return []
    return read.statements.flatMap((one) =>
      copyingIn(one.node).flatMap(({ into, query }): Copy[] => {
        const copy = tableNow(into, scene)
        if (copy === undefined || copy.object === source.object || !namesRow(query)) return []
        return [{ source, copy, by: statementOf(thing, 'created', scene) }]
      }),
    )
  })
}

/** Whether a query hands on the row that fired a trigger, or a column of it. */
function namesRow(query: Node | undefined): boolean {
  let is = false
  walk([query], 'ColumnRef', ({ fields }) => {
    is ||= ['new', 'old'].includes(partsOf(fields)[0] ?? '')
  })
  return is
}
