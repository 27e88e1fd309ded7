import { as, type FuncCall, type Node, optionOf, partsOf, walk } from '../../../../sql/tree.ts'
import { type Harms, harm, NONE, type Rule } from '../../rule.ts'
import type { RuleContext } from '../../context.ts'

/** `setval('s', (SELECT max(id) FROM t))` moves a sequence to where the rows are; any fixed number is a guess. */
const isComputed = (call: FuncCall): boolean => {
  let found = false
  walk(call.args?.slice(1), 'SubLink', () => (found = true))
  walk(call.args?.slice(1), 'ColumnRef', () => (found = true))
  return found
}

const restarts = (options: readonly Node[] | undefined): boolean => optionOf(options, 'restart') !== undefined

function setvalHarms(node: object, context: RuleContext): Harms {
  const found: Harms[number][] = []
  walk(node, 'FuncCall', (call) => {
    if (partsOf(call.funcname).at(-1) !== 'setval' || isComputed(call)) return
    const argument = as(call.args?.[0], 'TypeCast')?.arg ?? call.args?.[0]
    const parts = (as(argument, 'A_Const')?.sval?.sval ?? '?').split('.')
    if (context.isNewObject('sequence', parts)) return
    const subject = context.label('sequence', context.name(parts))
    found.push({
      message: `sets ${subject} to a fixed number, which rows in production may have taken`,
      subject,
      hint: "SELECT setval('…', (SELECT coalesce(max(id), 0) + 1 FROM …), false);",
    })
  })
  return found
}

export const rule: Rule = {
  code: 'compat/restart-sequence',
  title: 'Sets a sequence to a fixed number',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'Numbers that rows already have are handed out again: inserts of the running version fail with duplicate keys, or two things get one number.',
  instead: "Set it from the rows: `SELECT setval('orders_id_seq', (SELECT max(id) FROM orders));`",
  production:
    'Inserts fail with "duplicate key", some time after the release, when the numbers reach those that rows have.',
  steps: [
    'Read the highest number that is in use.',
    'Set the sequence above it, in the same statement: setval with a query.',
  ],
  falseAlarm: 'A number that lies above every row of production. Write it as a query anyway.',
  bad: [
    "SELECT setval('orders_id_seq', 1);",
    'ALTER SEQUENCE orders_id_seq RESTART WITH 1;',
    'ALTER TABLE orders ALTER COLUMN id RESTART WITH 1;',
  ],
  good: [
    "SELECT setval('orders_id_seq', (SELECT max(id) FROM orders));",
    'CREATE SEQUENCE s; ALTER SEQUENCE s RESTART;',
  ],
  statements: {
    SelectStmt: (node, context) => setvalHarms(node, context),
    AlterSeqStmt: (node, context) => {
      const name = context.nameOf(node.sequence)
      if (!restarts(node.options) || context.isNewObject('sequence', name.split('.'))) return NONE
      const subject = context.label('sequence', name)
      return harm(
        `restarts ${subject} at a fixed number, which rows in production may have taken`,
        subject,
        `SELECT setval('${name}', (SELECT max(id) FROM …));`,
      )
    },
  },
  commands: {
    AT_SetIdentity: (command, context, node) => {
      if (!context.changesLiveTable(node) || !restarts(as(command.def, 'List')?.items)) return NONE
      const table = context.nameOf(node.relation)
      const subject = context.label('column', `${table}.${command.name ?? ''}`)
      return harm(
        `restarts the numbers of ${subject}, which rows in production may have taken`,
        subject,
        'Set them from the rows, with setval and max.',
      )
    },
  },
}
