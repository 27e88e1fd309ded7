import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'security/set-role',
  title: 'Becomes another role',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: "What follows is done, and owned, by another role than the tool connects as. The tool's own record of the migration may fail, and the role stays set for the next migration in the session.",
  instead: 'Let the tool connect as the role that owns the objects; grant what is missing.',
  production:
    'The rest of the migration, in some tools of all migrations, runs with other rights than the review assumed, and what it creates belongs to another role.',
  steps: [
    'Run the migrations as the role that is to own the objects.',
    'Where a part needs another role, let that role apply it.',
  ],
  falseAlarm:
    'SET LOCAL ROLE to the owner of the tables, in a setup that is rehearsed with its real roles. Accept it in the policy.',
  bad: ['SET ROLE owner;', 'SET SESSION AUTHORIZATION owner;', "SELECT set_config('role', 'owner', false);"],
  good: ["SET lock_timeout = '5s';", 'RESET ROLE;'],
  statements: {
    VariableSetStmt: (node) =>
      (node.name === 'role' || node.name === 'session_authorization') && node.kind === 'VAR_SET_VALUE'
        ? harm('becomes another role for what follows', node.name, 'Connect as the role that is needed.')
        : NONE,
    SelectStmt: (node) => {
      for (const target of node.targetList ?? []) {
        const call =
          'ResTarget' in target && target.ResTarget.val !== undefined && 'FuncCall' in target.ResTarget.val
            ? target.ResTarget.val.FuncCall
            : null
        const name = call?.funcname?.at(-1)
        const setting = call?.args?.[0]
        if (name === undefined || !('String' in name) || name.String.sval !== 'set_config') continue
        if (setting === undefined || !('A_Const' in setting)) continue
        if (['role', 'session_authorization'].includes(setting.A_Const.sval?.sval ?? '')) {
          return harm(
            'becomes another role for what follows',
            setting.A_Const.sval?.sval ?? '',
            'Connect as the role that is needed.',
          )
        }
      }
      return NONE
    },
  },
}
