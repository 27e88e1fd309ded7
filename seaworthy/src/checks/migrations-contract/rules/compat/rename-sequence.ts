import { liveRename } from '../../renames.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/rename-sequence',
  title: 'Renames a sequence',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: "Code and defaults that call nextval('old_name') by text fail.",
  instead: 'Keep the name.',
  production: 'Inserts whose code or default calls nextval by the old name, as text, fail.',
  steps: [
    'Keep the name.',
    'If it must change, make a new sequence above the highest number, and move the callers to it first.',
  ],
  falseAlarm: 'Only a serial or identity column uses it: those do not name it as text.',
  bad: ['ALTER SEQUENCE ticket_numbers RENAME TO numbers;'],
  good: ['CREATE SEQUENCE s; ALTER SEQUENCE s RENAME TO s2;'],
  statements: {
    RenameStmt: (node, context) => {
      const renamed = liveRename(node, context, ['OBJECT_SEQUENCE'])
      if (renamed === null) return NONE
      const subject = context.label('sequence', renamed.name)
      return harm(`renames ${subject} to ${renamed.newName}`, subject, 'Keep the old name.')
    },
  },
}
