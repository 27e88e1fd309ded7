import { as, typeText } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'
import { columnOf } from '../../state.ts'
import { isLossyChange } from '../../types.ts'

export const rule: Rule = {
  code: 'data-loss/narrow-column-type',
  title: 'Changes a type so that values are rounded or cut',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'PostgreSQL rounds without an error: cents, milliseconds and times of day vanish, and changing the type back does not bring them again.',
  instead:
    'Add a column of the new type, fill it, let the new version read it, and keep the old one until nobody misses it.',
  production:
    'Amounts lose their cents and times their time of day, without an error. Sums and comparisons are wrong from then on. The table is copied under the strongest lock besides.',
  steps: [
    'Add a column of the new type.',
    'Write both, fill the old rows in batches, and compare.',
    'Move the readers; drop the old column in a later release, if nobody misses what it held.',
  ],
  falseAlarm:
    'A column whose values all fit the new type already. Ask production how many do not, and accept it in the policy with the answer.',
  bad: ['ALTER TABLE users ALTER COLUMN balance TYPE numeric(10,0);', 'ALTER TABLE users ALTER created_at TYPE date;'],
  good: ['ALTER TABLE users ALTER COLUMN balance TYPE numeric(14,2);'],
  commands: {
    AT_AlterColumnType: (command, context, node) => {
      const from = columnOf(context.table(node.relation), command.name)?.type
      const to = typeText(as(command.def, 'ColumnDef')?.typeName)
      if (!context.changesLiveTable(node) || from === undefined || from === null || to === null) return NONE
      if (!isLossyChange(from, to)) return NONE
      const table = context.nameOf(node.relation)
      const column = command.name ?? ''
      return harm(
        `changes column ${column} of ${context.label('table', table)} from ${from} to ${to}, which rounds or cuts its values`,
        context.label('column', `${table}.${column}`),
        `ALTER TABLE ${context.sql(table)} ADD COLUMN ${context.sql(`${column}_new`)} ${to}; fill it, and keep ${column}.`,
      )
    },
  },
}
