import { UNKNOWN_NAME } from '../../../../sql/constant.ts'
import { columnOf } from '../../state.ts'
import type { NodeOf } from '../../../../sql/tree.ts'
import type { RuleContext } from '../../context.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

/** What can be done in this release: nothing, unless inserts that leave the column out would fail. */
function hintFor(name: string, context: RuleContext, node: NodeOf<'AlterTableStmt'>): string {
  const column = columnOf(context.table(node.relation), name)
  const keep = `Keep the column in this release, in which nothing reads or writes it any more; drop it in a later one.`
  // A name that is put together at run time is not known here, and no SQL can be written for it.
  if (name === UNKNOWN_NAME) return keep
  const isInTheWay = column === undefined || (column.isNotNull && !column.hasDefault && !column.isGenerated)
  if (!isInTheWay) return keep
  const sql = `ALTER TABLE ${context.sql(context.nameOf(node.relation))} ALTER COLUMN ${context.sql(name)} DROP NOT NULL;`
  return `${keep} ${column === undefined ? 'If it is NOT NULL without a default, inserts' : 'Inserts'} that leave it out need: ${sql}`
}

export const rule: Rule = {
  code: 'data-loss/drop-column',
  title: 'Drops a column',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The values are gone for good, and the version that still runs fails: an ORM names every column in its SELECT and INSERT.',
  instead:
    'Release a version that neither reads nor writes the column. If it is NOT NULL without a default, drop that constraint now, so that inserts without it succeed. Drop the column in a later release, accepted in the policy.',
  production:
    'From the commit on, every SELECT and INSERT that names the column fails in each instance of the old version. The values only exist in backups.',
  steps: [
    'Release code that neither reads nor writes the column; if inserts need it, DROP NOT NULL or give it a default.',
    'Wait until no instance of an older version runs, and none will be rolled back to.',
    'Drop the column in a later release, with an acceptance in the policy that names it.',
  ],
  falseAlarm:
    'A column that no released version has ever read or written, or one that an earlier release has taken out of use: that is the last step, accepted in the policy.',
  bad: ['ALTER TABLE users DROP COLUMN nickname;', 'ALTER TABLE users DROP nickname CASCADE;'],
  good: [
    'ALTER TABLE users ADD COLUMN draft text; ALTER TABLE users DROP COLUMN draft;',
    'CREATE TABLE t (a int, b int); ALTER TABLE t DROP COLUMN b;',
  ],
  commands: {
    AT_DropColumn: (command, context, node) => {
      const column = command.name ?? ''
      if (context.isNewTable(node.relation) || columnOf(context.table(node.relation), column)?.isNew === true)
        return NONE
      const table = context.nameOf(node.relation)
      return harm(
        `drops column ${column} of ${context.label('table', table)} with its values`,
        context.label('column', `${table}.${column}`),
        hintFor(column, context, node),
      )
    },
  },
}
