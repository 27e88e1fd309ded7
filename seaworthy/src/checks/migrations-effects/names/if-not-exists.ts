import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as, commandsOf, type NodeOf, rangeParts, typeText } from '../../../sql/tree.ts'
import { error, type Harms, NONE } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { bare, nodeOf } from '../sorts/constraint-text.ts'
import { shortType } from '../sorts/types-of-columns.ts'
import { hasFacet, ownName, plain, type Thing, valueOf } from '../thing.ts'

/**
 * `IF NOT EXISTS` over something of the same name and another shape does nothing, without an error; the code that comes
 * with it expects the new shape. What the release leaves is compared, so that a later statement may mend it.
 */
export const judgeIfNotExists = (scene: Scene): Harms =>
  scene.statements
    .filter((by) => !scene.undone.has(by))
    .flatMap((by) =>
      scene.nodesOf(by).flatMap((node) => {
        const create = as(node, 'CreateStmt')
        if (create?.if_not_exists === true) return table(create, by, scene)
        const index = as(node, 'IndexStmt')
        if (index?.if_not_exists === true) return indexed(index, by, scene)
        const alter = as(node, 'AlterTableStmt')
        return alter === undefined ? NONE : columns(alter, by, scene)
      }),
    )

const didNothing = (by: TracedStatement, object: string, message: string): Harms =>
  error(
    'apply/if-not-exists-did-nothing',
    `${object.slice(0, object.indexOf(' '))} ${plain(object.slice(object.indexOf(' ') + 1))}`,
    message,
    {
      by,
      proof: `no event of the statement made ${object}`,
      hint: `ALTER what is there, or give the new one a name of its own.`,
    },
  )

/** What is there under that name, if it was there before and this statement did not make it. */
function standing(sort: string, parts: readonly string[], by: TracedStatement, scene: Scene): Thing | null {
  const own = parts.at(-1) ?? ''
  const schema = parts.length > 1 ? parts[0] : undefined
  const isIt = (thing: Thing): boolean =>
    thing.sort === sort &&
    ownName(thing) === own &&
    (schema === undefined || plain(thing.name).startsWith(`${schema}.`))
  const candidates = [...scene.after.values()].filter((thing) => isIt(thing) && scene.isOld(thing.object))
  if (
    by.events.some(
      (event) =>
        event.kind === 'created' &&
        candidates.concat([...scene.after.values()].filter(isIt)).some((one) => one.object === event.object),
    )
  )
    return null
  return candidates.find((one) => one.name.startsWith('public.')) ?? candidates[0] ?? null
}

const typeOf = (text: string | null): string => (text === null ? '' : shortType(text))

function table(node: NodeOf<'CreateStmt'>, by: TracedStatement, scene: Scene): Harms {
  const found = standing('table', rangeParts(node.relation), by, scene)
  if (found === null) return NONE
  for (const element of node.tableElts ?? []) {
    const wanted = as(element, 'ColumnDef')
    if (wanted?.colname === undefined) continue
    const column = [...scene.after.values()].find(
      (one) => one.sort === 'column' && one.parent === found.object && ownName(one) === wanted.colname,
    )
    if (column === undefined)
      return didNothing(
        by,
        found.object,
        `does not make ${found.object}, which is there without column ${wanted.colname}`,
      )
    const other = otherType(column, typeText(wanted.typeName))
    if (other !== null)
      return didNothing(by, found.object, `does not make ${found.object}, whose column ${wanted.colname} is ${other}`)
  }
  return NONE
}

const normal = (type: string): string => (type === 'bpchar' ? 'bpchar(1)' : type.slice(type.lastIndexOf('.') + 1))

/** `text and not int4`; null if the types are the same, in whatever schema they are. */
function otherType(column: Thing, wanted: string | null): string | null {
  const is = typeOf(valueOf(column, 'type '))
  const asked = typeOf(wanted)
  return asked === '' || normal(is) === normal(asked) ? null : `${is} and not ${asked}`
}

function indexed(node: NodeOf<'IndexStmt'>, by: TracedStatement, scene: Scene): Harms {
  if (node.idxname === undefined) return NONE
  const schema = node.relation?.schemaname
  const found = standing('index', schema === undefined ? [node.idxname] : [schema, node.idxname], by, scene)
  if (found === null) return NONE
  if (hasFacet(found, 'invalid'))
    return didNothing(by, found.object, `does not build ${found.object}, which is there and invalid`)
  const is = as(nodeOf(found.facets.find((one) => one.startsWith('CREATE '))), 'IndexStmt')
  return shape(is) === shape(node)
    ? NONE
    : didNothing(by, found.object, `does not build ${found.object}, which is there and another one`)
}

const shape = (one: NodeOf<'IndexStmt'> | undefined): string =>
  bare([
    one?.relation?.relname,
    one?.unique ?? false,
    one?.accessMethod ?? 'btree',
    columnsOf(one),
    one?.whereClause === undefined,
  ])

const columnsOf = (node: NodeOf<'IndexStmt'> | undefined): readonly string[] =>
  (node?.indexParams ?? []).map((one) => as(one, 'IndexElem')?.name ?? '(expression)')

function columns(node: NodeOf<'AlterTableStmt'>, by: TracedStatement, scene: Scene): Harms {
  return commandsOf(node.cmds).flatMap((command): Harms => {
    const wanted = as(command.def, 'ColumnDef')
    if (command.subtype !== 'AT_AddColumn' || command.missing_ok !== true || wanted?.colname === undefined) return NONE
    const own = rangeParts(node.relation).at(-1)
    const column = [...scene.after.values()].find((one) => {
      const whole = one.parent === null ? undefined : scene.after.get(one.parent)
      return (
        one.sort === 'column' &&
        ownName(one) === wanted.colname &&
        whole !== undefined &&
        ownName(whole) === own &&
        scene.isOld(one.object)
      )
    })
    const other = column === undefined ? null : otherType(column, typeText(wanted.typeName))
    return column === undefined || other === null
      ? NONE
      : didNothing(by, column.object, `does not add ${column.object}, which is there and ${other}`)
  })
}
