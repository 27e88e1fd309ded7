import { type CommandKind, commandsOf } from '../../../../sql/tree.ts'
import type { CommandHandlers } from '../../rule.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

const ENABLES: ReadonlySet<CommandKind> = new Set([
  'AT_EnableTrig',
  'AT_EnableTrigAll',
  'AT_EnableTrigUser',
  'AT_EnableRule',
])

const disables: CommandHandlers[CommandKind] = (command, context, node) => {
  if (!context.changesLiveTable(node)) return NONE
  const table = context.nameOf(node.relation)
  const isEnabledAgain = context.later.some(
    (later) =>
      'AlterTableStmt' in later &&
      context.nameOf(later.AlterTableStmt.relation) === table &&
      commandsOf(later.AlterTableStmt.cmds).some(
        (one) => one.subtype !== undefined && ENABLES.has(one.subtype) && one.name === command.name,
      ),
  )
  if (isEnabledAgain) return NONE
  const subject = context.label('table', table)
  const sort = command.subtype === 'AT_DisableRule' || command.subtype === 'AT_EnableReplicaRule' ? 'rule' : 'trigger'
  const what = command.name === undefined ? 'triggers' : `${sort} ${command.name}`
  return harm(
    `disables ${what} of ${subject} and leaves it so`,
    subject,
    `ALTER TABLE ${context.sql(table)} ENABLE ${sort.toUpperCase()} ${command.name ?? 'ALL'}; in the same transaction.`,
  )
}

export const rule: Rule = {
  code: 'compat/disable-trigger',
  title: 'Disables triggers or rules',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'What the triggers keep true (audit trails, foreign keys among them) is no longer kept, also for writes of the running version.',
  instead: 'Leave them on. Where a bulk change needs them off, switch them on again in the same transaction.',
  production:
    'Nothing fails. Audit rows are missing, derived columns go stale, and foreign keys are no longer checked for what is written from now on.',
  steps: [
    'Leave the trigger on, and do the bulk change in batches with it.',
    'If it has to be off, disable it, change and enable it in one transaction, and check by a query what it would have kept true.',
  ],
  falseAlarm: 'A trigger whose work another one has taken over in the same release.',
  bad: [
    'ALTER TABLE users DISABLE TRIGGER audit;',
    'ALTER TABLE users DISABLE TRIGGER ALL;',
    'ALTER TABLE users DISABLE RULE keep;',
    'ALTER TABLE users ENABLE REPLICA TRIGGER audit;',
  ],
  good: [
    { sql: 'ALTER TABLE users DISABLE TRIGGER audit; ALTER TABLE users ENABLE TRIGGER audit;', send: 'transaction' },
  ],
  commands: {
    AT_DisableTrig: disables,
    AT_DisableTrigAll: disables,
    AT_DisableTrigUser: disables,
    AT_DisableRule: disables,
    // They then fire on a replica only.
    AT_EnableReplicaTrig: disables,
    AT_EnableReplicaRule: disables,
  },
}
