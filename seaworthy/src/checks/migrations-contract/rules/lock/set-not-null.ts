import { as, type NodeOf, partsOf } from '../../../../sql/tree.ts'
import type { RuleContext } from '../../context.ts'
import { harm, type Harms, NONE, type Rule } from '../../rule.ts'
import { columnOf, isGuarded } from '../../state.ts'

function requires(name: string, context: RuleContext, node: NodeOf<'AlterTableStmt'>): Harms {
  const table = context.table(node.relation)
  if (!context.changesLiveTable(node) || isGuarded(table, name) || columnOf(table, name)?.isNotNull === true)
    return NONE
  const own = context.nameOf(node.relation)
  const sql = context.sql(own)
  const check = context.sql(`${name}_not_null`)
  return harm(
    `requires column ${name} of ${context.label('table', own)} while the whole table is locked and read`,
    context.label('column', `${own}.${name}`),
    `ALTER TABLE ${sql} ADD CONSTRAINT ${check} CHECK (${context.sql(name)} IS NOT NULL) NOT VALID; then, in another migration: ALTER TABLE ${sql} VALIDATE CONSTRAINT ${check}; then SET NOT NULL.`,
  )
}

export const rule: Rule = {
  code: 'lock/set-not-null',
  title: 'Requires a column that exists',
  profiles: ['online'],
  severity: 'error',
  why: 'SET NOT NULL reads the whole table under the strongest lock, so that nobody reads or writes it meanwhile, and fails if any row has NULL. Inserts of the running version that leave the column out fail afterwards.',
  instead:
    'Three steps that block nobody: add `CHECK (column IS NOT NULL) NOT VALID`; in another transaction `VALIDATE CONSTRAINT`; then SET NOT NULL, which now skips its scan, and drop the check.',
  production:
    'The table is read from beginning to end while nobody reads or writes it; one NULL makes the migration fail. Afterwards inserts of the old version that leave the column out fail.',
  steps: [
    'Release code that always writes the column, and fill the old rows in batches.',
    'CHECK (column IS NOT NULL) NOT VALID.',
    'VALIDATE CONSTRAINT in another transaction.',
    'SET NOT NULL, which skips the scan, and drop the check.',
  ],
  falseAlarm:
    'A validated CHECK of the same meaning exists under a form that is not read here (`num_nulls(a) = 0`). Accept it inline.',
  bad: [
    'ALTER TABLE users ALTER COLUMN nickname SET NOT NULL;',
    'ALTER TABLE users ADD CONSTRAINT nickname_given NOT NULL nickname;',
    'ALTER TABLE users ADD NOT NULL nickname;',
  ],
  good: [
    'ALTER TABLE users ADD CONSTRAINT nickname_given CHECK (nickname IS NOT NULL) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT nickname_given; ALTER TABLE users ALTER COLUMN nickname SET NOT NULL;',
    'ALTER TABLE users ADD CONSTRAINT nickname_given NOT NULL nickname NOT VALID;',
    'CREATE TABLE t (a int); ALTER TABLE t ALTER a SET NOT NULL;',
  ],
  commands: {
    AT_SetNotNull: (command, context, node) => requires(command.name ?? '', context, node),
    // PostgreSQL 18 has names for them: ADD CONSTRAINT name NOT NULL column.
    AT_AddConstraint: (command, context, node) => {
      const constraint = as(command.def, 'Constraint')
      if (constraint?.contype !== 'CONSTR_NOTNULL' || constraint.skip_validation === true) return NONE
      return partsOf(constraint.keys).flatMap((name) => requires(name, context, node))
    },
  },
}
