import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/rename-constraint',
  title: 'Renames a constraint',
  profiles: ['online'],
  severity: 'note',
  why: 'Code that tells errors apart by the constraint name, or writes ON CONFLICT ON CONSTRAINT, still knows the old one.',
  instead: 'Search the code for the old name. If nothing mentions it, there is nothing to do.',
  production: 'Code that shows a message by the constraint name shows a plain error instead.',
  steps: ['Let the code know both names, and release.', 'Rename.', 'Take the old name out of the code.'],
  falseAlarm: 'No code and no ON CONFLICT ON CONSTRAINT names it.',
  bad: ['ALTER TABLE users RENAME CONSTRAINT users_pkey TO members_pkey;'],
  good: ['CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0)); ALTER TABLE t RENAME CONSTRAINT c TO d;'],
  statements: {
    RenameStmt: (node, context) => {
      if (node.renameType !== 'OBJECT_TABCONSTRAINT' || context.isNewTable(node.relation)) return NONE
      const table = context.label('table', context.nameOf(node.relation))
      return harm(
        `renames constraint ${node.subname ?? ''} of ${table} to ${node.newname ?? ''}`,
        table,
        `Search the code for ${node.subname ?? 'the old name'}.`,
      )
    },
  },
}
