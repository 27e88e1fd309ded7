import { as, type Node, partsOf, quoteName, stringOf, typeText } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'
import { columnOf } from '../../state.ts'
import { isFreeChange, isLossyChange } from '../../types.ts'

/** `USING column::type` says what the server would do anyway. */
function isPlainUsing(using: Node | undefined, column: string, to: string): boolean {
  if (using === undefined) return true
  const cast = as(using, 'TypeCast')
  const field = as(cast === undefined ? using : cast.arg, 'ColumnRef')?.fields?.at(-1)
  return stringOf(field) === column && (cast === undefined || typeText(cast.typeName) === to)
}

export const rule: Rule = {
  code: 'lock/change-column-type',
  title: 'Changes the type of a column',
  profiles: ['online'],
  severity: 'error',
  why: 'Most changes copy the whole table and rebuild its indexes while nobody reads or writes it; shorter types fail on the first value that does not fit. Clients of the running version get another type than they expect.',
  instead:
    'Add a column of the new type, write both, fill the old rows in batches, move the readers, drop the old column in a later release.',
  falseAlarm:
    'Widening varchar, varchar to text, widening numeric with the same scale and finer time precision cost nothing and are let through, where the type so far is known.',
  production:
    'The table and its indexes are copied while nobody reads or writes it. Statements that the old version has prepared fail once with "cached plan must not change result type".',
  steps: [
    'ADD COLUMN of the new type.',
    'Write both, and fill the old rows in batches.',
    'Release code that reads the new column.',
    'Drop the old column in a later release.',
  ],
  bad: [
    'ALTER TABLE users ALTER COLUMN age TYPE bigint;',
    'ALTER TABLE users ALTER COLUMN email TYPE varchar(100);',
    'ALTER TABLE users ALTER nickname TYPE int USING length(nickname);',
    'ALTER TABLE somewhere ALTER a TYPE text;',
  ],
  good: [
    'ALTER TABLE users ALTER COLUMN email TYPE varchar(320);',
    'ALTER TABLE users ALTER COLUMN email TYPE text USING email::text;',
    'ALTER TABLE users ALTER COLUMN balance TYPE numeric(14,2);',
    'ALTER TABLE users ALTER COLUMN balance TYPE numeric;',
    'CREATE TABLE t (a int); ALTER TABLE t ALTER a TYPE bigint;',
  ],
  commands: {
    AT_AlterColumnType: (command, context, node) => {
      const definition = as(command.def, 'ColumnDef')
      const from = columnOf(context.table(node.relation), command.name)?.type ?? null
      const to = typeText(definition?.typeName)
      const column = command.name ?? ''
      if (!context.changesLiveTable(node) || to === null) return NONE
      if (from !== null && isLossyChange(from, to)) return NONE
      const isPlain = isPlainUsing(definition?.raw_default, column, to) && definition?.collClause === undefined
      if (from !== null && isPlain && isFreeChange(from, to)) return NONE
      const table = context.nameOf(node.relation)
      const was = from === null ? '' : ` from ${from}`
      const collation = definition?.collClause?.collname
      const sorted = collation === undefined ? '' : ` COLLATE ${partsOf(collation).map(quoteName).join('.')}`
      return harm(
        `changes column ${column} of ${context.label('table', table)}${was} to ${to}${sorted}, ${sorted === '' || from !== to ? 'which copies the table' : 'for which its indexes are built anew'} under the strongest lock`,
        context.label('column', `${table}.${column}`),
        `ALTER TABLE ${context.sql(table)} ADD COLUMN ${context.sql(`${column}_new`)} ${to}${sorted}; write both, fill it in batches, move the readers.`,
      )
    },
  },
}
