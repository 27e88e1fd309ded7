import { harm, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/drop-database',
  title: 'Drops a database',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'All of its data is gone.',
  instead: 'A migration works inside one database. Retire databases by hand, with a backup that was restored once.',
  production: 'Every service with a connection to it is down, and nothing but a backup brings it back.',
  steps: [
    'Take the last service off the database, and watch `pg_stat_database` until nobody connects.',
    'Make a backup and restore it once, somewhere else.',
    'Drop it by hand, where the server is managed.',
  ],
  falseAlarm:
    'A database that the migration made for itself a moment ago. It still has no place in a migration: accept it in the policy.',
  bad: ['DROP DATABASE archive;'],
  good: ['CREATE SCHEMA archive;'],
  statements: {
    DropdbStmt: (node) =>
      harm(
        `drops database ${node.dbname ?? ''}`,
        `database ${node.dbname ?? ''}`,
        'Retire databases by hand, outside of migrations.',
      ),
  },
}
