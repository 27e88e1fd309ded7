import { type Node, partsOf, walk } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

/** Such a statement only names the value: it does not use it. */
const isHarmless = (node: Node): boolean => 'AlterEnumStmt' in node || 'CommentStmt' in node || 'CreateEnumStmt' in node

function uses(nodes: readonly Node[], value: string): boolean {
  let found = false
  for (const node of nodes) {
    if (isHarmless(node)) continue
    walk([node], 'A_Const', (constant) => (found ||= constant.sval?.sval === value))
  }
  return found
}

export const rule: Rule = {
  code: 'apply/enum-value-in-same-transaction',
  title: 'Uses an enum value in the transaction that adds it',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'PostgreSQL refuses the value until the transaction that added it has committed (55P04, "unsafe use of new value"): the migration fails.',
  instead: 'Add the value in one migration, and use it in the next.',
  production: 'The migration fails with 55P04, and the service does not start.',
  steps: ['ADD VALUE in one migration.', 'Use the value in the next one, which runs in a transaction of its own.'],
  falseAlarm:
    'The type itself was created in the same transaction: PostgreSQL allows it then, and this rule is silent if it has read the CREATE TYPE.',
  bad: [
    {
      sql: "ALTER TYPE mood ADD VALUE 'glad'; ALTER TABLE people ALTER COLUMN mood SET DEFAULT 'glad';",
      send: 'transaction',
    },
    { sql: "ALTER TYPE mood ADD VALUE 'glad'; INSERT INTO people (mood) VALUES ('glad');", send: 'batch' },
  ],
  good: [
    { sql: "ALTER TYPE mood ADD VALUE 'glad';", send: 'transaction' },
    "ALTER TYPE mood ADD VALUE 'glad'; INSERT INTO people (mood) VALUES ('glad');",
  ],
  statements: {
    AlterEnumStmt: (node, context) => {
      const value = node.newVal
      const parts = partsOf(node.typeName)
      if (value === undefined || node.oldVal !== undefined || context.isNewObject('type', parts)) return NONE
      if (!uses(context.later, value)) return NONE
      const subject = context.label('type', context.name(parts))
      return harm(
        `adds value '${value}' to ${subject} and uses it in the same transaction (55P04)`,
        subject,
        'Use the value in the next migration.',
      )
    },
  },
}
