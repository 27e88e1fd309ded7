import { as } from '../../../../sql/tree.ts'
import { columnConstraints, isSerial } from '../../apply-table.ts'
import { harm, NONE, type Rule } from '../../rule.ts'
import { columnOf } from '../../state.ts'

export const rule: Rule = {
  code: 'compat/add-required-column',
  title: 'Adds a column that is required and has no default',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'On a table with rows the statement fails at once: they have no value. On an empty one, every insert of the version that still runs fails.',
  instead:
    'Give it a constant default, which costs nothing since PostgreSQL 11; or add it without NOT NULL, fill it, and require it in a later release.',
  production:
    'On a table with rows the migration fails and the service does not start. On an empty one inserts of the old version fail with "null value violates not-null constraint" until its last instance is gone.',
  steps: [
    'Add the column without NOT NULL, or with a constant default.',
    'Release code that always writes it, and fill the old rows in batches.',
    'In a later release: CHECK (… IS NOT NULL) NOT VALID, VALIDATE it in another transaction, SET NOT NULL, drop the check.',
  ],
  falseAlarm: 'A table that is empty and that no running version writes to yet. Accept it inline with that reason.',
  bad: [
    'ALTER TABLE users ADD COLUMN country text NOT NULL;',
    "ALTER TABLE users ADD COLUMN country text NOT NULL DEFAULT 'xx'; ALTER TABLE users ALTER COLUMN country DROP DEFAULT;",
  ],
  good: [
    "ALTER TABLE users ADD COLUMN country text NOT NULL DEFAULT 'xx';",
    'ALTER TABLE users ADD COLUMN country text;',
    'CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int NOT NULL;',
  ],
  commands: {
    AT_ColumnDefault: (command, context, node) => {
      if (command.def !== undefined || !context.changesLiveTable(node)) return NONE
      const column = columnOf(context.table(node.relation), command.name)
      if (column === undefined || !column.isNew || !column.isNotNull || !column.hasDefault) return NONE
      const table = context.nameOf(node.relation)
      return harm(
        `drops the default of column ${column.name} of ${context.label('table', table)}, which this release adds as NOT NULL: inserts of the running version fail`,
        context.label('column', `${table}.${column.name}`),
        'Keep the default until every running version writes the column.',
      )
    },
    AT_AddColumn: (command, context, node) => {
      const definition = as(command.def, 'ColumnDef')
      const constraints = columnConstraints(definition)
      const has = (type: string): boolean => constraints.some((one) => one.contype === type)
      if (!context.changesLiveTable(node) || !has('CONSTR_NOTNULL') || isSerial(definition)) return NONE
      if (has('CONSTR_DEFAULT') || has('CONSTR_IDENTITY') || has('CONSTR_GENERATED')) return NONE
      const table = context.nameOf(node.relation)
      const column = definition?.colname ?? ''
      return harm(
        `adds column ${column} to ${context.label('table', table)} as NOT NULL without a default`,
        context.label('column', `${table}.${column}`),
        `Add DEFAULT with a constant, or leave out NOT NULL for now: ALTER TABLE ${context.sql(table)} ADD COLUMN ${context.sql(column)} …;`,
      )
    },
  },
}
