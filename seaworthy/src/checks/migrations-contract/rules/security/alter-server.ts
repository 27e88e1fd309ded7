import { harm, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'security/alter-server',
  title: 'Changes a setting of the server or the database',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'ALTER SYSTEM is felt by every database of the server, ALTER DATABASE SET by every new connection, long after the release and outside of any review of it. ALTER SYSTEM needs a superuser.',
  instead: 'Change settings where the server is managed; SET LOCAL does for one migration.',
  production: 'New connections of every service behave differently, hours after the release, when pools are renewed.',
  steps: [
    'SET LOCAL for what only this migration needs.',
    'ALTER ROLE or the configuration of the server for the rest, in a change of its own.',
  ],
  falseAlarm: 'A server that holds this database only, and is managed by its migrations.',
  bad: ["ALTER SYSTEM SET work_mem = '1GB';", 'ALTER DATABASE app SET search_path = billing;'],
  good: ["SET LOCAL statement_timeout = '5s';"],
  statements: {
    AlterSystemStmt: (node) =>
      harm(
        `changes ${node.setstmt?.name ?? 'a setting'} of the whole server`,
        'the server',
        'SET LOCAL for this migration, or the configuration of the server.',
      ),
    AlterDatabaseSetStmt: (node) =>
      harm(
        `changes ${node.setstmt?.name ?? 'a setting'} for every new connection to database ${node.dbname ?? ''}`,
        `database ${node.dbname ?? ''}`,
        'SET LOCAL for this migration, or the configuration of the server.',
      ),
  },
}
