import { harm, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/drop-owned',
  title: 'Drops all that a role owns',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'DROP OWNED takes every table, view and function of the role in this database, and revokes its privileges. Which ones is not written anywhere in the release.',
  instead: 'Name what is to go, object by object; to retire a role, first hand its objects over.',
  production:
    'Tables are gone that nobody named in the review, and the role can no longer log in to what it was granted.',
  steps: [
    'List what the role owns and may do (`\\dp`, `pg_shdepend`).',
    'Give each object that stays to another role, by hand.',
    'Drop the rest by name, in releases in which nothing uses it.',
  ],
  falseAlarm: 'A role that owns nothing in this database. Write REVOKE for what it was granted instead.',
  bad: ['DROP OWNED BY reporting;', 'DROP OWNED BY reporting CASCADE;'],
  good: ['CREATE ROLE reporting_reader NOLOGIN;'],
  statements: {
    DropOwnedStmt: (node) => {
      const roles = (node.roles ?? []).flatMap((one) =>
        'RoleSpec' in one ? (one.RoleSpec.rolename ?? 'the current role') : [],
      )
      return harm(
        `drops everything that ${roles.join(', ')} owns in this database`,
        `role ${roles.join(', ')}`,
        'Name the objects one by one.',
      )
    },
  },
}
