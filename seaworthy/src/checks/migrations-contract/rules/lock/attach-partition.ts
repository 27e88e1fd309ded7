import { as } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/attach-partition',
  title: 'Attaches an existing table as a partition',
  profiles: ['online'],
  severity: 'error',
  why: 'The server reads the whole attached table under the strongest lock to see that its rows fit, and the default partition too, unless a validated CHECK proves it.',
  instead:
    'Add a CHECK that equals the bound as NOT VALID, VALIDATE it in another transaction, and attach then. Or make new, empty partitions.',
  falseAlarm: 'With such a validated CHECK the scan is skipped; accept it inline with that reason.',
  production:
    'Queries of the table that is attached wait while it is read, and those that reach the default partition too.',
  steps: [
    'On the table to be attached: a CHECK that says what the bound says, NOT VALID.',
    'VALIDATE CONSTRAINT in another transaction.',
    'ATTACH PARTITION, which then reads nothing. Drop the check afterwards.',
  ],
  bad: ['ALTER TABLE events ATTACH PARTITION orders FOR VALUES IN (1);'],
  good: ['CREATE TABLE events_2 (id int); ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES IN (2);'],
  commands: {
    AT_AttachPartition: (command, context, node) => {
      const part = as(command.def, 'PartitionCmd')?.name
      if (
        context.isNewTable(part) ||
        context.index(context.nameOf(part)) !== undefined ||
        node.objtype === 'OBJECT_INDEX'
      )
        return NONE
      const subject = context.label('table', context.nameOf(part))
      return harm(
        `attaches ${subject} while it is locked and read`,
        subject,
        `ALTER TABLE ${context.sql(context.nameOf(part))} ADD CONSTRAINT fits CHECK (the bound as a condition, and the key IS NOT NULL) NOT VALID; validate it in the next migration, and attach in the one after.`,
      )
    },
  },
}
