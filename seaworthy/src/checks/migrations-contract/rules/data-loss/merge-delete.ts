import { as } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/merge-delete',
  title: 'MERGE that deletes rows',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'A branch of MERGE that deletes takes every row that its source happens to match, or not to match; an empty source with NOT MATCHED BY SOURCE empties the table.',
  instead: 'Write a DELETE with a condition that names the rows.',
  production:
    'Rows are missing that the source did not hold by accident: an import that was late, a filter that was too narrow.',
  steps: [
    'Let the MERGE insert and update only.',
    'Select the rows that are to go by a condition of their own, and look at them in production.',
    'DELETE them by that condition, in batches.',
  ],
  falseAlarm: 'A source that is proved to be complete when the migration runs. The proof belongs into the acceptance.',
  bad: [
    'MERGE INTO orders USING users ON true WHEN MATCHED THEN DELETE;',
    'MERGE INTO orders o USING users u ON o.user_id = u.id WHEN NOT MATCHED BY SOURCE THEN DELETE;',
  ],
  good: ['MERGE INTO orders o USING users u ON o.user_id = u.id WHEN NOT MATCHED THEN INSERT (user_id) VALUES (u.id);'],
  statements: {
    MergeStmt: (node, context) => {
      if (context.isNewTable(node.relation)) return NONE
      const clauses = (node.mergeWhenClauses ?? []).flatMap((one) => as(one, 'MergeWhenClause') ?? [])
      if (!clauses.some((one) => one.commandType === 'CMD_DELETE')) return NONE
      const subject = context.label('table', context.nameOf(node.relation))
      return harm(
        `deletes rows of ${subject} by MERGE, depending on what the source holds`,
        subject,
        `DELETE FROM ${context.sql(context.nameOf(node.relation))} WHERE … names the rows that have to go.`,
      )
    },
  },
}
