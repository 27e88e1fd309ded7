import { as, type Node, type NodeOf, objectParts, type ObjectType, typeText } from '../../sql/tree.ts'
import { SORT_OF } from './apply-names.ts'
import type { RuleContext } from './context.ts'
import { type Harms, NONE } from './rule.ts'

/** One object that a DROP takes away and that production may have. */
export interface Dropped {
  /** Qualified: `public.users`. */
  readonly name: string
  readonly parts: readonly string[]
  readonly node: Node
}

/** What a DROP of these sorts takes away, without what this release made itself. */
export function liveDrops(node: NodeOf<'DropStmt'>, context: RuleContext, types: readonly ObjectType[]): Dropped[] {
  const type = node.removeType
  if (type === undefined || !types.includes(type)) return []
  return (node.objects ?? []).flatMap((object) => {
    const parts = objectParts(object)
    const sort = SORT_OF[type]
    const name = sort === undefined ? context.name(parts) : context.objectName(sort, parts)
    return isNew(type, { name, parts, node: object }, context) ? [] : [{ name, parts, node: object }]
  })
}

function isNew(type: ObjectType, dropped: Dropped, context: RuleContext): boolean {
  const sort = SORT_OF[type]
  if (sort !== undefined && context.isNewObject(sort, dropped.parts)) return true
  switch (type) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
      return context.tableNamed(dropped.name)?.isNew ?? false
    case 'OBJECT_VIEW':
      return context.view(dropped.name)?.isNew ?? false
    case 'OBJECT_INDEX': {
      const index = context.index(dropped.name)
      return index !== undefined && (context.tableNamed(index.table)?.isNew ?? false)
    }
    case 'OBJECT_POLICY':
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
      return context.tableNamed(context.name(dropped.parts.slice(0, -1)))?.isNew ?? false
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
      return isNewRoutine(dropped, context)
    default:
      return false
  }
}

/** The argument types that a DROP FUNCTION names; null if it names none. */
export function droppedArguments(node: Node): string | null {
  const callable = as(node, 'ObjectWithArgs')
  if (callable === undefined || callable.args_unspecified === true) return null
  return (callable.objargs ?? []).map((one) => typeText(as(one, 'TypeName')) ?? '?').join()
}

function isNewRoutine(dropped: Dropped, context: RuleContext): boolean {
  const known = context.routines(dropped.name)
  const args = droppedArguments(dropped.node)
  const meant = args === null ? known : known.filter((one) => one.args.join() === args)
  return meant.length > 0 && meant.every((one) => one.isNew)
}

/** The end of a sentence about a drop that takes its dependents along. */
export const cascade = (node: NodeOf<'DropStmt'>): string =>
  node.behavior === 'DROP_CASCADE' ? ', and CASCADE takes along everything that depends on it' : ''

/** One harm for each live object that the DROP takes away. */
export const dropHarms = (
  node: NodeOf<'DropStmt'>,
  context: RuleContext,
  types: readonly ObjectType[],
  describe: (label: string, dropped: Dropped) => { readonly message: string; readonly hint: string },
  sort: string,
): Harms => {
  const dropped = liveDrops(node, context, types)
  if (dropped.length === 0) return NONE
  return dropped.map((one) => {
    const subject = context.label(sort, one.name)
    const { message, hint } = describe(subject, one)
    return { message: `${message}${cascade(node)}`, subject, hint }
  })
}
