import { parseSql } from '../../../sql/parse.ts'
import { as, commandsOf, type Node, type SelectStmt, stringOf, walk } from '../../../sql/tree.ts'
import type { Rename } from './renames.ts'
import type { Scene } from '../scene.ts'
import { nodeOf } from '../sorts/constraint-text.ts'
import { hasFacet, ownName, plain, type Thing, thingOf, valueOf } from '../thing.ts'

/** The view that stands under the table's old name; `why` says what the running version would miss, null if nothing. */
export function standIn({ from }: Rename, table: Thing, scene: Scene): { object: string; why: string | null } | null {
  const view = scene.after.get(from.replace(/^table /, 'view '))
  if (view === undefined) return null
  return { object: view.object, why: whyNot(view, table, scene) ?? whyNotOrdered(view, from, table, scene) }
}

const columnsOf = (whole: Thing, catalogue: ReadonlyMap<string, Thing>): string[] =>
  [...catalogue.values()]
    .filter((one) => one.sort === 'column' && one.parent === whole.object)
    .map((one) => `${ownName(one)} ${valueOf(one, 'type ') ?? ''}`)
    .toSorted()

function whyNot(view: Thing, table: Thing, scene: Scene): string | null {
  const select = as(nodeOf(valueOf(view, 'definition ')), 'SelectStmt')
  if (select === undefined || !isPlain(select, table)) return 'is no plain view of the table'
  const shown = new Set(columnsOf(view, scene.after))
  const missing = columnsOf(table, scene.before).find((one) => !shown.has(one))
  if (missing !== undefined) return `lacks ${missing}`
  const own = partOf(view, scene)
  if (own !== null) return `has ${own} of its own`
  if (valueOf(view, 'owner ') !== valueOf(table, 'owner ')) return 'belongs to another role'
  const options = valueOf(view, 'options ')
  if (options !== null && !/^security_invoker=(?:true|on|1)$/.test(options)) return `has the options ${options}`
  const isSecured = hasFacet(table, 'row security enabled')
  if (isSecured && options === null) return 'passes the policies of the table by'
  for (const held of scene.before.values()) {
    if (held.sort !== 'privileges' || held.parent !== table.object) continue
    const grantee = held.name.slice(held.name.lastIndexOf(' for '))
    const now = valueOf(scene.after.get(`privileges on ${view.object}${grantee}`), 'granted ')?.split(', ') ?? []
    const lost = (valueOf(held, 'granted ') ?? '').split(', ').find((one) => !now.includes(one))
    if (lost !== undefined && lost !== 'nothing') return `does not grant ${lost}${grantee.replace(' for', ' to')}`
  }
  return null
}

/** What answers in the place of the table, or gives a column another value: a rule, a trigger, a default. */
function partOf(view: Thing, scene: Scene): string | null {
  for (const one of scene.after.values()) {
    if (one.parent !== view.object) continue
    if (one.sort === 'rule' || one.sort === 'trigger') return one.object
    if (one.sort === 'column' && valueOf(one, 'default ') !== null) return `a default of ${one.object}`
  }
  return null
}

/** INSERT without a list of columns goes by their order. */
function whyNotOrdered(view: Thing, from: string, table: Thing, scene: Scene): string | null {
  const shown = targetsOf(as(nodeOf(valueOf(view, 'definition ')), 'SelectStmt'))
  if (isStar(view, scene)) return null
  const order = orderOf(from, table, scene)
  if (order === null) return 'may have its columns in another order: SELECT * keeps it'
  return order.every((one, index) => one === shown[index]) ? null : 'has its columns in another order'
}

const targetsOf = (select: SelectStmt | undefined): (string | null)[] =>
  (select?.targetList ?? []).map((one) => stringOf(as(as(one, 'ResTarget')?.val, 'ColumnRef')?.fields?.at(-1)))

function isStar(view: Thing, scene: Scene): boolean {
  let select: SelectStmt | undefined
  for (const statement of scene.statements)
    walk(scene.nodesOf(statement), 'ViewStmt', (made) => {
      if (made.view?.relname === ownName(view)) select = as(made.query, 'SelectStmt')
    })
  const [target, another] = select?.targetList ?? []
  const fields = as(as(target, 'ResTarget')?.val, 'ColumnRef')?.fields
  return another === undefined && as(fields?.at(-1), 'A_Star') !== undefined
}

/** The table's columns in the order in which the migrations made them; null where their text does not show every one. */
function orderOf(from: string, table: Thing, scene: Scene): string[] | null {
  const own = ownName(thingOf({ object: from, definition: '' }))
  const order = new Set<string>()
  const add = (definition: Node | undefined): void => {
    const name = as(definition, 'ColumnDef')?.colname
    if (name === undefined) return
    order.delete(name)
    order.add(name)
  }
  for (const { up } of scene.tree.migrations)
    for (const { text } of up.pieces ?? [{ text: up.text }]) {
      const parsed = parseSql(text)
      for (const { node } of parsed.ok ? parsed.statements : []) {
        const [made, alter] = [as(node, 'CreateStmt'), as(node, 'AlterTableStmt')]
        if (made?.relation?.relname === own) made.tableElts?.forEach(add)
        if (alter?.relation?.relname !== own) continue
        for (const one of commandsOf(alter.cmds)) if (one.subtype === 'AT_AddColumn') add(one.def)
      }
    }
  const names = [...scene.before.values()]
    .filter((one) => one.sort === 'column' && one.parent === table.object)
    .map(ownName)
  return names.every((one) => order.has(one)) ? [...order].filter((one) => names.includes(one)) : null
}

/** One table, every row of it, its columns as they are. */
function isPlain(select: SelectStmt, table: Thing): boolean {
  const [from] = select.fromClause ?? []
  const range = as(from, 'RangeVar')
  const isWhole =
    select.whereClause === undefined &&
    select.groupClause === undefined &&
    select.havingClause === undefined &&
    select.limitCount === undefined &&
    select.limitOffset === undefined &&
    select.lockingClause === undefined &&
    select.distinctClause === undefined &&
    select.withClause === undefined &&
    select.larg === undefined &&
    select.fromClause?.length === 1 &&
    range?.inh === true &&
    range.alias?.colnames === undefined
  const isTable = `${range?.schemaname ?? ''}.${range?.relname ?? ''}` === plain(table.name)
  return (
    isWhole &&
    isTable &&
    (select.targetList ?? []).every((one) => {
      const target = as(one, 'ResTarget')
      return target?.name === undefined && as(target?.val, 'ColumnRef') !== undefined
    })
  )
}
