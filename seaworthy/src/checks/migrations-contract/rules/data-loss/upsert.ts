import { as } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/upsert',
  title: 'Seeds over rows that may exist',
  profiles: ['online', 'additive'],
  severity: 'warning',
  why: 'ON CONFLICT DO UPDATE, and MERGE with WHEN MATCHED THEN UPDATE, overwrite what production has changed since: a setting that somebody tuned goes back to the seed.',
  instead: 'ON CONFLICT DO NOTHING leaves existing rows alone.',
  falseAlarm: 'A table that only migrations ever write. Accept it in the policy by its subject.',
  production:
    'A setting that somebody changed in production goes back to what the seed says, at every deploy that runs it.',
  steps: [
    'Insert with ON CONFLICT DO NOTHING.',
    'Where a value has to change, UPDATE it by key, and only where it still has the old seed value.',
  ],
  bad: [
    "INSERT INTO users (id, email) VALUES (1, 'root@example.org') ON CONFLICT (id) DO UPDATE SET email = EXCLUDED.email;",
    "MERGE INTO users u USING orders o ON u.id = o.user_id WHEN MATCHED THEN UPDATE SET nickname = 'buyer';",
  ],
  good: ["INSERT INTO users (id, email) VALUES (1, 'root@example.org') ON CONFLICT DO NOTHING;"],
  statements: {
    InsertStmt: (node, context) => {
      if (node.onConflictClause?.action !== 'ONCONFLICT_UPDATE' || context.isNewTable(node.relation)) return NONE
      const subject = context.label('table', context.nameOf(node.relation))
      const columns = (node.onConflictClause.targetList ?? []).flatMap((one) => as(one, 'ResTarget')?.name ?? [])
      return harm(
        `overwrites ${columns.join(', ')} in rows of ${subject} that exist already`,
        subject,
        'ON CONFLICT DO NOTHING',
      )
    },
    MergeStmt: (node, context) => {
      const clauses = (node.mergeWhenClauses ?? []).flatMap((one) => as(one, 'MergeWhenClause') ?? [])
      if (context.isNewTable(node.relation) || !clauses.some((one) => one.commandType === 'CMD_UPDATE')) return NONE
      const subject = context.label('table', context.nameOf(node.relation))
      return harm(
        `overwrites rows of ${subject} that the source matches`,
        subject,
        'Keep only WHEN NOT MATCHED THEN INSERT.',
      )
    },
  },
}
