import { as, objectParts, rangeParts } from '../../../../sql/tree.ts'
import type { RuleContext } from '../../context.ts'
import { harm, NONE, type Rule } from '../../rule.ts'
import type { Node } from '../../rule.ts'

/** The object's name, or null if this release made it. */
function liveName(node: Node, context: RuleContext): string | null {
  const range = as(node, 'RangeVar')
  const parts = range === undefined ? objectParts(node) : rangeParts(range)
  const name = context.name(parts)
  const routines = context.routines(name)
  const isNew =
    context.tableNamed(name)?.isNew === true ||
    context.view(name)?.isNew === true ||
    (routines.length > 0 && routines.every((one) => one.isNew)) ||
    (['schema', 'sequence', 'type', 'materialized view'] as const).some((sort) => context.isNewObject(sort, parts))
  return isNew ? null : name
}

export const rule: Rule = {
  code: 'security/revoke',
  title: 'Takes privileges away',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The running version, a report or a job that relies on the privilege fails with 42501 at its next query. As a role that does not own the object, REVOKE does nothing and only warns.',
  instead:
    'Release what works without the privilege first, then revoke it, with an acceptance in the policy that says who needs it no longer.',
  production: 'Queries of the running version fail with "permission denied", from the commit on.',
  steps: [
    'Release code that no longer needs the privilege, or that uses another role.',
    'Wait until no older version runs.',
    'REVOKE in a later release, with an acceptance.',
  ],
  falseAlarm:
    'REVOKE … FROM PUBLIC on an object that only granted roles use: their own grants stay. Accept it in the policy.',
  bad: ['REVOKE SELECT ON users FROM app;', 'REVOKE ALL ON SCHEMA billing FROM app;', 'REVOKE readers FROM app;'],
  good: [
    'CREATE TABLE t (a int); REVOKE ALL ON t FROM PUBLIC;',
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION f() FROM PUBLIC;",
  ],
  statements: {
    GrantStmt: (node, context) => {
      if (node.is_grant === true) return NONE
      const names = (node.objects ?? []).flatMap((one) => liveName(one, context) ?? [])
      if (names.length === 0) return NONE
      const whom = (node.grantees ?? []).map((one) => as(one, 'RoleSpec')?.rolename ?? 'PUBLIC').join(', ')
      const sort = (node.objtype ?? 'object').replace('OBJECT_', '').toLowerCase()
      const subject = context.label(sort, names.join(', '))
      return harm(
        `takes privileges on ${subject} away from ${whom}`,
        subject,
        'Revoke it when nothing that runs relies on it.',
      )
    },
    GrantRoleStmt: (node) => {
      if (node.is_grant === true) return NONE
      const roles = (node.granted_roles ?? []).map((one) => as(one, 'AccessPriv')?.priv_name ?? '').join(', ')
      const whom = (node.grantee_roles ?? []).map((one) => as(one, 'RoleSpec')?.rolename ?? '').join(', ')
      return harm(
        `takes the role ${roles} away from ${whom}`,
        `role ${whom}`,
        'Revoke it when nothing that runs relies on it.',
      )
    },
  },
}
