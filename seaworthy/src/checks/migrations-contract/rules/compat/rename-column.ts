import { as } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'
import { columnOf } from '../../state.ts'

export const rule: Rule = {
  code: 'compat/rename-column',
  title: 'Renames a column',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The version that still runs names the old column in its queries and fails until the last old instance has stopped. So does a rollback.',
  instead:
    'Add the new column, write both, fill the old rows, move the readers, and drop the old column in a later release.',
  production:
    'Every query of the old version that names the column fails, from the commit until its last instance has stopped.',
  steps: [
    'Add the new column and release code that writes both.',
    'Fill the old rows in batches.',
    'Release code that reads the new one.',
    'Drop the old column in a later release.',
  ],
  falseAlarm:
    'A column that no running version names, or a view under the old table name that keeps the old column name and that the traced run has seen.',
  bad: [
    'ALTER TABLE users RENAME COLUMN nickname TO handle;',
    'ALTER TABLE users RENAME nickname TO handle;',
    'ALTER VIEW active_users RENAME COLUMN email TO mail;',
  ],
  good: ['ALTER TABLE users ADD COLUMN handel text; ALTER TABLE users RENAME COLUMN handel TO handle;'],
  statements: {
    RenameStmt: (node, context) => {
      if (node.renameType !== 'OBJECT_COLUMN' && node.renameType !== 'OBJECT_ATTRIBUTE') return NONE
      const name = context.nameOf(node.relation)
      const column = node.subname ?? ''
      const table = context.table(node.relation)
      const isNew =
        table?.isNew === true || context.view(name)?.isNew === true || columnOf(table, column)?.isNew === true
      if (isNew || context.isNewObject('type', name.split('.'))) return NONE
      const type = columnOf(table, column)?.type ?? '…'
      const isTable = node.relationType === 'OBJECT_TABLE' && as(node.object, 'List') === undefined
      return harm(
        `renames column ${column} of ${context.label('table', name)} to ${node.newname ?? ''}: the running version still uses the old name`,
        context.label('column', `${name}.${column}`),
        isTable
          ? `ALTER TABLE ${context.sql(name)} ADD COLUMN ${context.sql(node.newname ?? '')} ${type}; write both, move the readers, drop ${column} later.`
          : 'Add the new name beside the old one.',
      )
    },
  },
}
