import { as, partsOf } from '../../../../sql/tree.ts'
import { routineArguments } from '../../apply.ts'
import { cascade, droppedArguments, liveDrops } from '../../drops.ts'
import { NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/drop-function',
  title: 'Drops a function or procedure',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The running version, triggers, defaults and policies may call it.',
  instead: 'Drop it in a later release, when nothing calls it. CREATE OR REPLACE changes a body in place.',
  falseAlarm:
    'A function that is dropped and made again in the same transaction with the same argument types is let through.',
  production:
    'Queries, triggers and policies that call it fail with "function does not exist", some of them only when a rare write fires the trigger.',
  steps: [
    'Make the new function beside it, under another name or with other arguments.',
    'Move all callers, and release.',
    'Drop the old one in a later release, without CASCADE.',
  ],
  bad: ['DROP FUNCTION total_of(bigint);', 'DROP FUNCTION IF EXISTS total_of CASCADE;', 'DROP AGGREGATE sum_all(int);'],
  good: [
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; DROP FUNCTION f();",
    {
      sql: "DROP FUNCTION total_of(bigint); CREATE FUNCTION total_of(u bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';",
      send: 'transaction',
    },
  ],
  statements: {
    DropStmt: (node, context) => {
      const dropped = liveDrops(node, context, [
        'OBJECT_FUNCTION',
        'OBJECT_PROCEDURE',
        'OBJECT_ROUTINE',
        'OBJECT_AGGREGATE',
      ])
      if (dropped.length === 0) return NONE
      return dropped.flatMap((one) => {
        const args = droppedArguments(one.node) ?? context.routines(one.name)[0]?.args.join() ?? null
        const isMadeAgain = context.later
          .flatMap((later) => as(later, 'CreateFunctionStmt') ?? [])
          .some(
            (made) =>
              context.name(partsOf(made.funcname)) === one.name && routineArguments(made.parameters).join() === args,
          )
        if (isMadeAgain && node.behavior !== 'DROP_CASCADE') return []
        const subject = context.label('function', one.name)
        return {
          message: `drops ${subject}, which the running version may call${cascade(node)}`,
          subject,
          hint: 'Keep it for this release; CREATE OR REPLACE FUNCTION changes its body in place.',
        }
      })
    },
  },
}
