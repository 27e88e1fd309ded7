import { type CommandKind } from '../../../../sql/tree.ts'
import { type CommandHandlers, harm, NONE, type Rule } from '../../rule.ts'

const WORDS: { readonly [K in CommandKind]?: string } = {
  AT_SetTableSpace: 'moves it to another tablespace',
  AT_SetAccessMethod: 'changes its access method',
  AT_SetLogged: 'makes it logged',
  AT_SetUnLogged: 'makes it unlogged, so that a crash empties it',
}

const rewrites: CommandHandlers[CommandKind] = (command, context, node) => {
  if (context.isNewTable(node.relation)) return NONE
  const subject = context.label('table', context.nameOf(node.relation))
  const what = WORDS[command.subtype ?? 'AT_SetTableSpace'] ?? ''
  return harm(
    `copies ${subject} under the strongest lock: it ${what}`,
    subject,
    'Make a new table and move the rows over in batches, or take a quiet hour.',
  )
}

export const rule: Rule = {
  code: 'lock/set-tablespace',
  title: 'Copies a table to store it differently',
  profiles: ['online'],
  severity: 'error',
  why: 'SET TABLESPACE, SET LOGGED, SET UNLOGGED and SET ACCESS METHOD copy the whole table while nobody reads or writes it.',
  instead:
    'Make a new table stored as wanted and move the rows over in batches; or take a quiet hour, with an acceptance that says so.',
  production:
    'The table is copied while nobody reads or writes it. An UNLOGGED table is empty after a crash, and replicas do not have it.',
  steps: [
    'Make a new table stored as wanted.',
    'Write both, move the rows over in batches.',
    'Move the readers, and drop the old one later.',
  ],
  falseAlarm: 'A table that is known to stay small.',
  bad: [
    'ALTER TABLE users SET TABLESPACE fast;',
    'ALTER TABLE users SET UNLOGGED;',
    'ALTER TABLE users SET LOGGED;',
    'ALTER TABLE users SET ACCESS METHOD heap2;',
  ],
  good: ['CREATE TABLE t (a int); ALTER TABLE t SET UNLOGGED;'],
  commands: {
    AT_SetTableSpace: rewrites,
    AT_SetAccessMethod: rewrites,
    AT_SetLogged: rewrites,
    AT_SetUnLogged: rewrites,
  },
}
