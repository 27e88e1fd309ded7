import type { RuleContext } from '../../context.ts'
import { type Harms, harm, NONE, type Rule } from '../../rule.ts'

const refused = (what: string, context: RuleContext): Harms =>
  context.sending.isAlone
    ? NONE
    : harm(
        `${what} cannot run inside a transaction, and this file is sent in one (25001)`,
        what,
        'Run it outside of migrations, or alone in a file without a transaction.',
      )

export const rule: Rule = {
  code: 'apply/not-in-transaction',
  title: 'A statement that no transaction allows',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The server refuses VACUUM, CREATE DATABASE, ALTER SYSTEM and their like inside a transaction block: the migration fails in production.',
  instead:
    'Such upkeep belongs outside of migrations. Where it must be one, put it alone into a file that the tool sends without a transaction.',
  production:
    'The migration fails with 25001, and what came before it in the file is rolled back or, statement by statement, stays.',
  steps: [
    'Take it out of the migrations: it is upkeep.',
    'Where it must be one, put it alone into a file that the tool sends without a transaction.',
  ],
  falseAlarm: 'A wrapper around the tool sends these files differently than the tool itself does.',
  bad: [
    { sql: 'VACUUM users;', send: 'transaction' },
    { sql: 'CREATE DATABASE reports;', send: 'transaction' },
    { sql: 'CREATE TABLE IF NOT EXISTS t (a int); VACUUM t;', send: 'batch' },
  ],
  good: [
    { sql: 'VACUUM users;', send: 'batch' },
    { sql: 'ANALYZE users;', send: 'transaction' },
  ],
  statements: {
    VacuumStmt: (node, context) => (node.is_vacuumcmd === true ? refused('VACUUM', context) : NONE),
    CreatedbStmt: (_, context) => refused('CREATE DATABASE', context),
    DropdbStmt: (_, context) => refused('DROP DATABASE', context),
    AlterSystemStmt: (_, context) => refused('ALTER SYSTEM', context),
    CreateTableSpaceStmt: (_, context) => refused('CREATE TABLESPACE', context),
    DropTableSpaceStmt: (_, context) => refused('DROP TABLESPACE', context),
    ClusterStmt: (node, context) => (node.relation === undefined ? refused('CLUSTER of everything', context) : NONE),
    ReindexStmt: (node, context) =>
      node.kind === 'REINDEX_OBJECT_SCHEMA' ||
      node.kind === 'REINDEX_OBJECT_DATABASE' ||
      node.kind === 'REINDEX_OBJECT_SYSTEM'
        ? refused('REINDEX of a schema or database', context)
        : NONE,
  },
}
