import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-identity',
  title: 'Drops the identity or the generating expression of a column',
  profiles: ['online'],
  severity: 'error',
  why: 'The version that still runs leaves the column out of its INSERT: without the identity every insert fails or gets NULL, without the expression the value is no longer kept up to date.',
  instead: 'Let every running version write the column first.',
  production: 'Inserts of the old version get no number, or the column is no longer kept up to date.',
  steps: [
    'Release code that writes the column itself.',
    'Wait until no older version runs.',
    'Drop the identity or the expression then.',
  ],
  falseAlarm:
    'The column gets a default of the same effect in the same transaction, such as nextval on a sequence of its own.',
  bad: ['ALTER TABLE orders ALTER COLUMN id DROP IDENTITY;', 'ALTER TABLE orders ALTER COLUMN total DROP EXPRESSION;'],
  good: ['CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY); ALTER TABLE t ALTER a DROP IDENTITY;'],
  commands: {
    AT_DropIdentity: (command, context, node) => {
      if (!context.changesLiveTable(node)) return NONE
      const table = context.nameOf(node.relation)
      const subject = context.label('column', `${table}.${command.name ?? ''}`)
      return harm(
        `drops the identity of ${subject}: inserts of the running version count on it`,
        subject,
        'Keep it until every running version writes the column.',
      )
    },
    AT_DropExpression: (command, context, node) => {
      if (!context.changesLiveTable(node)) return NONE
      const table = context.nameOf(node.relation)
      const subject = context.label('column', `${table}.${command.name ?? ''}`)
      return harm(
        `drops the generating expression of ${subject}: the running version does not write it`,
        subject,
        'Keep it until every running version writes the column.',
      )
    },
  },
}
