import { type NodeOf, objectParts, type ObjectType, rangeParts } from '../../sql/tree.ts'
import { SORT_OF } from './apply-names.ts'
import type { RuleContext } from './context.ts'

/** What an ALTER … RENAME renames, and whether this release made it. */
export interface Renamed {
  readonly name: string
  readonly isNew: boolean
  readonly newName: string
}

/** The object that a rename of one of these sorts is about; null for another sort, or one that this release made. */
export function liveRename(
  node: NodeOf<'RenameStmt'>,
  context: RuleContext,
  types: readonly ObjectType[],
): Renamed | null {
  const type = node.renameType
  if (type === undefined || !types.includes(type)) return null
  const parts = node.relation === undefined ? objectParts(node.object) : rangeParts(node.relation)
  const sort = SORT_OF[type]
  const name = sort === 'schema' ? (node.subname ?? '') : context.name(parts)
  const isNew =
    (context.tableNamed(name)?.isNew ?? false) ||
    (context.view(name)?.isNew ?? false) ||
    (sort !== undefined && context.isNewObject(sort, sort === 'schema' ? [name] : parts)) ||
    (context.routines(name).length > 0 && context.routines(name).every((one) => one.isNew))
  return isNew ? null : { name, isNew, newName: node.newname ?? '' }
}
