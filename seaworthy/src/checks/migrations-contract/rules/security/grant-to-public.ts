import { as, objectParts, rangeParts } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'security/grant-to-public',
  title: 'Grants to everybody',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'PUBLIC is every role of the server, those of other services and those that are made later among them.',
  instead: 'Grant to a named role.',
  production:
    'Nothing fails: every role of the server, reporting tools and other services among them, may read or change it.',
  steps: ['Name the role that needs it.', 'Several roles: a group role without login, and GRANT to that.'],
  falseAlarm:
    'Something that is meant for everybody, such as USAGE on a schema of public functions. Accept it in the policy.',
  bad: ['GRANT SELECT ON users TO PUBLIC;', 'GRANT CREATE ON SCHEMA public TO PUBLIC;'],
  good: ['GRANT SELECT ON users TO app;'],
  statements: {
    GrantStmt: (node, context) => {
      const isPublic = (node.grantees ?? []).some((one) => as(one, 'RoleSpec')?.roletype === 'ROLESPEC_PUBLIC')
      if (node.is_grant !== true || !isPublic) return NONE
      const isSchema = node.objtype === 'OBJECT_SCHEMA'
      const names = (node.objects ?? []).map((one) => {
        const range = as(one, 'RangeVar')
        const parts = range === undefined ? objectParts(one) : rangeParts(range)
        return isSchema ? (parts.at(-1) ?? '') : context.name(parts)
      })
      const subject = context.label((node.objtype ?? 'object').replace('OBJECT_', '').toLowerCase(), names.join(', '))
      return harm(`grants privileges on ${subject} to every role`, subject, 'Name the role in place of PUBLIC.')
    },
  },
}
