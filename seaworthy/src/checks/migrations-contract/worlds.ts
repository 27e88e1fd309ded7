import type { World } from '../../gate/drill/drill.ts'
import { harming } from '../bad-migration.ts'
import { leftOut } from '../left-out.ts'

/** Bad worlds that a reading of the text has to see through. */
export const worlds: readonly World[] = [
  {
    name: 'drop-behind-two-dashes',
    title: 'a DROP TABLE stands behind two dashes that are part of a string',
    why: 'a gate that took everything after -- for a comment let it pass (story 2)',
    refusedBy: ['data-loss/drop-table'],
    build: harming('notes', ({ sql }) => `SELECT 'ok -- note'; DROP TABLE ${sql} CASCADE;\n`),
  },
  {
    name: 'file-accepts-its-own-harm',
    title: 'a migration drops a table, and a comment in it says that this is fine',
    why: 'whoever writes the harm writes the comment as well',
    refusedBy: ['data-loss/drop-table'],
    build: harming(
      'tidy up',
      ({ sql }) =>
        `-- seaworthy:allow data-loss/drop-table reason="nobody reads it any more"\nDROP TABLE ${sql} CASCADE;\n`,
    ),
  },
  leftOut('migrations-contract'),
]
