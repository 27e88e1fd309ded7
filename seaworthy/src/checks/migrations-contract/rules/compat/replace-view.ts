import { viewColumns } from '../../apply.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/replace-view',
  title: 'Replaces a view by one with other columns',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'CREATE OR REPLACE VIEW may only add columns at the end. With a column gone, renamed or moved the server refuses it (42P16), and what reads the view would break.',
  instead: 'Keep the old columns in their order and add new ones after them, or make a view of another name.',
  production: 'The migration fails with 42P16, or, dropped and made again, queries that name the lost column fail.',
  steps: [
    'Keep the old columns in their order and add the new ones behind them; or make a view of another name.',
    'Move the readers, and release.',
    'Drop the old view later.',
  ],
  falseAlarm: 'The column only has another expression under the same name, which this rule cannot always tell.',
  bad: [
    'CREATE OR REPLACE VIEW active_users AS SELECT id FROM users;',
    'CREATE OR REPLACE VIEW active_users AS SELECT email, id FROM users;',
  ],
  good: [
    'CREATE OR REPLACE VIEW active_users AS SELECT id, email, age FROM users;',
    'CREATE VIEW v AS SELECT 1 AS n; CREATE OR REPLACE VIEW v AS SELECT 1 AS n;',
  ],
  statements: {
    ViewStmt: (node, context) => {
      if (node.replace !== true) return NONE
      const name = context.nameOf(node.view)
      const before = context.view(name)?.columns ?? null
      const after = viewColumns(node.query, node.aliases)
      if (before === null || after === null) return NONE
      const lost = before.find((column, index) => after[index] !== column)
      if (lost === undefined) return NONE
      const subject = context.label('view', name)
      return harm(
        `replaces ${subject} by one in which column ${lost} is gone or has moved`,
        subject,
        `Keep ${before.join(', ')} first, in this order.`,
      )
    },
  },
}
