import { harm, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/drop-database',
  title: 'Drops a database',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'All of its data is gone.',
  instead: 'A migration works inside one database. Retire databases by hand, with a backup that was restored once.',
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
