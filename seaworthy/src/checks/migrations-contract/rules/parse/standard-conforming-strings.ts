import { as, type Node, type NodeOf } from '../../../../sql/tree.ts'
import { harm, type Harms, NONE, type Rule } from '../../rule.ts'

const ON: ReadonlySet<string> = new Set(['on', 'true', 'yes', '1'])

function switches(node: NodeOf<'VariableSetStmt'> | undefined): Harms {
  if (node?.name?.toLowerCase() !== 'standard_conforming_strings' || node.kind !== 'VAR_SET_VALUE') return NONE
  const value = as(node.args?.[0], 'A_Const')
  if (ON.has(value?.sval?.sval?.toLowerCase() ?? '') || value?.ival?.ival === 1) return NONE
  return harm(
    'changes what a backslash means in every string that follows, so the rest cannot be read',
    'standard_conforming_strings',
    "Leave it on, and write E'…' where a backslash is to escape.",
  )
}

const ofFunction = (options: readonly Node[] | undefined): Harms =>
  (options ?? []).flatMap((one) => switches(as(as(one, 'DefElem')?.arg, 'VariableSetStmt')))

export const rule: Rule = {
  code: 'parse/standard-conforming-strings',
  title: 'Switches standard_conforming_strings off',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: "With it off, a backslash in '…' escapes the next character: a string ends elsewhere, and what looks like text is run as SQL. What follows was read with the setting on, so nothing is proved about it.",
  instead: "Leave the setting on, and write E'…' for a string with escapes.",
  production: 'Another program reads other strings than those that are sent: a quoted word may run as SQL.',
  steps: ['Leave the setting on.', "Write E'…' for strings with escapes."],
  bad: [
    'SET standard_conforming_strings = off;',
    'SET LOCAL standard_conforming_strings TO false;',
    "SELECT set_config('standard_conforming_strings', 'off', false);",
    'CREATE ROLE importer; ALTER ROLE importer SET standard_conforming_strings = off;',
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET standard_conforming_strings = off AS 'SELECT 1';",
    'ALTER FUNCTION total_of(bigint) SET standard_conforming_strings = off;',
  ],
  good: ['SET standard_conforming_strings = on;', "SELECT set_config('standard_conforming_strings', 'on', false);"],
  statements: {
    VariableSetStmt: (node) => switches(node),
    CreateFunctionStmt: (node) => ofFunction(node.options),
    AlterFunctionStmt: (node) => ofFunction(node.actions),
    AlterRoleSetStmt: (node) => switches(node.setstmt),
  },
}
