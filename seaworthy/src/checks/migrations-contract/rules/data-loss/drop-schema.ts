import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/drop-schema',
  title: 'Drops a schema',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'With CASCADE every table in the schema goes with it. Without it, the statement works only while the schema is empty.',
  instead: 'Drop the tables one after another in releases of their own, and the empty schema last.',
  production: 'Every table in the schema is gone at once, with all queries that named one of them.',
  steps: [
    'Take each of its tables out of the code, release by release.',
    'Drop the tables one by one, each with an acceptance.',
    'Drop the schema without CASCADE: it fails if anything was forgotten.',
  ],
  falseAlarm:
    'A schema that is empty in production: without CASCADE the server itself makes sure of that; accept it in the policy.',
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
