import { partsOf } from '../../../../sql/tree.ts'
import { routineOf } from '../../apply.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/replace-function',
  title: 'Replaces a function by one with another result',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The server refuses another return type for the same arguments (42P13), and callers of the running version expect the old one.',
  instead: 'Give the function with the new result a name of its own.',
  production:
    'The migration fails with 42P13, or, dropped and made again, callers read a type that they do not expect.',
  steps: [
    'Create the function with the new result under another name.',
    'Move the callers, and release.',
    'Drop the old one in a later release.',
  ],
  falseAlarm: 'The two types are names of one type.',
  bad: ["CREATE OR REPLACE FUNCTION total_of(u bigint) RETURNS text LANGUAGE sql AS 'SELECT 1::text';"],
  good: ["CREATE OR REPLACE FUNCTION total_of(u bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 2.0';"],
  statements: {
    CreateFunctionStmt: (node, context) => {
      if (node.replace !== true) return NONE
      const name = context.name(partsOf(node.funcname))
      const made = routineOf(node, '', true)
      const before = context.routines(name).find((one) => one.args.join() === made.args.join())
      if (before === undefined || before.returns === null || made.returns === null || before.returns === made.returns)
        return NONE
      const subject = context.label('function', `${name}(${made.args.join(', ')})`)
      return harm(
        `replaces ${subject}, which returns ${before.returns}, by one that returns ${made.returns}`,
        subject,
        'Give it a new name.',
      )
    },
  },
}
