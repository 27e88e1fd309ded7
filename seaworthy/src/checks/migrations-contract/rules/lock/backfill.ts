import { as } from '../../../../sql/tree.ts'
import { isAlwaysTrue } from '../../predicates.ts'
import { harm, NONE, type Rule } from '../../rule.ts'
import { columnOf } from '../../state.ts'

export const rule: Rule = {
  code: 'lock/backfill',
  title: 'Fills a new column in every row at once',
  profiles: ['online'],
  severity: 'warning',
  why: 'One UPDATE over the whole table locks every row until it commits, and doubles the table on disk.',
  instead: 'A constant default fills the column for nothing. Else fill it in batches, outside of the migration.',
  production:
    'Every row is locked until the migration commits, autovacuum cannot clean up behind it, and replicas fall behind.',
  steps: [
    'Let new rows be written with the value first.',
    'Fill the old ones by key, some thousand at a time, each batch in a transaction of its own.',
    'Count what is left until it is zero; only then require the column.',
  ],
  falseAlarm: 'A table that is known to stay small.',
  bad: ['ALTER TABLE users ADD COLUMN handle text; UPDATE users SET handle = lower(email);'],
  good: [
    "ALTER TABLE users ADD COLUMN handle text; UPDATE users SET handle = 'root' WHERE id = 1;",
    'CREATE TABLE t (a int); UPDATE t SET a = 1;',
  ],
  statements: {
    UpdateStmt: (node, context) => {
      const table = context.table(node.relation)
      if (table === undefined || table.isNew || !isAlwaysTrue(node.whereClause, table, node.relation)) return NONE
      const columns = (node.targetList ?? []).flatMap((one) => as(one, 'ResTarget')?.name ?? [])
      if (columns.some((one) => columnOf(table, one)?.isNew !== true)) return NONE
      const subject = context.label('table', context.nameOf(node.relation))
      return harm(
        `fills ${columns.join(', ')} in every row of ${subject} in one transaction`,
        subject,
        'Fill it in batches of some thousand rows, outside of the migration.',
      )
    },
  },
}
