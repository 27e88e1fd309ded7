import { harm, NONE, type Rule } from '../../rule.ts'

export const rule: Rule = {
  code: 'parse/copy-data',
  title: 'COPY FROM STDIN in a migration',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: 'The rows after COPY … FROM stdin are for psql. A migration tool sends the file as SQL: the server waits for data that nobody sends, or reads the rows as statements and fails.',
  instead: 'INSERT statements; pg_dump writes them with --inserts.',
  production: 'The migration fails, or hangs until its time limit.',
  steps: [
    'Write the rows as INSERT statements (`pg_dump --inserts`).',
    'Load large data by a job, not by a migration.',
  ],
  bad: ['COPY users FROM STDIN;', 'COPY users (id, email) FROM stdin;\n1\troot@example.org\n\\.\n'],
  good: ["INSERT INTO users (id, email) VALUES (1, 'root@example.org');"],
  statements: {
    CopyStmt: (node, context) => {
      if (node.is_from !== true || node.filename !== undefined) return NONE
      const subject = context.label('table', context.nameOf(node.relation))
      return harm(
        `reads rows of ${subject} from the client, which a migration tool does not send`,
        subject,
        'Write INSERT statements (pg_dump --inserts).',
      )
    },
  },
}
