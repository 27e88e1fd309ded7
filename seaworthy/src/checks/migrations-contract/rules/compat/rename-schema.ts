import { liveRename } from '../../renames.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/rename-schema',
  title: 'Renames a schema',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Every qualified name and every search_path of the running version stops working at once.',
  instead: 'Create the new schema with views over the old tables, and move the code over.',
  production: 'Every query that names the schema, or finds its tables by a search_path with that name, fails.',
  steps: [
    'Create the new schema with views of the tables.',
    'Move the code to it, and release.',
    'Move the tables when nothing names the old schema.',
  ],
  falseAlarm: 'A schema whose objects no running version uses.',
  bad: ['ALTER SCHEMA billing RENAME TO invoicing;'],
  good: ['CREATE SCHEMA s; ALTER SCHEMA s RENAME TO s2;'],
  statements: {
    RenameStmt: (node, context) => {
      const renamed = liveRename(node, context, ['OBJECT_SCHEMA'])
      if (renamed === null) return NONE
      const subject = context.label('schema', renamed.name)
      return harm(
        `renames ${subject} to ${renamed.newName}`,
        subject,
        'Keep the schema, and add the new one beside it.',
      )
    },
  },
}
