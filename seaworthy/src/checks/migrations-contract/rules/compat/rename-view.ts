import { liveRename } from '../../renames.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/rename-view',
  title: 'Renames a view',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The version that still runs asks for the view by its old name.',
  instead: 'Create a view of the new name beside it, and drop the old one when nothing reads it.',
  production: 'Queries of the old version fail with "relation does not exist".',
  steps: ['Create a view of the new name beside it.', 'Move the readers, and release.', 'Drop the old one later.'],
  falseAlarm: 'In the same transaction another view takes the old name, with the same columns.',
  bad: ['ALTER VIEW active_users RENAME TO live_users;', 'ALTER MATERIALIZED VIEW totals RENAME TO sums;'],
  good: ['CREATE VIEW v AS SELECT 1 AS n; ALTER VIEW v RENAME TO w;'],
  statements: {
    RenameStmt: (node, context) => {
      const renamed = liveRename(node, context, ['OBJECT_VIEW', 'OBJECT_MATVIEW'])
      if (renamed === null) return NONE
      const subject = context.label('view', renamed.name)
      return harm(
        `renames ${subject} to ${renamed.newName}`,
        subject,
        `CREATE VIEW ${context.sql(renamed.newName)} AS SELECT * FROM ${context.sql(renamed.name)};`,
      )
    },
  },
}
