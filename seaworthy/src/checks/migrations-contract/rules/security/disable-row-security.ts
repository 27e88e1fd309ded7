import type { CommandKind } from '../../../../sql/tree.ts'
import { type CommandHandlers, harm, NONE, type Rule } from '../../rule.ts'

const disables: CommandHandlers[CommandKind] = (_, context, node) => {
  if (!context.changesLiveTable(node)) return NONE
  const subject = context.label('table', context.nameOf(node.relation))
  return harm(
    `switches row security off for ${subject}: every role that may read it sees every row`,
    subject,
    'Change the policies in its place.',
  )
}

export const rule: Rule = {
  code: 'security/disable-row-security',
  title: 'Switches row security off',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Rows that the policies kept apart, such as those of different tenants, can be read by every role with SELECT. NO FORCE does the same for the owner.',
  instead: 'Change the policies. A job that must see all rows gets a role with BYPASSRLS.',
  production: 'Nothing fails: every role with SELECT sees the rows of all tenants.',
  steps: [
    'Leave it on, and give the role that has to see everything a policy of its own.',
    'Where the table no longer needs it, take the grants away first.',
  ],
  falseAlarm: 'No role but the owner has any privilege on the table.',
  bad: ['ALTER TABLE users DISABLE ROW LEVEL SECURITY;', 'ALTER TABLE users NO FORCE ROW LEVEL SECURITY;'],
  good: ['CREATE TABLE t (a int); ALTER TABLE t DISABLE ROW LEVEL SECURITY;'],
  commands: { AT_DisableRowSecurity: disables, AT_NoForceRowSecurity: disables },
}
