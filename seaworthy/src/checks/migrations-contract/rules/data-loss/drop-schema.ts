import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/drop-schema',
  title: 'Drops a schema',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'With CASCADE every table in the schema goes with it. Without it, the statement works only while the schema is empty.',
  instead: 'Drop the tables one after another in releases of their own, and the empty schema last.',
  bad: ['DROP SCHEMA billing CASCADE;', 'DROP SCHEMA IF EXISTS billing;'],
  good: ['CREATE SCHEMA scratch; DROP SCHEMA scratch;'],
  statements: {
    DropStmt: (node, context) =>
      dropHarms(
        node,
        context,
        ['OBJECT_SCHEMA'],
        (schema) => ({
          message: `drops ${schema}`,
          hint: 'Drop what is in it one by one, each in a release in which nothing uses it any more.',
        }),
        'schema',
      ),
  },
}
