import { partsOf } from '../../../../sql/tree.ts'
import { routineArguments } from '../../apply.ts'
import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/overload-function',
  title: 'Replaces a function, but makes a second one',
  profiles: ['online'],
  severity: 'warning',
  why: 'With other argument types CREATE OR REPLACE replaces nothing: it makes a second function of the name. The old one keeps its old body, and a call that fits both fails as not unique (42725).',
  instead: 'Keep the argument types, or give the new function a name of its own.',
  production:
    'Calls of the running version fail with "function is not unique", or reach the new function without an error.',
  steps: [
    'Give the new function a name of its own.',
    'Move the callers, and release.',
    'Drop the old one when nothing calls it.',
  ],
  falseAlarm: 'The argument types are so different that no call of the running version fits the new one.',
  bad: [
    "CREATE OR REPLACE FUNCTION total_of(u bigint, since date DEFAULT now()) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';",
  ],
  good: [
    "CREATE OR REPLACE FUNCTION total_of(u bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 2.0';",
    "CREATE OR REPLACE FUNCTION brand_new(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';",
  ],
  statements: {
    CreateFunctionStmt: (node, context) => {
      const name = context.name(partsOf(node.funcname))
      const known = context.routines(name).filter((one) => !one.isNew)
      const args = routineArguments(node.parameters)
      if (node.replace !== true || known.length === 0 || known.some((one) => one.args.join() === args.join()))
        return NONE
      const subject = context.label('function', name)
      return harm(
        `makes a second ${subject} with (${args.join(', ')}) beside the one with (${known[0]?.args.join(', ') ?? ''}), and replaces nothing`,
        subject,
        'Keep the argument types, or choose another name.',
      )
    },
  },
}
