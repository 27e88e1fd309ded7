import { as, isOptionOn, type Node, partsOf } from '../../../../sql/tree.ts'
import { harm, type Harms, NONE, type Rule } from '../../rule.ts'

function judge(options: readonly Node[] | undefined, subject: string): Harms {
  if (!isOptionOn(options, 'security')) return NONE
  const settings = (options ?? []).flatMap((one) => as(as(one, 'DefElem')?.arg, 'VariableSetStmt') ?? [])
  if (settings.some((one) => one.name === 'search_path')) return NONE
  return harm(
    `${subject} runs with its owner's rights and the caller's search_path`,
    subject,
    'SET search_path = public, pg_temp',
  )
}

export const rule: Rule = {
  code: 'security/definer-without-search-path',
  title: 'SECURITY DEFINER without a fixed search_path',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: "It runs with its owner's rights and finds its tables and operators by the caller's search_path: whoever may create objects anywhere in it can make it run theirs.",
  instead: "Add `SET search_path = public, pg_temp` (pg_temp last), or `SET search_path = ''` with qualified names.",
  production:
    'Nothing is felt until somebody with CREATE in a schema of the path makes a function or table of the right name, and gets the rights of the owner.',
  steps: [
    'Add SET search_path to the function, with pg_temp last.',
    'REVOKE EXECUTE FROM PUBLIC, and grant it to the roles that call it.',
  ],
  falseAlarm: "Every name in the body is qualified, operators among them. SET search_path = '' then costs nothing.",
  bad: [
    "CREATE FUNCTION secret() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
    'ALTER FUNCTION total_of(bigint) SECURITY DEFINER;',
  ],
  good: [
    "CREATE FUNCTION secret() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT 1';",
    "ALTER FUNCTION total_of(bigint) SECURITY DEFINER SET search_path = '';",
    'ALTER FUNCTION total_of(bigint) SECURITY INVOKER;',
    "CREATE FUNCTION open() RETURNS int LANGUAGE sql AS 'SELECT 1';",
  ],
  statements: {
    CreateFunctionStmt: (node, context) =>
      judge(node.options, context.label('function', context.name(partsOf(node.funcname)))),
    AlterFunctionStmt: (node, context) =>
      judge(node.actions, context.label('function', context.name(partsOf(node.func?.objname)))),
  },
}
