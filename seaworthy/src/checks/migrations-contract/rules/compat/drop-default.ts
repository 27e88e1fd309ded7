import { harm, NONE, type Rule } from '../../rule.ts'
import { columnOf } from '../../state.ts'

export const rule: Rule = {
  code: 'compat/drop-default',
  title: 'Drops the default of a column',
  profiles: ['online'],
  severity: 'error',
  why: 'The version that still runs leaves the column out of its INSERT and counts on the default: with NOT NULL every insert fails, without it rows get NULL.',
  instead: 'Keep the default at least until every running version writes the column itself.',
  production:
    'Inserts of the old version, which leave the column out, fail, or put NULL where its readers expect a value.',
  steps: [
    'Release code that always writes the column.',
    'Wait until no older version runs.',
    'Drop the default in a later release.',
  ],
  falseAlarm: 'Every version that is running writes the column itself already. Accept it inline with that reason.',
  bad: ['ALTER TABLE orders ALTER COLUMN status DROP DEFAULT;'],
  good: [
    "ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'new';",
    "ALTER TABLE orders ADD COLUMN kind text DEFAULT 'a'; ALTER TABLE orders ALTER COLUMN kind DROP DEFAULT;",
  ],
  commands: {
    AT_ColumnDefault: (command, context, node) => {
      if (command.def !== undefined || !context.changesLiveTable(node)) return NONE
      // Of a column that the release adds, what counts is how it is left: compat/add-required-column.
      const column = columnOf(context.table(node.relation), command.name)
      if (column !== undefined && (!column.hasDefault || column.isNew)) return NONE
      const table = context.nameOf(node.relation)
      return harm(
        `drops the default of column ${command.name ?? ''} of ${context.label('table', table)}: inserts of the running version count on it`,
        context.label('column', `${table}.${command.name ?? ''}`),
        'Keep the default until every running version writes the column.',
      )
    },
  },
}
