import { objectParts, rangeParts } from '../../../../sql/tree.ts'
import { SORT_OF } from '../../apply-names.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'ownership/change-owner',
  title: 'Changes the owner of something that exists',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The old owner loses every right that came with owning it, among them later migrations of it (42501). The one who changes it must be a member of both roles.',
  instead:
    'Grant what the other role needs. Where the owner has to change, do it by hand, with the roles of production in view.',
  production:
    'The next migration of that table fails with "must be owner of table"; SECURITY DEFINER functions and views run with other rights from now on.',
  steps: [
    'Grant the other role what it needs.',
    'If the owner has to change, let somebody do it who knows the roles of production, and say it in `roles` of the configuration.',
    'Rehearse with split roles, or with the shape of production.',
  ],
  falseAlarm: 'The new owner is the role that migrates from now on. Accept it in the policy.',
  bad: [
    'ALTER TABLE users OWNER TO app;',
    'ALTER FUNCTION total_of(bigint) OWNER TO app;',
    'REASSIGN OWNED BY old_app TO app;',
  ],
  good: ['CREATE TABLE t (a int); ALTER TABLE t OWNER TO app;', 'GRANT SELECT ON users TO app;'],
  statements: {
    AlterOwnerStmt: (node, context) => {
      const parts = node.relation === undefined ? objectParts(node.object) : rangeParts(node.relation)
      const sort = node.objectType === undefined ? undefined : SORT_OF[node.objectType]
      const name = sort === undefined ? context.name(parts) : context.objectName(sort, parts)
      const routines = context.routines(name)
      if (
        (sort !== undefined && context.isNewObject(sort, parts)) ||
        (routines.length > 0 && routines.every((one) => one.isNew))
      )
        return NONE
      const subject = context.label((node.objectType ?? 'object').replace('OBJECT_', '').toLowerCase(), name)
      return harm(
        `gives ${subject} to ${node.newowner?.rolename ?? 'another role'}`,
        subject,
        `GRANT … TO ${node.newowner?.rolename ?? '…'};`,
      )
    },
    ReassignOwnedStmt: (node) =>
      harm(
        `gives everything that a role owns to ${node.newrole?.rolename ?? 'another role'}`,
        `role ${node.newrole?.rolename ?? ''}`,
        'Name the objects one by one.',
      ),
  },
  commands: {
    AT_ChangeOwner: (command, context, node) => {
      const name = context.nameOf(node.relation)
      const parts = name.split('.')
      const isNew =
        context.isNewTable(node.relation) ||
        context.view(name)?.isNew === true ||
        context.isNewObject('sequence', parts) ||
        context.isNewObject('materialized view', parts) ||
        context.isNewObject('type', parts)
      if (isNew) return NONE
      const subject = context.label('table', name)
      return harm(
        `gives ${subject} to ${command.newowner?.rolename ?? 'another role'}`,
        subject,
        `GRANT … ON ${context.sql(name)} TO ${command.newowner?.rolename ?? '…'};`,
      )
    },
  },
}
