import { dropHarms } from '../../drops.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'data-loss/drop-table',
  title: 'Drops a table',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Every row is gone, and no rollback of the release brings it back. The version that still runs fails on its next query of the table.',
  instead:
    'Take the table out of the code first and release that. Rename nothing, drop nothing in the same release. Once a backup is kept and no version in production reads the table, drop it in a release of its own, with an acceptance in the policy that says so.',
  falseAlarm:
    'A table that this release creates may be dropped again; a table that no known migration created counts as live.',
  production:
    'Every query of the table fails in the version that still runs, and a rollback finds no table either. The rows only exist in backups.',
  steps: [
    'Release code that neither reads nor writes the table.',
    'Keep a backup or a copy, and wait until no older version can come back.',
    'Drop the table in a release of its own, with an acceptance in the policy that names it.',
  ],
  bad: [
    'DROP TABLE orders;',
    'DROP TABLE IF EXISTS users CASCADE;',
    "DO $$ BEGIN EXECUTE 'DROP TABLE orders'; END $$;",
  ],
  good: ['CREATE TABLE scratch (id int); DROP TABLE scratch;', 'CREATE TEMP TABLE orders (id int); DROP TABLE orders;'],
  statements: {
    DropStmt: (node, context) =>
      dropHarms(
        node,
        context,
        ['OBJECT_TABLE', 'OBJECT_FOREIGN_TABLE'],
        (table) => ({
          message: `drops ${table} with all its rows`,
          hint: 'Release a version that no longer uses the table first; drop it later, with a backup and an acceptance in the policy.',
        }),
        'table',
      ),
  },
}
