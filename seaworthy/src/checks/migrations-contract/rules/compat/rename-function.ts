import { liveRename } from '../../renames.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/rename-function',
  title: 'Renames a function or procedure',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The running version, other functions and triggers that are read as text still call the old name.',
  instead: 'Create the new name beside the old one, and let the old one call it.',
  production: 'Calls fail with "function does not exist", in triggers and other functions too, whose bodies are text.',
  steps: [
    'Create the function under the new name, and let the old one call it.',
    'Move the callers, and release.',
    'Drop the old name in a later release.',
  ],
  falseAlarm: 'Only views, defaults and policies use it: they follow the rename, since they do not name it as text.',
  bad: ['ALTER FUNCTION total_of(bigint) RENAME TO sum_of;'],
  good: ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION f() RENAME TO g;"],
  statements: {
    RenameStmt: (node, context) => {
      const renamed = liveRename(node, context, [
        'OBJECT_FUNCTION',
        'OBJECT_PROCEDURE',
        'OBJECT_ROUTINE',
        'OBJECT_AGGREGATE',
      ])
      if (renamed === null) return NONE
      const subject = context.label('function', renamed.name)
      return harm(
        `renames ${subject} to ${renamed.newName}`,
        subject,
        `CREATE FUNCTION ${context.sql(renamed.newName)}(…) beside it.`,
      )
    },
  },
}
