import { as, type Node, partsOf, type RangeVar } from '../../../../sql/tree.ts'
import type { RuleContext } from '../../context.ts'
import { type CommandHandlers, type Harms, harm, NONE, type Rule } from '../../rule.ts'

/** Speaks only of a column that an earlier file is known to have taken away and none has brought back. */
function missing(range: RangeVar | undefined, columns: readonly (string | undefined)[], context: RuleContext): Harms {
  const table = context.table(range)
  if (table === undefined || table.dropped.length === 0) return NONE
  return columns.flatMap((column) => {
    const gone = table.dropped.findLast((one) => one.name === column)
    if (gone === undefined) return []
    const name = context.nameOf(range)
    return harm(
      `uses column ${gone.name} of ${context.label('table', name)}, which ${gone.file} took away (42703)`,
      context.label('column', `${name}.${gone.name}`),
      `Look at ${gone.file}: the column has another name since, or has to be added again.`,
    )
  })
}

const targets = (nodes: readonly Node[] | undefined): (string | undefined)[] =>
  (nodes ?? []).map((one) => as(one, 'ResTarget')?.name)

const altered: CommandHandlers['AT_SetNotNull'] = (command, context, node) =>
  command.missing_ok === true ? NONE : missing(node.relation, [command.name], context)

export const rule: Rule = {
  code: 'apply/dropped-column',
  title: 'Uses a column that an earlier migration dropped',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Each migration is fine for itself; walked in order, the column is gone when this one needs it, and the statement fails in production.',
  instead: 'Use the column that took its place, or add it again.',
  production: 'The migration fails with 42703 on the first database that has the whole history, which is production.',
  steps: [
    'Find which migration took the column away, and what took its place.',
    'Use that, or add the column again in a migration before this one.',
  ],
  falseAlarm: 'The earlier statement is inside of a condition that is false in production. The rehearsal shows it.',
  bad: [
    {
      given: 'CREATE TABLE t (a int, b int); ALTER TABLE t DROP COLUMN b;',
      sql: 'INSERT INTO t (a, b) VALUES (1, 2);',
    },
    {
      given: 'CREATE TABLE t (a int, b int); ALTER TABLE t RENAME b TO c;',
      sql: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (b);',
    },
    {
      given: 'CREATE TABLE t (a int, b int); ALTER TABLE t DROP COLUMN b;',
      sql: 'ALTER TABLE t ALTER COLUMN b SET DEFAULT 1;',
    },
  ],
  good: [
    {
      given: 'CREATE TABLE t (a int, b int); ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b text;',
      sql: 'INSERT INTO t (a, b) VALUES (1, 2);',
    },
  ],
  statements: {
    InsertStmt: (node, context) => missing(node.relation, targets(node.cols), context),
    UpdateStmt: (node, context) => missing(node.relation, targets(node.targetList), context),
    IndexStmt: (node, context) =>
      missing(
        node.relation,
        (node.indexParams ?? []).map((one) => as(one, 'IndexElem')?.name),
        context,
      ),
  },
  commands: {
    AT_SetNotNull: altered,
    AT_DropNotNull: altered,
    AT_ColumnDefault: altered,
    AT_AlterColumnType: altered,
    AT_AddConstraint: (command, context, node) => {
      const constraint = as(command.def, 'Constraint')
      return missing(node.relation, [...partsOf(constraint?.keys), ...partsOf(constraint?.fk_attrs)], context)
    },
  },
}
