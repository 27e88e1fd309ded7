import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'repeat/create-index-if-not-exists',
  title: 'Creates an index without IF NOT EXISTS',
  profiles: ['additive'],
  severity: 'error',
  why: 'Where data is carried from one version to another, a migration may meet its own index: without IF NOT EXISTS it fails, and the service with it.',
  instead: 'CREATE INDEX IF NOT EXISTS, with a name.',
  production: 'A tenant whose data has been through that version before does not come up: "relation already exists".',
  steps: [
    'CREATE INDEX IF NOT EXISTS, with a name that belongs to these columns.',
    'If the columns change, take a new name: IF NOT EXISTS looks at nothing but the name.',
  ],
  falseAlarm:
    'A folder whose ledger travels with the data, so that no migration meets its own work. The profile `online` does not ask for it.',
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
