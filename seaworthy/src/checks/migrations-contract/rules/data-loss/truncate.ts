import { as } from '../../../../sql/tree.ts'
import { NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/truncate',
  title: 'Empties a table',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'TRUNCATE removes every row at once, fires no row trigger, and holds the strongest lock meanwhile.',
  instead:
    'Delete what has to go by a condition that names it, in a job outside of the migration; keep a copy until the release has proved itself.',
  production:
    'The table is empty, with CASCADE every table that refers to it as well, and no row trigger has kept an audit of it. Queries wait meanwhile.',
  steps: [
    'Say by a condition which rows have to go.',
    'Keep a copy until the release has proved itself.',
    'Delete them in batches, in a job outside of the migration.',
  ],
  falseAlarm: 'A staging table or a cache whose rows are made again: accept it in the policy by its subject.',
  bad: ['TRUNCATE orders;', 'TRUNCATE TABLE users, orders RESTART IDENTITY CASCADE;'],
  good: ['CREATE TABLE staging (id int); TRUNCATE staging;'],
  statements: {
    TruncateStmt: (node, context) => {
      const live = (node.relations ?? [])
        .flatMap((one) => as(one, 'RangeVar') ?? [])
        .filter((one) => !context.isNewTable(one))
      if (live.length === 0) return NONE
      return live.map((range) => {
        const subject = context.label('table', context.nameOf(range))
        const also = node.behavior === 'DROP_CASCADE' ? ', and of every table that refers to it' : ''
        return {
          message: `removes every row of ${subject}${also}`,
          subject,
          hint: `DELETE FROM ${context.sql(context.nameOf(range))} WHERE … names what has to go and what stays.`,
        }
      })
    },
  },
}
