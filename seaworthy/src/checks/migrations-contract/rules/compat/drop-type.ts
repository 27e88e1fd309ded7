import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-type',
  title: 'Drops a type or domain',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Casts in the running version fail; with CASCADE the columns of the type are dropped with their values.',
  instead: 'Drop it in a later release, without CASCADE, when no column and no code names it.',
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
