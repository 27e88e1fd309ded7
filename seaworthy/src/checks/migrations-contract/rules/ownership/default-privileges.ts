import { as } from '../../../../sql/tree.ts'
import { harm, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'ownership/default-privileges',
  title: 'Changes default privileges',
  profiles: ['online'],
  severity: 'note',
  why: 'They hold only for objects that the role of this statement creates later: by default the one that migrates, which is another one than many expect. Nothing that exists gets them.',
  instead: 'Name the role with FOR ROLE, and grant on what exists besides.',
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
