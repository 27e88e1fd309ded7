import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'lock/cluster',
  title: 'Rewrites a table with CLUSTER',
  profiles: ['online'],
  severity: 'error',
  why: 'It copies the whole table in the order of an index while nobody reads or writes it.',
  instead: 'A tool that repacks online, outside of migrations.',
  production: 'Nobody reads or writes the table until the copy is done, and it needs as much disk again.',
  steps: [
    'Ask what it is for: an index, or a covering one, often does.',
    'Repack online with a tool outside of migrations, or in a quiet hour.',
  ],
  falseAlarm: 'A table that is known to stay small.',
  bad: ['CLUSTER users USING users_nickname_idx;', 'CLUSTER;'],
  good: ['CREATE TABLE t (a int PRIMARY KEY); CLUSTER t USING t_pkey;'],
  statements: {
    ClusterStmt: (node, context) => {
      if (node.relation !== undefined && context.isNewTable(node.relation)) return NONE
      const subject =
        node.relation === undefined ? 'every clustered table' : context.label('table', context.nameOf(node.relation))
      return harm(`copies ${subject} while nobody can read or write it`, subject, 'Leave it out of the migration.')
    },
  },
}
