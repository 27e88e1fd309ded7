import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-index',
  title: 'Drops an index',
  profiles: ['additive'],
  severity: 'error',
  why: 'In an additive history an older version may be swapped back in, and its queries count on the index; a unique one also kept duplicates out.',
  instead: 'Keep the index.',
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
