import { objectParts, rangeParts } from '../../../../sql/tree.ts'
import { SORT_OF } from '../../apply-names.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

/** What a view in the other schema can stand for. */
const VIEWED: ReadonlySet<string> = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'])

export const rule: Rule = {
  code: 'compat/set-schema',
  title: 'Moves an object into another schema',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Whoever names it with its schema, or whose search_path lacks the new one, no longer finds it.',
  instead:
    'Leave it, and give the new schema a view of it; or move it when all code names the new place and a view stands in the old one.',
  production:
    'Queries that name the old schema, or whose search_path lacks the new one, fail with "relation does not exist".',
  steps: [
    'Create a view of the table in the new schema, and release code that uses it.',
    'When no old version is left, move the table and put a view in the old place, in one transaction.',
    'Drop that view in a later release.',
  ],
  falseAlarm:
    'Every running role has the new schema in its search_path, before the old one, and no query names the schema.',
  bad: ['ALTER TABLE users SET SCHEMA billing;', 'ALTER FUNCTION total_of(bigint) SET SCHEMA billing;'],
  good: ['CREATE TABLE t (a int); ALTER TABLE t SET SCHEMA billing;'],
  statements: {
    AlterObjectSchemaStmt: (node, context) => {
      const parts = node.relation === undefined ? objectParts(node.object) : rangeParts(node.relation)
      const name = context.name(parts)
      const sort = node.objectType === undefined ? undefined : SORT_OF[node.objectType]
      const isNew =
        context.tableNamed(name)?.isNew === true ||
        context.view(name)?.isNew === true ||
        (sort !== undefined && context.isNewObject(sort, parts)) ||
        (context.routines(name).length > 0 && context.routines(name).every((one) => one.isNew))
      if (isNew) return NONE
      const subject = context.label((node.objectType ?? 'object').replace('OBJECT_', '').toLowerCase(), name)
      return harm(
        `moves ${subject} into schema ${node.newschema ?? ''}: the running version looks in the old one`,
        subject,
        VIEWED.has(node.objectType ?? '')
          ? `CREATE VIEW ${context.sql(`${node.newschema ?? ''}.${parts.at(-1) ?? ''}`)} AS SELECT * FROM ${context.sql(name)};`
          : `Make another one of that name in ${context.sql(node.newschema ?? '')}, and leave this one where it is.`,
      )
    },
  },
}
