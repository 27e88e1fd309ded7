import { liveRename } from '../../renames.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/rename-type',
  title: 'Renames a type',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Casts in the running version (`$1::mood`) and drivers that look types up by name fail.',
  instead: 'Keep the name. A new type beside it, with a new column, is the way to a real change.',
  production:
    'Statements with a cast to the old name fail; drivers that look types up at start-up no longer know the column.',
  steps: ['Keep the name.', 'For a real change: a new type, a new column, write both, move the readers.'],
  falseAlarm: 'No code casts to it and no driver maps it by name.',
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
