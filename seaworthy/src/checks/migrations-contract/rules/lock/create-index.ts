import { as } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/create-index',
  title: 'Builds an index while writes wait',
  profiles: ['online'],
  severity: 'error',
  why: 'CREATE INDEX blocks every write to the table until it is done: minutes on a large table.',
  instead:
    'CREATE INDEX CONCURRENTLY, alone in a migration that the tool does not wrap in a transaction. If it fails it leaves an invalid index behind: drop that before trying again.',
  falseAlarm: 'A table that is known to stay small. Accept it inline with the reason.',
  production:
    'Reads go on; every write to the table waits until the index is built, then connections pile up behind the writes.',
  steps: [
    'CREATE INDEX CONCURRENTLY, alone in a migration without a transaction.',
    'If it fails, DROP INDEX CONCURRENTLY the invalid index before trying again.',
    'Only then release the code that needs it to be fast.',
  ],
  bad: ['CREATE INDEX ON orders (status);', 'CREATE UNIQUE INDEX IF NOT EXISTS users_age ON users (age);'],
  good: [
    'CREATE INDEX CONCURRENTLY orders_status ON orders (status);',
    'CREATE TABLE t (a int); CREATE INDEX ON t (a);',
    'CREATE INDEX events_id ON ONLY events (id);',
  ],
  statements: {
    IndexStmt: (node, context) => {
      if (node.concurrent === true || context.isNewTable(node.relation)) return NONE
      const table = context.nameOf(node.relation)
      // ONLY the root of a partitioned table: it has no rows, and its partitions are left for later.
      if (node.relation?.inh !== true && context.tableNamed(table)?.isPartitioned === true) return NONE
      if (context.isNewObject('materialized view', table.split('.'))) return NONE
      const columns = (node.indexParams ?? []).map((one) => as(one, 'IndexElem')?.name)
      const list = columns.map((one) => (one === undefined ? '…' : context.sql(one))).join(', ')
      const name = node.idxname === undefined ? '' : ` ${context.sql(node.idxname)}`
      return harm(
        `builds index${name} on ${context.label('table', table)} while every write to it waits`,
        context.label('table', table),
        `CREATE ${node.unique === true ? 'UNIQUE ' : ''}INDEX CONCURRENTLY${name} ON ${context.sql(table)} (${list}); alone in a migration without a transaction.`,
      )
    },
  },
}
