import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/validate-in-same-transaction',
  title: 'Validates a constraint in the transaction that added it',
  profiles: ['online'],
  severity: 'error',
  why: 'NOT VALID spares the table a long lock only if the lock of ADD CONSTRAINT is released before the rows are read. In one transaction it is held until the end.',
  instead: 'Put VALIDATE CONSTRAINT into a migration of its own, so that it runs in a transaction of its own.',
  production:
    'The strong lock of ADD CONSTRAINT is held while every row is read: as if NOT VALID had not been written.',
  steps: [
    'ADD CONSTRAINT … NOT VALID in this migration.',
    'VALIDATE CONSTRAINT in the next one, so that the first has committed.',
  ],
  falseAlarm: 'A table that is known to stay small.',
  bad: [
    {
      sql: 'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c;',
      send: 'transaction',
    },
  ],
  good: [
    { sql: 'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;', send: 'transaction' },
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c;',
  ],
  commands: {
    AT_ValidateConstraint: (command, context, node) => {
      const table = context.nameOf(node.relation)
      if (!context.changesLiveTable(node) || !context.isNotValidYet(table, command.name ?? '')) return NONE
      return harm(
        `validates ${command.name ?? ''} of ${context.label('table', table)} while the lock of adding it is still held`,
        context.label('table', table),
        `Move ALTER TABLE ${context.sql(table)} VALIDATE CONSTRAINT ${context.sql(command.name ?? '')}; into the next migration.`,
      )
    },
  },
}
