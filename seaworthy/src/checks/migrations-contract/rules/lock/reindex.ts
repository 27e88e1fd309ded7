import { isOptionOn } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/reindex',
  title: 'Rebuilds indexes under a lock',
  profiles: ['online'],
  severity: 'error',
  why: 'REINDEX blocks writes to the table, and reads that would use the index, until it is done.',
  instead: 'REINDEX … CONCURRENTLY, outside of a transaction, or as upkeep outside of migrations.',
  production: 'Writes to the table wait until the index is built, and so do reads that would use it.',
  steps: [
    'REINDEX … CONCURRENTLY, alone and without a transaction, or as upkeep outside of migrations.',
    'If it fails, drop the invalid index whose name ends in `_ccnew`.',
  ],
  falseAlarm: 'A table that is known to stay small.',
  bad: ['REINDEX TABLE users;', 'REINDEX INDEX users_nickname_idx;'],
  good: ['REINDEX INDEX CONCURRENTLY users_nickname_idx;', 'CREATE TABLE t (a int PRIMARY KEY); REINDEX TABLE t;'],
  statements: {
    ReindexStmt: (node, context) => {
      if (isOptionOn(node.params, 'concurrently')) return NONE
      const name = node.relation === undefined ? (node.name ?? 'the database') : context.nameOf(node.relation)
      const table = node.kind === 'REINDEX_OBJECT_INDEX' ? context.index(name)?.table : name
      if (context.tableNamed(table ?? '')?.isNew === true) return NONE
      const sort = node.kind?.replace('REINDEX_OBJECT_', '').toLowerCase() ?? 'index'
      const subject = context.label(sort, name)
      return harm(
        `rebuilds ${subject} under a lock`,
        subject,
        `REINDEX ${sort.toUpperCase()} CONCURRENTLY ${context.sql(name)};`,
      )
    },
  },
}
