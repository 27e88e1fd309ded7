import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'security/session-replication-role',
  title: 'Switches triggers and foreign keys off for the session',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Rows that break a foreign key come in without an error, and audit triggers see nothing. It needs a superuser.',
  instead: 'Load in an order that the foreign keys allow, or make them DEFERRABLE.',
  production:
    'Nothing fails: foreign keys and triggers are not looked at, and rows without a partner are in the tables.',
  steps: ['Leave the setting alone.', 'Load rows in the order of their foreign keys, or with deferrable ones.'],
  falseAlarm: 'A copy of rows that are known to be consistent, checked by a query afterwards. Accept it in the policy.',
  bad: [
    "SET session_replication_role = 'replica';",
    "SELECT set_config('session_replication_role', 'replica', false);",
  ],
  good: ["SET statement_timeout = '5s';", 'RESET session_replication_role;'],
  statements: {
    VariableSetStmt: (node) =>
      node.name === 'session_replication_role' && node.kind === 'VAR_SET_VALUE'
        ? harm('switches triggers and foreign keys off for the session', 'session_replication_role', 'Leave it out.')
        : NONE,
  },
}
