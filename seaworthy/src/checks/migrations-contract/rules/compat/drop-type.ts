import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-type',
  title: 'Drops a type or domain',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Casts in the running version fail; with CASCADE the columns of the type are dropped with their values.',
  instead: 'Drop it in a later release, without CASCADE, when no column and no code names it.',
  production:
    'Statements with a cast to it fail, prepared ones when they are planned again. With CASCADE columns are gone.',
  steps: [
    'Add columns of the new type, write both, fill the old rows.',
    'Release code that names only the new type.',
    'Drop the old type in a later release, without CASCADE.',
  ],
  falseAlarm:
    'A type that no column, function or code uses; without CASCADE the server itself refuses if a column does.',
  bad: ['DROP TYPE mood;', 'DROP TYPE mood CASCADE;', 'DROP DOMAIN zip;'],
  good: ["CREATE TYPE size AS ENUM ('s'); DROP TYPE size;"],
  statements: {
    DropStmt: (node, context) =>
      dropHarms(
        node,
        context,
        ['OBJECT_TYPE', 'OBJECT_DOMAIN'],
        (type) => ({
          message: `drops ${type}`,
          hint: 'Drop it without CASCADE in a release in which nothing names it any more.',
        }),
        'type',
      ),
  },
}
