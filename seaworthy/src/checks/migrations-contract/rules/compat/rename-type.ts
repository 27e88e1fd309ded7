import { liveRename } from '../../renames.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/rename-type',
  title: 'Renames a type',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Casts in the running version (`$1::mood`) and drivers that look types up by name fail.',
  instead: 'Keep the name. A new type beside it, with a new column, is the way to a real change.',
  bad: ['ALTER TYPE mood RENAME TO feeling;', 'ALTER DOMAIN zip RENAME TO postcode;'],
  good: ["CREATE TYPE size AS ENUM ('s'); ALTER TYPE size RENAME TO sizes;"],
  statements: {
    RenameStmt: (node, context) => {
      const renamed = liveRename(node, context, ['OBJECT_TYPE', 'OBJECT_DOMAIN'])
      if (renamed === null) return NONE
      const subject = context.label('type', renamed.name)
      return harm(`renames ${subject} to ${renamed.newName}`, subject, 'Keep the old name.')
    },
  },
}
