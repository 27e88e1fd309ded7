import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'repeat/create-index-if-not-exists',
  title: 'Creates an index without IF NOT EXISTS',
  profiles: ['additive'],
  severity: 'error',
  why: 'Where data is carried from one version to another, a migration may meet its own index: without IF NOT EXISTS it fails, and the service with it.',
  instead: 'CREATE INDEX IF NOT EXISTS, with a name.',
  bad: ['CREATE INDEX orders_status ON orders (status);', 'CREATE INDEX ON orders (status);'],
  good: ['CREATE INDEX IF NOT EXISTS orders_status ON orders (status);'],
  statements: {
    IndexStmt: (node, context) => {
      if (node.if_not_exists === true) return NONE
      const name = context.nameOf(node.relation)
      return harm(
        `creates index ${node.idxname ?? 'without a name'} on ${context.label('table', name)} without IF NOT EXISTS`,
        context.label('table', name),
        `CREATE INDEX IF NOT EXISTS ${context.sql(node.idxname ?? 'a_name')} ON ${context.sql(name)} (…);`,
      )
    },
  },
}
