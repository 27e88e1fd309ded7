import type { Explanation } from '../../gate/finding.ts'
import { explanationOf } from './rule.ts'
import { rules } from './rules/index.ts'

/** Codes about reading a file and about inline acceptances, which no rule stands for. */
const OTHERS: readonly Explanation[] = [
  {
    code: 'parse/syntax',
    title: "A file that PostgreSQL's grammar does not take",
    why: 'The server refuses the file too. Nothing in it was judged.',
    instead: 'Mend the place that the finding names. It was read with the grammar of PostgreSQL 18.',
    bad: ['CREATE TABEL users (id int);'],
    good: ['CREATE TABLE users (id int);'],
  },
  {
    code: 'parse/templated',
    title: 'A template in place of SQL',
    why: 'What is sent to the server is only known once the template is rendered, so nothing can be proved about it.',
    instead: 'Render the files in the build, and check the rendered folder.',
    bad: ['CREATE TABLE {{ .Schema }}.users (id int);'],
    good: ['CREATE TABLE app.users (id int);'],
  },
  {
    code: 'parse/psql-command',
    title: 'A command of psql',
    why: 'A backslash command is for psql. A migration tool sends it to the server, which refuses the file. pg_dump writes `\\restrict` and `\\unrestrict` around its dumps.',
    instead:
      'Delete the line, or write it as SQL: `\\connect` has no place in a migration, `\\i` is an include that the tool does not know.',
    bad: ['\\restrict abc\nCREATE TABLE t (a int);'],
    good: ['CREATE TABLE t (a int);'],
  },
  {
    code: 'parse/psql-variable',
    title: 'A variable of psql',
    why: 'Only psql replaces `:name`. A migration tool sends it as it stands, and the server refuses it.',
    instead: 'Write the value itself, or read it with `current_setting`.',
    bad: ['GRANT SELECT ON users TO :app_role;'],
    good: ['GRANT SELECT ON users TO app;'],
  },
  {
    code: 'parse/byte-order-mark',
    title: 'A byte-order mark at the beginning of a file',
    why: 'The tool sends it, and the server takes it for a part of the first word.',
    instead: 'Save the file as UTF-8 without a byte-order mark.',
    bad: ['\uFEFFCREATE TABLE t (a int);'],
    good: ['CREATE TABLE t (a int);'],
  },
  {
    code: 'parse/empty',
    title: 'A migration without a statement',
    why: 'It is recorded as applied and has done nothing. Usually somebody forgot to save, or the content went into another file. A file with a comment only warns, as long as the release does something else.',
    instead: 'Write the migration. If the slot is to stay empty, say why in a comment.',
    bad: [''],
    good: ['SELECT 1;'],
  },
  {
    code: 'parse/bare-carriage-return',
    title: 'A comment that a lone carriage return ends',
    why: 'Editors show one line, the server reads two: what looks commented out is run.',
    instead: 'Save the file with LF or CRLF, and read what stands after the comment.',
    bad: ['SELECT 1; -- harmless\rSELECT 2;'],
    good: ['SELECT 1; -- harmless\r\nSELECT 2;'],
  },
  {
    code: 'parse/dynamic-sql',
    title: 'SQL that is put together at run time',
    why: 'A static reading does not see what it does. Constant parts are read; a name that is computed is taken for one that exists.',
    instead:
      'Nothing has to be done: the rehearsal runs it and looks at the effect. Where the text could be constant, write it so.',
    bad: ["DO $$ DECLARE t text; BEGIN SELECT 'x' INTO t; EXECUTE t; END $$;"],
    good: ["DO $$ BEGIN EXECUTE 'CREATE TABLE t (a int)'; END $$;"],
  },
  {
    code: 'parse/baseline-unread',
    title: 'A live migration that could not be read',
    why: 'What it made is not known. Everything unknown is taken to exist in production, so that judgements become stricter and never milder.',
    instead: 'Mend the file if its tool lets you, or leave it: it is live already.',
  },
  {
    code: 'policy/allow-without-reason',
    title: 'An inline acceptance without a reason',
    why: 'A silence that nobody can check later. A reason has at least ten characters, as in the policy.',
    instead: '`-- seaworthy:allow family/name reason="why this is safe here"` on a line directly above the statement.',
    bad: ['-- seaworthy:allow lock/create-index\nCREATE INDEX ON orders (status);'],
    good: ['-- seaworthy:allow lock/create-index reason="200 rows, never more"\nCREATE INDEX ON orders (status);'],
  },
  {
    code: 'policy/allow-not-permitted',
    title: 'An inline acceptance of what a comment may not accept',
    why: 'Lost data, ownership and security are answered for in the policy, by name and with an expiry, where a review of the base branch sees them.',
    instead: 'Add an acceptance to the policy.',
    bad: ['-- seaworthy:allow data-loss/drop-table reason="nobody needs it"\nDROP TABLE orders;'],
    good: ['-- seaworthy:allow lock/create-index reason="200 rows, never more"\nCREATE INDEX ON orders (status);'],
  },
  {
    code: 'policy/unused-allow',
    title: 'An inline acceptance that accepts nothing',
    why: 'It would accept the next such finding without anybody having looked.',
    instead: 'Remove it, or put it on the lines directly above the statement it is for.',
    bad: ['-- seaworthy:allow lock/create-index reason="200 rows, never more"\nCREATE TABLE t (a int);'],
    good: ['CREATE TABLE t (a int);'],
  },
  {
    code: 'unproven/pending-file-missing',
    title: 'A pending file that is not in the folder',
    why: 'It was listed as pending and could not be judged, so nothing is proved about it.',
    instead: 'Run again; if it stays, look whether the file has just been renamed.',
  },
]

/** Every code that this check can return, with its text. */
export const explanations: readonly Explanation[] = [...rules.map(explanationOf), ...OTHERS]
