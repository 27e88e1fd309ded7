import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/drop-extension',
  title: 'Drops an extension',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The types, functions, operators and index classes of the extension go with it; with CASCADE so do the columns that have its types.',
  instead: 'Change the columns and functions that use it in releases of their own, then drop it without CASCADE.',
  production:
    'Queries that use one of its operators or functions fail at once ("function does not exist"); after CASCADE columns are missing as well.',
  steps: [
    'Find what uses it: DROP EXTENSION without CASCADE in the rehearsal names the first.',
    'Replace those columns, indexes and calls in releases of their own.',
    'Drop it without CASCADE when nothing is left.',
  ],
  falseAlarm:
    'An extension that is installed and used by nothing: the rehearsal shows that it goes without CASCADE; accept it in the policy.',
  bad: ['DROP EXTENSION citext CASCADE;'],
  good: ['CREATE EXTENSION pg_trgm; DROP EXTENSION pg_trgm;'],
  statements: {
    DropStmt: (node, context) =>
      dropHarms(
        node,
        context,
        ['OBJECT_EXTENSION'],
        (extension) => ({
          message: `drops ${extension}`,
          hint: 'Remove its uses first; then DROP EXTENSION without CASCADE tells whether any is left.',
        }),
        'extension',
      ),
  },
}
