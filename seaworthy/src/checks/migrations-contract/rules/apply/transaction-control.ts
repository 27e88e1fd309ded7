import { harm, NONE, type Rule } from '../../rule.ts'

const WORDS: Readonly<Record<string, string>> = {
  TRANS_STMT_BEGIN: 'BEGIN',
  TRANS_STMT_START: 'START TRANSACTION',
  TRANS_STMT_COMMIT: 'COMMIT',
  TRANS_STMT_ROLLBACK: 'ROLLBACK',
  TRANS_STMT_PREPARE: 'PREPARE TRANSACTION',
}

export const rule: Rule = {
  code: 'apply/transaction-control',
  title: 'Transaction control in a file that the tool wraps itself',
  profiles: ['online', 'additive'],
  severity: 'error',
  why: "The tool sends its own BEGIN and COMMIT around the file. An inner COMMIT ends that transaction early: what follows, and the tool's own record of the migration, no longer stand or fall together.",
  instead: 'Take BEGIN, COMMIT and ROLLBACK out of the file.',
  production:
    'A failure after the inner COMMIT leaves half of the migration in the database, and no record of it: the next try fails on what is already there.',
  steps: ['Take BEGIN, COMMIT and ROLLBACK out.', 'Where two parts have to commit apart, make two migrations of them.'],
  falseAlarm: 'The tool was told not to wrap this file, in a way that is not known here.',
  bad: [
    { sql: 'BEGIN; CREATE TABLE IF NOT EXISTS t (a int); COMMIT;', send: 'transaction' },
    { sql: 'CREATE TABLE IF NOT EXISTS t (a int); ROLLBACK;', send: 'transaction' },
    { sql: 'DO $$ BEGIN COMMIT; END $$;', send: 'transaction' },
  ],
  good: [
    { sql: 'BEGIN; CREATE TABLE IF NOT EXISTS t (a int); COMMIT;', send: 'batch' },
    { sql: 'SAVEPOINT a; CREATE TABLE IF NOT EXISTS t (a int); RELEASE SAVEPOINT a;', send: 'transaction' },
  ],
  statements: {
    TransactionStmt: (node, context) => {
      const word = WORDS[node.kind ?? '']
      if (!context.sending.isWrapped || word === undefined) return NONE
      return harm(
        `${word} inside of the transaction that the tool itself opens around the file`,
        word,
        `Take ${word} out.`,
      )
    },
  },
}
