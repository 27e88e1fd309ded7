import { as } from '../../../../sql/tree.ts'
import { columnConstraints } from '../../apply-table.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/add-check',
  title: 'Adds a check constraint and reads the whole table',
  profiles: ['online'],
  severity: 'error',
  why: 'Without NOT VALID the server reads every row under the strongest lock: nobody reads or writes the table meanwhile. A check that is written with a new column does so as well.',
  instead:
    'Add it as NOT VALID, which is instant and holds for new rows; VALIDATE CONSTRAINT in another transaction reads the rows without blocking.',
  production:
    'While the rows are read, every query of the table waits. Connections pile up until the pool is empty, and then pages fail that never touch this table.',
  steps: [
    'ADD CONSTRAINT … NOT VALID, with a lock_timeout and tried again until it gets through.',
    'VALIDATE CONSTRAINT in another transaction: reads and writes go on meanwhile.',
  ],
  falseAlarm: 'A table that is known to stay small. Accept it inline, or give the shape of production (`--shape`).',
  bad: [
    'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total >= 0);',
    'ALTER TABLE users ADD COLUMN height int CHECK (height > 0);',
  ],
  good: [
    'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total >= 0) NOT VALID;',
    'CREATE TABLE t (a int); ALTER TABLE t ADD CHECK (a > 0);',
  ],
  commands: {
    AT_AddConstraint: (command, context, node) => {
      const constraint = as(command.def, 'Constraint')
      const isHeavy =
        constraint?.contype === 'CONSTR_CHECK' && constraint.skip_validation !== true && constraint.is_enforced === true
      if (!isHeavy || !context.changesLiveTable(node)) return NONE
      const table = context.nameOf(node.relation)
      const name = constraint.conname ?? 'the_check'
      return harm(
        `adds check ${constraint.conname ?? 'constraint'} to ${context.label('table', table)} while the whole table is locked and read`,
        context.label('table', table),
        `ALTER TABLE ${context.sql(table)} ADD CONSTRAINT ${context.sql(name)} CHECK (…) NOT VALID; then, in another migration: ALTER TABLE ${context.sql(table)} VALIDATE CONSTRAINT ${context.sql(name)};`,
      )
    },
    AT_AddColumn: (command, context, node) => {
      const definition = as(command.def, 'ColumnDef')
      if (!columnConstraints(definition).some((one) => one.contype === 'CONSTR_CHECK')) return NONE
      if (!context.changesLiveTable(node)) return NONE
      const table = context.nameOf(node.relation)
      const column = definition?.colname ?? ''
      return harm(
        `adds column ${column} to ${context.label('table', table)} with a check, for which the whole table is locked and read`,
        context.label('column', `${table}.${column}`),
        `Add the column without the check, then: ALTER TABLE ${context.sql(table)} ADD CONSTRAINT ${context.sql(`${column}_check`)} CHECK (…) NOT VALID;`,
      )
    },
  },
}
