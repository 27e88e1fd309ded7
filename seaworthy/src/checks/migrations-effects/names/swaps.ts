import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as, type Node, rangeParts, type RangeVar, type SelectStmt, walk } from '../../../sql/tree.ts'
import { error, type Harms, remark } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { ownName, plain, type Thing, thingOf } from '../thing.ts'

/** A copy that stands where a table stood; `dropped` is the name under which the old one went. */
export function judgeSwap(thing: Thing, dropped: string, scene: Scene, by: TracedStatement): Harms {
  const sources = new Set([ownName(thing), ownName(thingOf({ object: dropped, definition: '' }))])
  const proof = `dropped: the table that was ${thing.object}`
  const taking = namesBefore(ownName(thing), scene)
  const targets = copiesOf(sources, scene).filter((one) => taking.has(one))
  if (targets.length === 0 || targets.some((one) => isThinnedOut(one, scene)))
    return error(
      'data-loss/drop-table',
      `table ${plain(thing.name)}`,
      `puts another table in the place of ${thing.object}, and nothing shows that every row was copied`,
      { by, proof, hint: 'Copy with a plain INSERT … SELECT of the whole table, or keep the old table.' },
    )
  return remark(
    'compat/swapped-table',
    thing.object,
    `puts a copy in the place of ${thing.object}: the rows of the rehearsal are all there; those that production writes meanwhile are not copied`,
    { by, proof },
  )
}

/** Names from which a table was renamed to this one. */
export function namesBefore(name: string, scene: Scene): ReadonlySet<string> {
  const found = new Set<string>()
  for (const statement of scene.statements) {
    walk(scene.nodesOf(statement), 'RenameStmt', (rename) => {
      if (rename.renameType === 'OBJECT_TABLE' && rename.newname === name) found.add(rename.relation?.relname ?? '')
    })
  }
  return found
}

/** The tables into which a statement of the release copies every row of one of these tables. */
function copiesOf(sources: ReadonlySet<string>, scene: Scene): string[] {
  const found: string[] = []
  const look = (select: Node | undefined, into: RangeVar | undefined): void => {
    const target = rangeParts(into).at(-1)
    const query = as(select, 'SelectStmt')
    if (target !== undefined && query !== undefined && isWholeOf(query, sources)) found.push(target)
  }
  for (const statement of scene.statements) {
    if (scene.undone.has(statement)) continue
    const nodes = scene.nodesOf(statement)
    walk(nodes, 'InsertStmt', (insert) => {
      if (insert.onConflictClause === undefined) look(insert.selectStmt, insert.relation)
    })
    walk(nodes, 'CreateTableAsStmt', (made) => {
      if (made.into?.skipData !== true) look(made.query, made.into?.rel)
    })
  }
  return found
}

/** What would keep a row of the source out of the answer, or make another one of it. */
const FILTERS = [
  'whereClause',
  'limitCount',
  'limitOffset',
  'distinctClause',
  'groupClause',
  'havingClause',
  'larg',
  'withClause',
  'valuesLists',
] as const

function isWholeOf(select: SelectStmt, sources: ReadonlySet<string>): boolean {
  const [from] = select.fromClause ?? []
  const range = as(from, 'RangeVar')
  return (
    FILTERS.every((one) => select[one] === undefined) &&
    select.fromClause?.length === 1 &&
    range?.inh === true &&
    sources.has(range.relname ?? '') &&
    (select.targetList ?? []).every((one) => isColumn(as(one, 'ResTarget')?.val))
  )
}

function isColumn(node: Node | undefined): boolean {
  const cast = as(node, 'TypeCast')
  return cast === undefined ? as(node, 'ColumnRef') !== undefined : isColumn(cast.arg)
}

/** Whether rows of the copy were taken away or changed before it took the name. */
const isThinnedOut = (copy: string, scene: Scene): boolean =>
  scene.statements.some(
    (one) =>
      !scene.undone.has(one) &&
      one.events.some(
        (event) =>
          event.kind === 'write' &&
          event.operation !== 'insert' &&
          ownName(thingOf({ object: event.object, definition: '' })) === copy,
      ),
  )
