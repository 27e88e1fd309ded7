import { as } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'security/alter-role',
  title: 'Changes or drops a role',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Roles belong to the whole server, other databases and services among them. A changed password, attribute or setting is felt at their next connection, and a migration tool cannot take it back.',
  instead: 'Manage roles where the server is managed.',
  production:
    'Another service on the server can no longer log in, or can do more than before. The release of this service caused it, and its rollback does not undo it.',
  steps: [
    'Change roles where the server is managed, in a change of its own.',
    'What this database alone needs, GRANT here.',
  ],
  falseAlarm:
    'The role belongs to this service alone, and the migration role is meant to manage it. Accept it in the policy.',
  bad: [
    'ALTER ROLE app SUPERUSER;',
    'ALTER ROLE app SET search_path = billing;',
    'DROP ROLE app;',
    'ALTER ROLE app RENAME TO app2;',
  ],
  good: ['CREATE ROLE reader NOLOGIN;', 'CREATE ROLE reader NOLOGIN; ALTER ROLE reader SET search_path = public;'],
  statements: {
    AlterRoleStmt: (node, context) => {
      const name = node.role?.rolename ?? 'the current role'
      return context.isNewObject('role', [name])
        ? NONE
        : harm(`changes role ${name}`, `role ${name}`, 'Manage roles where the server is managed.')
    },
    AlterRoleSetStmt: (node, context) => {
      const name = node.role?.rolename ?? 'every role'
      if (context.isNewObject('role', [name])) return NONE
      return harm(
        `changes ${node.setstmt?.name ?? 'a setting'} of role ${name}`,
        `role ${name}`,
        'Manage roles where the server is managed.',
      )
    },
    DropRoleStmt: (node, context) => {
      const names = (node.roles ?? [])
        .map((one) => as(one, 'RoleSpec')?.rolename ?? '')
        .filter((one) => !context.isNewObject('role', [one]))
      return names.length === 0
        ? NONE
        : harm(
            `drops role ${names.join(', ')}`,
            `role ${names.join(', ')}`,
            'Manage roles where the server is managed.',
          )
    },
    RenameStmt: (node, context) => {
      const name = node.subname ?? ''
      if (node.renameType !== 'OBJECT_ROLE' || context.isNewObject('role', [name])) return NONE
      return harm(`renames role ${name}`, `role ${name}`, 'Manage roles where the server is managed.')
    },
  },
}
