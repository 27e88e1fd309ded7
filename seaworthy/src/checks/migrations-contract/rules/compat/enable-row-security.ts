import type { CommandHandlers } from '../../rule.ts'
import { harm, NONE, type Rule } from '../../rule.ts'
import type { CommandKind } from '../../../../sql/tree.ts'

const enables: CommandHandlers[CommandKind] = (_, context, node) => {
  if (!context.changesLiveTable(node)) return NONE
  const subject = context.label('table', context.nameOf(node.relation))
  return harm(
    `switches row security on for ${subject}: whoever no policy lets through sees no row`,
    subject,
    'Create the policies first, and try the running version as its own role against them.',
  )
}

export const rule: Rule = {
  code: 'compat/enable-row-security',
  title: 'Switches row security on for an existing table',
  profiles: ['online'],
  severity: 'error',
  why: 'Queries of the running version return nothing, and its writes fail, for every role that no policy lets through; with FORCE also for the owner. No error says so for reads.',
  instead:
    'Create policies that let the running roles through, prove it in the rehearsal, and accept this finding in the policy for that release.',
  production: 'Pages are empty without an error, and writes fail with "new row violates row-level security policy".',
  steps: [
    'Create the policies for every role that the running version uses.',
    'Try its queries as those roles in the rehearsal (`--workload`).',
    'Switch row security on in a release that only does that.',
  ],
  falseAlarm:
    'Policies that let every running role through exist before this statement, and the table is not forced on its owner.',
  bad: ['ALTER TABLE users ENABLE ROW LEVEL SECURITY;', 'ALTER TABLE users FORCE ROW LEVEL SECURITY;'],
  good: ['CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY;'],
  commands: { AT_EnableRowSecurity: enables, AT_ForceRowSecurity: enables },
}
