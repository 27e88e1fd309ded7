import { as } from '../../../../sql/tree.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/detach-partition',
  title: 'Detaches a partition under the strongest lock',
  profiles: ['online'],
  severity: 'error',
  why: 'DETACH PARTITION waits for every query on the partitioned table, and all others wait behind it. Its rows are no longer found through the table.',
  instead: 'DETACH PARTITION … CONCURRENTLY, outside of a transaction.',
  production:
    'The statement waits for the longest query on the partitioned table, and every query after it waits behind it.',
  steps: [
    'Release code that no longer needs the rows of this partition.',
    'DETACH PARTITION … CONCURRENTLY, alone and without a transaction.',
    'If it was interrupted: DETACH PARTITION … FINALIZE.',
  ],
  falseAlarm:
    'A default partition exists: then CONCURRENTLY is not possible. Use a lock_timeout, try again, and accept it inline.',
  bad: ['ALTER TABLE events DETACH PARTITION events_1;'],
  good: ['ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY;'],
  commands: {
    AT_DetachPartition: (command, context, node) => {
      const detach = as(command.def, 'PartitionCmd')
      if (detach?.concurrent === true || !context.changesLiveTable(node) || context.isNewTable(detach?.name))
        return NONE
      const table = context.nameOf(node.relation)
      const part = context.sql(context.nameOf(detach?.name))
      return harm(
        `detaches ${part} from ${context.label('table', table)} while every query on it waits`,
        context.label('table', table),
        `ALTER TABLE ${context.sql(table)} DETACH PARTITION ${part} CONCURRENTLY;`,
      )
    },
  },
}
