import { as, kindOf, type Node } from '../../sql/tree.ts'

/** Commands that only change the catalogue: event triggers tell all of it, and the locks that they took. */
const ABOUT_THE_CATALOGUE: ReadonlySet<string> = new Set([
  'CreateStmt',
  'ViewStmt',
  'CommentStmt',
  'CreateFunctionStmt',
  'CreateEnumStmt',
  'AlterEnumStmt',
  'CompositeTypeStmt',
  'CreateDomainStmt',
  'CreateSeqStmt',
  'CreateTrigStmt',
  'CreatePolicyStmt',
  'RuleStmt',
  'DropStmt',
  'RenameStmt',
  'AlterObjectSchemaStmt',
])

/**
 * Whether a statement runs no code of anybody's, writes no row and sets nothing, so that nobody has to look beside the
 * event triggers. An index on plain columns is one of them: only an expression or a condition can call something.
 */
export function isQuiet(node: Node): boolean {
  const index = as(node, 'IndexStmt')
  if (index === undefined) return ABOUT_THE_CATALOGUE.has(kindOf(node))
  const columns = index.indexParams ?? []
  return index.whereClause === undefined && columns.every((one) => as(one, 'IndexElem')?.expr === undefined)
}
