import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-constraint',
  title: 'Drops a constraint',
  profiles: ['additive'],
  severity: 'error',
  why: 'In an additive history every earlier promise of the schema is kept: an older version that is swapped back in relies on it.',
  instead: 'Keep the constraint, or make a new table.',
  production: 'Rows that an older version cannot handle get in. If that version is swapped back in, it meets them.',
  steps: [
    'Keep the constraint for as long as a version may come back that relies on it.',
    'Where it is too strict, make a new table or a new column without it.',
  ],
  falseAlarm: 'A constraint that another, stricter one makes superfluous.',
  bad: ['ALTER TABLE users DROP CONSTRAINT users_email_key;'],
  good: ['CREATE TABLE IF NOT EXISTS t (a int CONSTRAINT c CHECK (a > 0)); ALTER TABLE t DROP CONSTRAINT c;'],
  commands: {
    AT_DropConstraint: (command, context, node) => {
      if (!context.changesLiveTable(node)) return NONE
      const table = context.nameOf(node.relation)
      return harm(
        `drops constraint ${command.name ?? ''} of ${context.label('table', table)}`,
        context.label('constraint', `${table}.${command.name ?? ''}`),
        'Keep it: the contract of this folder is additive.',
      )
    },
  },
}
