import { as, isOptionOn } from '../../../../sql/tree.ts'
import type { RuleContext } from '../../context.ts'
import { type Harms, harm, NONE, type Rule } from '../../rule.ts'

const refused = (what: string, subject: string, context: RuleContext): Harms =>
  context.sending.isAlone
    ? NONE
    : harm(
        `${what} cannot run inside a transaction, and this file is sent ${context.sending.isWrapped ? 'inside one' : 'as one batch, which is one'} (25001)`,
        subject,
        'Put it alone into a migration that is marked to run without a transaction, as your tool has it.',
      )

export const rule: Rule = {
  code: 'apply/concurrently-in-transaction',
  title: 'CONCURRENTLY inside a transaction',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The server refuses it, so that the migration fails in production, and with a runner that migrates at start-up the service does not come up.',
  instead:
    'One such statement a file, and the file marked to run without a transaction: `-- seaworthy:no-transaction` in plain folders, `-- no-transaction` for sqlx, `run_in_transaction = false` for diesel; golang-migrate and prisma send a file with a single statement as it is.',
  production:
    'The migration fails with 25001, a runner that migrates at start-up exits, and the service is restarted into the same error.',
  steps: [
    'Move the statement into a migration of its own.',
    'Mark that file as the tool has it, so that it is sent without a transaction.',
    'If CREATE INDEX CONCURRENTLY fails there, drop the invalid index before the next try.',
  ],
  falseAlarm:
    'A wrapper around the tool sends these files differently than the tool itself does. Then say so with `--format`.',
  bad: [
    { sql: 'CREATE INDEX CONCURRENTLY orders_status ON orders (status);', send: 'transaction' },
    {
      sql: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON orders (status); CREATE INDEX CONCURRENTLY IF NOT EXISTS b ON users (age);',
      send: 'batch',
    },
    { sql: 'DROP INDEX CONCURRENTLY users_nickname_idx;', send: 'transaction' },
    { sql: 'ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY;', send: 'transaction' },
  ],
  good: [{ sql: 'CREATE INDEX CONCURRENTLY orders_status ON orders (status);', send: 'batch' }],
  statements: {
    IndexStmt: (node, context) =>
      node.concurrent === true
        ? refused('CREATE INDEX CONCURRENTLY', context.label('table', context.nameOf(node.relation)), context)
        : NONE,
    DropStmt: (node, context) =>
      node.concurrent === true ? refused('DROP INDEX CONCURRENTLY', 'index', context) : NONE,
    ReindexStmt: (node, context) =>
      isOptionOn(node.params, 'concurrently') ? refused('REINDEX CONCURRENTLY', 'index', context) : NONE,
  },
  commands: {
    AT_DetachPartition: (command, context, node) =>
      as(command.def, 'PartitionCmd')?.concurrent === true
        ? refused('DETACH PARTITION CONCURRENTLY', context.label('table', context.nameOf(node.relation)), context)
        : NONE,
  },
}
