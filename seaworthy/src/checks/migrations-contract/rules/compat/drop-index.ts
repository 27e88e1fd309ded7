import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-index',
  title: 'Drops an index',
  profiles: ['additive'],
  severity: 'error',
  why: 'In an additive history an older version may be swapped back in, and its queries count on the index; a unique one also kept duplicates out.',
  instead: 'Keep the index.',
  production: 'Queries of an older version become slow, and with a unique index duplicates come in.',
  steps: ['Keep the index while any version may come back that relies on it.', 'Build the better one beside it.'],
  falseAlarm:
    'An index that has a twin over the same columns, or that production has never used (`pg_stat_user_indexes`).',
  bad: ['DROP INDEX users_nickname_idx;', 'DROP INDEX CONCURRENTLY IF EXISTS users_nickname_idx;'],
  good: ['CREATE TABLE IF NOT EXISTS t (a int); CREATE INDEX IF NOT EXISTS t_a ON t (a); DROP INDEX t_a;'],
  statements: {
    DropStmt: (node, context) =>
      dropHarms(
        node,
        context,
        ['OBJECT_INDEX'],
        (index) => ({ message: `drops ${index}`, hint: 'Keep it: the contract of this folder is additive.' }),
        'index',
      ),
  },
}
