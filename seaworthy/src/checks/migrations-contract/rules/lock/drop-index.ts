import { liveDrops } from '../../drops.ts'
import { NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/drop-index',
  title: 'Drops an index under the strongest lock',
  profiles: ['online'],
  severity: 'error',
  why: 'DROP INDEX waits for every query on the table, and every query after it waits as well.',
  instead: 'DROP INDEX CONCURRENTLY, alone in a migration that the tool does not wrap in a transaction.',
  production:
    'The statement waits for the longest query on the table, and every query after it waits behind it. Queries that used the index are slow from then on.',
  steps: [
    'Make sure that nothing uses the index (`pg_stat_user_indexes`, on replicas too).',
    'DROP INDEX CONCURRENTLY, alone in a migration without a transaction.',
  ],
  falseAlarm: 'A table that is known to stay small, or one with hardly any traffic: the lock itself is short.',
  bad: ['DROP INDEX users_nickname_idx;', 'DROP INDEX IF EXISTS not_known_idx;'],
  good: [
    'DROP INDEX CONCURRENTLY users_nickname_idx;',
    'CREATE TABLE t (a int); CREATE INDEX t_a ON t (a); DROP INDEX t_a;',
  ],
  statements: {
    DropStmt: (node, context) => {
      if (node.concurrent === true) return NONE
      return liveDrops(node, context, ['OBJECT_INDEX']).map((one) => {
        const subject = context.label('index', one.name)
        return {
          message: `drops ${subject} while every query on its table waits`,
          subject,
          hint: `DROP INDEX CONCURRENTLY ${context.sql(one.name)}; alone in a migration without a transaction.`,
        }
      })
    },
  },
}
