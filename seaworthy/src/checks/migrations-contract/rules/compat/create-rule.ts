import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'compat/create-rule',
  title: 'Creates a rewrite rule on an existing table',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'A rule rewrites the queries of the version that runs: with INSTEAD, its inserts, updates or deletes do something else, without an error.',
  instead: 'A trigger, or a view of another name.',
  production: 'Writes of the running version report success and do something else, or nothing.',
  steps: [
    'Make a view of another name with the new behaviour, or a trigger.',
    'Move the writers to it.',
    'Change the table itself when no old version is left.',
  ],
  falseAlarm:
    'A rule DO ALSO that only adds a row elsewhere keeps the write itself. Look at what happens when it fails, and accept it inline.',
  bad: ['CREATE RULE keep AS ON DELETE TO users DO INSTEAD NOTHING;'],
  good: ['CREATE TABLE t (a int); CREATE RULE keep AS ON DELETE TO t DO INSTEAD NOTHING;'],
  statements: {
    RuleStmt: (node, context) => {
      if (context.isNewTable(node.relation) || context.view(context.nameOf(node.relation))?.isNew === true) return NONE
      const subject = context.label('table', context.nameOf(node.relation))
      return harm(
        `rewrites queries on ${subject} by rule ${node.rulename ?? ''}`,
        subject,
        'Use a trigger, or a view of another name.',
      )
    },
  },
}
