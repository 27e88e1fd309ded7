import { as } from '../../../../sql/tree.ts'
import { columnConstraints, isSerial } from '../../apply-table.ts'
import { harm, NONE, type Rule } from '../../rule.ts'
import { volatileCall } from '../../volatility.ts'

export const rule: Rule = {
  code: 'lock/add-column-rewrite',
  title: 'Adds a column that every row has to be rewritten for',
  profiles: ['online'],
  severity: 'error',
  why: 'A default that differs from row to row (random(), gen_random_uuid(), nextval), serial, identity and a stored generated column copy the whole table while nobody reads or writes it.',
  instead:
    'Add the column without it, set the default for new rows in a second statement, and fill the old rows in batches.',
  falseAlarm: 'A function that is immutable or stable, but not known here: accept it inline with that reason.',
  production:
    'The table is copied while nobody reads or writes it, and needs as much disk again. On a large table that is an outage.',
  steps: [
    'ADD COLUMN without the default.',
    'ALTER COLUMN … SET DEFAULT for the rows to come.',
    'Fill the old rows in batches, outside of the migration.',
    'Where the column has to be NOT NULL: CHECK … NOT VALID, VALIDATE, SET NOT NULL.',
  ],
  bad: [
    'ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();',
    'ALTER TABLE users ADD COLUMN number bigserial;',
    'ALTER TABLE users ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;',
    'ALTER TABLE users ADD COLUMN domain text GENERATED ALWAYS AS (lower(email)) STORED;',
  ],
  good: [
    'ALTER TABLE users ADD COLUMN token uuid; ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();',
    'ALTER TABLE users ADD COLUMN seen timestamptz NOT NULL DEFAULT now();',
    "ALTER TABLE users ADD COLUMN settings jsonb NOT NULL DEFAULT '{}'::jsonb;",
    'ALTER TABLE users ADD COLUMN domain text GENERATED ALWAYS AS (lower(email)) VIRTUAL;',
    'CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b bigserial;',
  ],
  commands: {
    AT_AddColumn: (command, context, node) => {
      if (!context.changesLiveTable(node)) return NONE
      const definition = as(command.def, 'ColumnDef')
      let reason: string | null = isSerial(definition) ? 'it is a serial' : null
      for (const one of columnConstraints(definition)) {
        if (one.contype === 'CONSTR_IDENTITY') reason ??= 'it is an identity'
        if (one.contype === 'CONSTR_GENERATED' && one.generated_kind !== 'v')
          reason ??= 'it is a stored generated column'
        if (one.contype === 'CONSTR_DEFAULT') {
          const call = volatileCall(one.raw_expr, context)
          if (call !== null) reason ??= `its default calls ${call}()`
        }
      }
      if (reason === null) return NONE
      const table = context.nameOf(node.relation)
      const column = definition?.colname ?? ''
      return harm(
        `adds column ${column} to ${context.label('table', table)} and rewrites every row under the strongest lock: ${reason}`,
        context.label('column', `${table}.${column}`),
        `ALTER TABLE ${context.sql(table)} ADD COLUMN ${context.sql(column)} … without a default; then ALTER COLUMN ${context.sql(column)} SET DEFAULT …; fill old rows in batches.`,
      )
    },
  },
}
