import { liveRename } from '../../renames.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/rename-table',
  title: 'Renames a table',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The version that still runs asks for the old name and fails from the moment the migration commits until the last old instance has stopped. So does a rollback.',
  instead:
    'Create the new table (or a view of the new name over the old table), write to both, move the readers, and drop the old one in a later release. In a single transaction, a view under the old name keeps simple queries working.',
  production:
    'Every query of the old version fails with "relation does not exist", from the commit until its last instance has stopped, and again after a rollback.',
  steps: [
    'Create a view of the new name over the old table, and release code that uses it.',
    'When no old version is left, rename the table and put a view under the old name in the same transaction.',
    'Drop that view in a later release.',
  ],
  falseAlarm:
    'In the same transaction a view takes the old name. The traced run sees that it answers, and settles this finding.',
  bad: [
    'ALTER TABLE users RENAME TO members;',
    'ALTER TABLE IF EXISTS billing.invoices RENAME TO bills;',
    'ALTER INDEX users RENAME TO members;',
  ],
  good: [
    'ALTER INDEX users_nickname_idx RENAME TO users_by_nickname;',
    'CREATE TABLE t (a int); ALTER TABLE t RENAME TO t2;',
    'CREATE VIEW members AS SELECT * FROM users;',
  ],
  statements: {
    RenameStmt: (node, context) => {
      // ALTER INDEX renames a table too: only what is known as an index is one.
      if (node.renameType === 'OBJECT_INDEX' && context.index(context.nameOf(node.relation)) !== undefined) return NONE
      const renamed = liveRename(node, context, ['OBJECT_TABLE', 'OBJECT_FOREIGN_TABLE', 'OBJECT_INDEX'])
      if (renamed === null) return NONE
      const subject = context.label('table', renamed.name)
      const schema = renamed.name.slice(0, renamed.name.indexOf('.'))
      return harm(
        `renames ${subject} to ${renamed.newName}: the running version still asks for the old name`,
        subject,
        `CREATE VIEW ${context.sql(`${schema}.${renamed.newName}`)} AS SELECT * FROM ${context.sql(renamed.name)};`,
      )
    },
  },
}
