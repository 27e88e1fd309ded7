import { isNotHere, type World } from '../../gate/drill/drill.ts'
import { quotedText } from '../../sql/identifier.ts'
import { freeColumn, harming } from '../bad-migration.ts'
import { leftOut } from '../left-out.ts'
import type { LiveTable } from '../live-tables.ts'

/** A statement that is only put together when it runs, so that no reading of the file finds its words. */
const hidden = (before: string, { sql }: LiveTable, after = ''): string =>
  `EXECUTE ${quotedText(before.slice(0, 3))} || ${quotedText(before.slice(3))} || ${quotedText(` ${sql}${after}`)};`

const inBlock = (statement: string): string => `DO $drill$\nBEGIN\n  ${statement}\nEND\n$drill$;\n`

/** Bad worlds in which what a migration does is not what it reads like. */
export const worlds: readonly World[] = [
  {
    name: 'drop-table-in-a-block',
    title: 'a migration drops a table inside a DO block, by a text that is put together at run time',
    why: 'a gate that searches the text for DROP TABLE finds none, and the rows are gone',
    refusedBy: ['data-loss/drop-table'],
    build: harming('tidy up', (table) => inBlock(hidden('DROP TABLE', table, ' CASCADE'))),
  },
  {
    name: 'truncate-in-a-function',
    title: 'a migration empties a table by a function that it makes, calls and drops again',
    why: 'the catalogue is the same before and after, and the rows are gone',
    refusedBy: ['data-loss/truncate', 'data-loss/lost-rows'],
    build: harming('refresh', (table) =>
      [
        'CREATE FUNCTION seaworthy_drill() RETURNS void LANGUAGE plpgsql AS $drill$',
        `BEGIN\n  ${hidden('TRUNCATE', table, ' CASCADE')}\nEND\n$drill$;`,
        'SELECT seaworthy_drill();',
        'DROP FUNCTION seaworthy_drill();\n',
      ].join('\n'),
    ),
  },
  {
    name: 'row-security-off',
    title: 'a migration switches row security off',
    why: 'from then on everybody with a right on the table reads every row',
    refusedBy: ['security/disable-row-security'],
    build: harming(
      'policies',
      (table) => inBlock(hidden('ALTER TABLE', table, ' DISABLE ROW LEVEL SECURITY')),
      (table) => table.hasRowSecurity,
    ),
  },
  {
    name: 'rename-column',
    title: 'a column is renamed while the running version uses it',
    why: 'it applies, and every query of the version that still runs fails from that moment on',
    refusedBy: ['compat/rename-column'],
    build: harming(
      'clearer names',
      (table) => `ALTER TABLE ${table.sql} RENAME COLUMN ${freeColumn(table)?.sql} TO seaworthy_drill;\n`,
      (table) => freeColumn(table) !== undefined,
    ),
  },
  {
    name: 'release-accepts-its-own-harm',
    title: 'the release drops a table, and brings a configuration that accepts it',
    why: 'a candidate that may loosen its own gate is judged by nobody',
    refusedBy: ['policy/input-changed', 'data-loss/drop-table'],
    build: (observations) => {
      const change = harming('tidy up', ({ sql }) => `DROP TABLE ${sql} CASCADE;\n`)(observations)
      return isNotHere(change)
        ? change
        : { ...change, configuration: { policy: { accept: OWN_WORDS, changedInputs: 'warn' } } }
    },
  },
  leftOut('migrations-effects'),
]

/** The harm, and what running queries say of it: who accepts the one accepts the other. */
const OWN_WORDS = ['data-loss/drop-table', 'compat/query-stops-working'].map((code) => ({
  code,
  reason: 'nobody needs it any more',
  author: 'the author of the migration',
  expires: '2999-12-31',
}))
