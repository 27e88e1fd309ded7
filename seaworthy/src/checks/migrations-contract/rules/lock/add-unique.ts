import { as, partsOf } from '../../../../sql/tree.ts'
import { columnConstraints } from '../../apply-table.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

const WHAT: Readonly<Record<string, string>> = {
  CONSTR_UNIQUE: 'a unique constraint',
  CONSTR_PRIMARY: 'a primary key',
  CONSTR_EXCLUSION: 'an exclusion constraint',
}

export const rule: Rule = {
  code: 'lock/add-unique',
  title: 'Builds the index of a constraint under a lock',
  profiles: ['online'],
  severity: 'error',
  why: 'A unique constraint, a primary key or an exclusion constraint builds its index while nobody reads or writes the table. It fails if there are duplicates.',
  instead:
    'Build a unique index CONCURRENTLY, outside of a transaction, and attach it with USING INDEX, which is instant. There is no such way for an exclusion constraint: it needs a quiet hour, or a new table.',
  production:
    'Reads and writes of the table wait while the index is built. With one duplicate the migration fails at the end of that time.',
  steps: [
    'Look for duplicates in production, and mend them.',
    'CREATE UNIQUE INDEX CONCURRENTLY, alone and without a transaction.',
    'ADD CONSTRAINT … USING INDEX, which is instant.',
  ],
  falseAlarm: 'A table that is known to stay small. Accept it inline, or give the shape of production (`--shape`).',
  bad: [
    'ALTER TABLE users ADD CONSTRAINT users_nickname_key UNIQUE (nickname);',
    'ALTER TABLE orders ADD PRIMARY KEY (id, user_id);',
    'ALTER TABLE users ADD COLUMN handle text UNIQUE;',
    'ALTER TABLE orders ADD EXCLUDE USING gist (status WITH =);',
  ],
  good: [
    'CREATE UNIQUE INDEX CONCURRENTLY users_nick ON users (nickname); ALTER TABLE users ADD CONSTRAINT users_nick UNIQUE USING INDEX users_nick;',
    'CREATE TABLE t (a int); ALTER TABLE t ADD PRIMARY KEY (a);',
  ],
  commands: {
    AT_AddConstraint: (command, context, node) => {
      const constraint = as(command.def, 'Constraint')
      const what = WHAT[constraint?.contype ?? '']
      if (constraint === undefined || what === undefined || constraint.indexname !== undefined) return NONE
      if (!context.changesLiveTable(node)) return NONE
      const table = context.nameOf(node.relation)
      const columns = partsOf(constraint.keys)
      const name = context.sql(constraint.conname ?? `${columns.join('_')}_key`)
      const kind = constraint.contype === 'CONSTR_PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE'
      return harm(
        `adds ${what} to ${context.label('table', table)} and builds its index while the table is locked`,
        context.label('table', table),
        constraint.contype === 'CONSTR_EXCLUSION'
          ? 'Make a new table with the constraint and move the rows over, or accept the lock for a quiet hour.'
          : `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${context.sql(table)} (${columns.map((one) => context.sql(one)).join(', ')}); then: ALTER TABLE ${context.sql(table)} ADD CONSTRAINT ${name} ${kind} USING INDEX ${name};`,
      )
    },
    AT_AddColumn: (command, context, node) => {
      const definition = as(command.def, 'ColumnDef')
      const constraint = columnConstraints(definition).find((one) => WHAT[one.contype ?? ''] !== undefined)
      if (constraint === undefined || !context.changesLiveTable(node)) return NONE
      const table = context.nameOf(node.relation)
      const column = definition?.colname ?? ''
      return harm(
        `adds column ${column} to ${context.label('table', table)} with ${WHAT[constraint.contype ?? ''] ?? ''}, whose index is built while the table is locked`,
        context.label('column', `${table}.${column}`),
        `Add the column alone, then: CREATE UNIQUE INDEX CONCURRENTLY … ON ${context.sql(table)} (${context.sql(column)});`,
      )
    },
  },
}
