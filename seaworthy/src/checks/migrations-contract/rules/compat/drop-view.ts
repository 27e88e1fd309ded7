import { as, rangeParts } from '../../../../sql/tree.ts'
import { viewColumns } from '../../apply.ts'
import { cascade, liveDrops } from '../../drops.ts'
import { NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-view',
  title: 'Drops a view',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The version that still runs, reports and other views read it. A view that is dropped and made again loses the privileges that were granted on it.',
  instead:
    'Keep it until nothing reads it. CREATE OR REPLACE VIEW changes a view in place as long as columns are only added at its end.',
  falseAlarm:
    'A view that is dropped and made again in the same transaction, with at least the same columns, is let through.',
  production:
    'Queries and reports that read it fail with "relation does not exist"; after DROP and CREATE they fail with "permission denied".',
  steps: [
    'CREATE OR REPLACE with new columns at the end, or a new view under another name.',
    'Move the readers, and release.',
    'Drop the old view in a later release.',
  ],
  bad: [
    'DROP VIEW active_users;',
    'DROP VIEW IF EXISTS active_users CASCADE;',
    'DROP VIEW active_users; CREATE VIEW active_users AS SELECT id FROM users;',
  ],
  good: [
    'CREATE VIEW v AS SELECT 1 AS n; DROP VIEW v;',
    {
      sql: 'DROP VIEW active_users; CREATE VIEW active_users AS SELECT id, email, age FROM users;',
      send: 'transaction',
    },
  ],
  statements: {
    DropStmt: (node, context) => {
      const dropped = liveDrops(node, context, ['OBJECT_VIEW'])
      if (dropped.length === 0) return NONE
      return dropped.flatMap((one) => {
        const before = context.view(one.name)?.columns ?? null
        const again = context.later
          .flatMap((later) => as(later, 'ViewStmt') ?? [])
          .find((later) => context.name(rangeParts(later.view)) === one.name)
        const after = again === undefined ? null : viewColumns(again.query, again.aliases)
        const isSame = before !== null && after !== null && before.every((column) => after.includes(column))
        if (isSame && node.behavior !== 'DROP_CASCADE') return []
        const subject = context.label('view', one.name)
        return {
          message: `drops ${subject}, which the running version may read${cascade(node)}`,
          subject,
          hint: `CREATE OR REPLACE VIEW ${context.sql(one.name)} AS … with the old columns first and new ones after them.`,
        }
      })
    },
  },
}
