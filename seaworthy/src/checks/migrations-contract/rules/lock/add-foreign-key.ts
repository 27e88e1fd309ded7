import { as, partsOf, rangeParts } from '../../../../sql/tree.ts'
import { columnConstraints } from '../../apply-table.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/add-foreign-key',
  title: 'Adds a foreign key and reads both tables',
  profiles: ['online'],
  severity: 'error',
  why: 'Without NOT VALID the server compares every row with the other table while writes to both are blocked.',
  instead:
    'Add it as NOT VALID, which holds for new rows at once; VALIDATE CONSTRAINT in another transaction looks at the old rows without blocking.',
  falseAlarm:
    'A new column without a default may refer to another table: all its rows are NULL, and the server skips the comparison.',
  production: 'Writes to both tables wait while every row is compared.',
  steps: [
    'ADD CONSTRAINT … NOT VALID: new rows are checked from then on.',
    'Mend the rows that have no partner.',
    'VALIDATE CONSTRAINT in another transaction.',
  ],
  bad: [
    'ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id);',
    'ALTER TABLE orders ADD COLUMN seller_id bigint DEFAULT 1 REFERENCES users (id);',
  ],
  good: [
    'ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;',
    'ALTER TABLE orders ADD COLUMN seller_id bigint REFERENCES users (id);',
    'CREATE TABLE t (user_id bigint); ALTER TABLE t ADD FOREIGN KEY (user_id) REFERENCES users (id);',
  ],
  commands: {
    AT_AddConstraint: (command, context, node) => {
      const constraint = as(command.def, 'Constraint')
      if (constraint?.contype !== 'CONSTR_FOREIGN' || constraint.skip_validation === true) return NONE
      if (constraint.is_enforced !== true || !context.changesLiveTable(node)) return NONE
      const table = context.nameOf(node.relation)
      const columns = partsOf(constraint.fk_attrs)
        .map((one) => context.sql(one))
        .join(', ')
      const name =
        constraint.conname ?? `${rangeParts(node.relation).at(-1) ?? ''}_${partsOf(constraint.fk_attrs).join('_')}_fkey`
      const other = context.sql(context.nameOf(constraint.pktable))
      return harm(
        `adds a foreign key on ${columns} of ${context.label('table', table)} while writes to both tables are blocked`,
        context.label('table', table),
        `ALTER TABLE ${context.sql(table)} ADD CONSTRAINT ${context.sql(name)} FOREIGN KEY (${columns}) REFERENCES ${other} NOT VALID; then, in another migration: ALTER TABLE ${context.sql(table)} VALIDATE CONSTRAINT ${context.sql(name)};`,
      )
    },
    AT_AddColumn: (command, context, node) => {
      const definition = as(command.def, 'ColumnDef')
      const has = (type: string): boolean => columnConstraints(definition).some((one) => one.contype === type)
      if (!has('CONSTR_FOREIGN') || !has('CONSTR_DEFAULT') || !context.changesLiveTable(node)) return NONE
      const table = context.nameOf(node.relation)
      const column = definition?.colname ?? ''
      return harm(
        `adds column ${column} to ${context.label('table', table)} with a default and a foreign key, so that every row is compared while writes are blocked`,
        context.label('column', `${table}.${column}`),
        `Add the column without REFERENCES, then the foreign key as NOT VALID.`,
      )
    },
  },
}
