import { isAlwaysTrue } from '../../predicates.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/delete-all',
  title: 'Deletes every row',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'A DELETE without a condition, or with one that every row meets, empties the table. It also locks each row until the migration commits.',
  instead: 'Write the condition that says which rows have to go.',
  production:
    'Lists are empty, and foreign keys with CASCADE have emptied other tables too. A rollback of the release brings nothing back; only a backup does, without what came in since.',
  steps: [
    'Name in a condition which rows have to go, and count them in production first.',
    'Keep a copy of them (`CREATE TABLE removed AS SELECT …`) as long as the release may be taken back.',
    'Delete in batches, in a job outside of the migration.',
  ],
  falseAlarm:
    'A table that only holds what can be made again, such as a cache or a queue that is drained: accept it in the policy by its subject.',
  bad: [
    'DELETE FROM orders;',
    'DELETE FROM orders WHERE 1 = 1;',
    'DELETE FROM users WHERE id IS NOT NULL;',
    'WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone;',
    'DELETE FROM users USING orders;',
  ],
  good: ["DELETE FROM orders WHERE status = 'test';", 'CREATE TABLE t (a int); DELETE FROM t;'],
  statements: {
    DeleteStmt: (node, context) => {
      if (context.isNewTable(node.relation)) return NONE
      if (!isAlwaysTrue(node.whereClause, context.table(node.relation), node.relation)) return NONE
      const subject = context.label('table', context.nameOf(node.relation))
      return harm(
        `deletes every row of ${subject}`,
        subject,
        `DELETE FROM ${context.sql(context.nameOf(node.relation))} WHERE … with the condition that only the rows to be deleted meet.`,
      )
    },
  },
}
