import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/drop-materialized-view',
  title: 'Drops a materialized view',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Queries of the running version fail, and what the view had collected has to be computed anew, which may no longer be possible from the data that is left.',
  instead: 'Create the new view under another name, release the code that reads it, and drop the old one later.',
  production:
    'Reports and queries of the running version fail with "relation does not exist". Building it anew takes as long as its query does.',
  steps: [
    'Create the new view under another name, with its indexes, and fill it.',
    'Release the code that reads it.',
    'Drop the old one in a later release.',
  ],
  falseAlarm:
    'A view that nothing reads any more and whose source rows are all there: accept it in the policy by its subject.',
  bad: ['DROP MATERIALIZED VIEW totals;'],
  good: ['CREATE MATERIALIZED VIEW monthly AS SELECT 1 AS n; DROP MATERIALIZED VIEW monthly;'],
  statements: {
    DropStmt: (node, context) =>
      dropHarms(
        node,
        context,
        ['OBJECT_MATVIEW'],
        (view) => ({
          message: `drops ${view}`,
          hint: 'Create its successor under another name and drop this one in a later release.',
        }),
        'materialized view',
      ),
  },
}
