import { as } from '../../../../sql/tree.ts'
import { harm, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'ownership/default-privileges',
  title: 'Changes default privileges',
  profiles: ['online'],
  severity: 'note',
  why: 'They hold only for objects that the role of this statement creates later: by default the one that migrates, which is another one than many expect. Nothing that exists gets them.',
  instead: 'Name the role with FOR ROLE, and grant on what exists besides.',
  production:
    'Tables of later migrations can be read by more, or by fewer, than the author meant. "permission denied" shows up in a release that changed no grant.',
  steps: ['Name the role whose objects are meant, with FOR ROLE.', 'GRANT on what exists besides.'],
  falseAlarm: 'The migrating role is the only one that creates objects, and meant to be.',
  bad: ['ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO app;'],
  good: ['GRANT SELECT ON ALL TABLES IN SCHEMA public TO app;'],
  statements: {
    AlterDefaultPrivilegesStmt: (node) => {
      const option = (node.options ?? [])
        .flatMap((one) => as(one, 'DefElem') ?? [])
        .find((one) => one.defname === 'roles')
      return harm(
        option === undefined
          ? 'changes default privileges for what the migrating role creates from now on'
          : 'changes default privileges for what the named role creates from now on',
        'default privileges',
        'ALTER DEFAULT PRIVILEGES FOR ROLE … says whose objects are meant.',
      )
    },
  },
}
