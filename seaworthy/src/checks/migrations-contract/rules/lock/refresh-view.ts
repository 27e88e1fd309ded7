import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/refresh-view',
  title: 'Refreshes a materialized view under a lock',
  profiles: ['online'],
  severity: 'warning',
  why: 'Nobody reads the view until the refresh is done.',
  instead: 'REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on the view.',
  production: 'Queries of the view wait until it is computed anew.',
  steps: [
    'Give the view a unique index over plain columns.',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY: readers see the old rows until it is done.',
  ],
  falseAlarm: 'A view that nothing reads while the release is going on.',
  bad: ['REFRESH MATERIALIZED VIEW totals;'],
  good: ['REFRESH MATERIALIZED VIEW CONCURRENTLY totals;'],
  statements: {
    RefreshMatViewStmt: (node, context) => {
      const name = context.nameOf(node.relation)
      if (node.concurrent === true || context.isNewObject('materialized view', name.split('.'))) return NONE
      return harm(
        `refreshes ${name} while nobody can read it`,
        context.label('materialized view', name),
        `REFRESH MATERIALIZED VIEW CONCURRENTLY ${context.sql(name)};`,
      )
    },
  },
}
