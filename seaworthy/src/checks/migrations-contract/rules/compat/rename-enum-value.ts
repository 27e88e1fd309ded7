import { partsOf } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/rename-enum-value',
  title: 'Renames a value of an enum',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The version that still runs writes the old value, which is refused, and reads a value that it does not know.',
  instead: 'Add the new value, let the code understand both, and move the rows over in batches.',
  production:
    'Writes of the old version fail with "invalid input value for enum", and it reads a value that it has no branch for.',
  steps: [
    'ADD VALUE in a migration of its own.',
    'Release code that understands both values and writes the new one.',
    'Move the rows over in batches. The old value stays in the type.',
  ],
  falseAlarm: 'A value that no row and no running code uses.',
  bad: ["ALTER TYPE mood RENAME VALUE 'sad' TO 'unhappy';"],
  good: ["ALTER TYPE mood ADD VALUE 'unhappy';"],
  statements: {
    AlterEnumStmt: (node, context) => {
      const parts = partsOf(node.typeName)
      if (node.oldVal === undefined || context.isNewObject('type', parts)) return NONE
      const name = context.name(parts)
      return harm(
        `renames value '${node.oldVal}' of ${context.label('type', name)} to '${node.newVal ?? ''}'`,
        context.label('type', name),
        `ALTER TYPE ${context.sql(name)} ADD VALUE '${(node.newVal ?? '').replaceAll("'", "''")}';`,
      )
    },
  },
}
