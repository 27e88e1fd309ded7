import type { RangeVar } from '../../../../sql/tree.ts'
import { harm, type Harms, NONE, type Rule } from '../../rule.ts'

/** Where migration tools record what they applied. */
const LEDGERS: ReadonlySet<string> = new Set([
  'schema_migrations',
  '_sqlx_migrations',
  '__diesel_schema_migrations',
  '_prisma_migrations',
  '__drizzle_migrations',
])

function edits(verb: string, relation: RangeVar | undefined, subject: string): Harms {
  if (!LEDGERS.has(relation?.relname ?? '')) return NONE
  return harm(`${verb} rows of ${subject}, the record of what was applied`, subject, 'Leave the record to its tool.')
}

export const rule: Rule = {
  code: 'data-loss/migration-ledger',
  title: "Changes the migration tool's own record",
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The tool decides by this table what is still to be applied. A row that is taken away runs its migration a second time; one that is changed hides a migration, or stops every later release.',
  instead: "Use the tool's own command, in a step of its own.",
  production:
    'At the next deploy the tool applies a migration a second time, or refuses to start because a record does not match its file.',
  steps: [
    'Find out what is really in the database.',
    "Mend the record with the tool's own command (`migrate force`, `prisma migrate resolve`, …), by hand.",
    'Mend what led there in a new migration.',
  ],
  falseAlarm:
    'A table that only has the name of a ledger and belongs to the application. Accept it in the policy by its subject.',
  bad: [
    'DELETE FROM schema_migrations WHERE version = 3;',
    "UPDATE _sqlx_migrations SET checksum = 'x' WHERE version = 3;",
    "DELETE FROM __diesel_schema_migrations WHERE version = '1';",
    "UPDATE _prisma_migrations SET finished_at = now() WHERE migration_name = 'a';",
    'DELETE FROM drizzle.__drizzle_migrations WHERE id = 3;',
    'WITH gone AS (DELETE FROM schema_migrations WHERE version = 3 RETURNING 1) SELECT count(*) FROM gone;',
  ],
  good: ["DELETE FROM orders WHERE status = 'test';"],
  statements: {
    DeleteStmt: (node, context) =>
      edits('deletes', node.relation, context.label('table', context.nameOf(node.relation))),
    UpdateStmt: (node, context) =>
      edits('changes', node.relation, context.label('table', context.nameOf(node.relation))),
    MergeStmt: (node, context) => edits('merges', node.relation, context.label('table', context.nameOf(node.relation))),
  },
}
