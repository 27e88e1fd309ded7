import { as } from '../../../../sql/tree.ts'
import { isAlwaysTrue } from '../../predicates.ts'
import { harm, NONE, type Rule } from '../../rule.ts'
import { columnOf } from '../../state.ts'

export const rule: Rule = {
  code: 'data-loss/update-all',
  title: 'Overwrites a column in every row',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'What stood in the column is gone, in every row. The rows stay locked until the migration commits.',
  instead:
    'Add a new column, fill it in batches, and let the new version read it; or write the condition that says which rows are wrong.',
  falseAlarm: 'Filling a column that this release adds loses nothing; lock/backfill speaks about that.',
  production:
    'What users had entered is overwritten in every row. Meanwhile writes to those rows wait, and the table grows to twice its size on disk.',
  steps: [
    'Add a new column beside the old one.',
    'Fill it in batches, by key.',
    'Let the new version read it, and keep the old one until nobody misses it.',
  ],
  bad: [
    'UPDATE users SET email = lower(email);',
    "UPDATE orders SET status = 'open' WHERE true;",
    "UPDATE orders SET status = 'x' WHERE id = id;",
  ],
  good: ["UPDATE orders SET status = 'open' WHERE status IS NULL;", 'CREATE TABLE t (a int); UPDATE t SET a = 1;'],
  statements: {
    UpdateStmt: (node, context) => {
      const table = context.table(node.relation)
      if (table?.isNew === true || !isAlwaysTrue(node.whereClause, table, node.relation)) return NONE
      const columns = (node.targetList ?? []).flatMap((one) => as(one, 'ResTarget')?.name ?? [])
      const old = columns.filter((one) => columnOf(table, one)?.isNew !== true)
      if (old.length === 0) return NONE
      const subject = context.label('table', context.nameOf(node.relation))
      return harm(
        `overwrites ${old.join(', ')} in every row of ${subject}`,
        subject,
        `UPDATE ${context.sql(context.nameOf(node.relation))} SET … WHERE … with the condition that only the rows to be changed meet.`,
      )
    },
  },
}
