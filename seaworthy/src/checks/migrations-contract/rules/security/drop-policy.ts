import { as } from '../../../../sql/tree.ts'
import { liveDrops } from '../../drops.ts'
import { NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'security/drop-policy',
  title: 'Drops a row security policy',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'A permissive policy lets rows through: without it the running version sees none. A restrictive one keeps rows back: without it everybody sees them.',
  instead: 'ALTER POLICY changes it in place.',
  falseAlarm:
    'A policy that is dropped and made again under its name in the same transaction is a warning: read the new one.',
  production: 'Nothing fails for a role that now sees more; for one that now sees less, pages are empty.',
  steps: [
    'Create the new policy beside the old one, as strict as it has to be.',
    'Try the queries as each role in the rehearsal (`--workload`).',
    'Drop the old one when the new one is proved.',
  ],
  bad: [
    'DROP POLICY own_rows ON users;',
    { sql: 'DROP POLICY own_rows ON users; CREATE POLICY own_rows ON users USING (true);', send: 'transaction' },
  ],
  good: [
    'CREATE TABLE t (a int); CREATE POLICY p ON t USING (true); DROP POLICY p ON t;',
    'ALTER POLICY own_rows ON users USING (id = 1);',
  ],
  statements: {
    DropStmt: (node, context) => {
      const dropped = liveDrops(node, context, ['OBJECT_POLICY'])
      if (dropped.length === 0) return NONE
      return dropped.map((one) => {
        const own = one.parts.at(-1) ?? ''
        const table = context.name(one.parts.slice(0, -1))
        const isMadeAgain = context.later
          .flatMap((later) => as(later, 'CreatePolicyStmt') ?? [])
          .some((made) => made.policy_name === own && context.nameOf(made.table) === table)
        const subject = context.label('policy', `${table}.${own}`)
        const hint = `ALTER POLICY ${context.sql(own)} ON ${context.sql(table)} …;`
        return isMadeAgain
          ? {
              message: `replaces policy ${own} of ${context.label('table', table)}: read the new one`,
              subject,
              hint,
              severity: 'warning' as const,
            }
          : { message: `drops policy ${own} of ${context.label('table', table)}`, subject, hint }
      })
    },
  },
}
