import type { Explanation } from '../../../gate/finding.ts'

/** What was tried on a row before and after the release. */
export const probed: readonly Explanation[] = [
  {
    code: 'compat/write-fails',
    title: 'A write that worked fails',
    why: 'The rehearsal wrote a row before the release and the same row after it, as the migrating role, with the columns of before. The server now answers with an error: of a trigger, a default, an index, a generated column, a publication.',
    production: 'The running version gets the error on every such statement, from the moment the migration commits.',
    instead: 'Make what the release adds take the rows that are written today; tighten it when nobody writes so.',
    steps: [
      'Read the server’s message in the proof, and find the trigger, index, default or publication that it is about.',
      'Mend it so that rows of the running version go through, and rehearse again.',
      'Tighten it in a later release, when no running version writes such rows.',
    ],
    falseAlarm: 'A made-up row with values that production cannot have: give rows like its own with `--seed-sql FILE`.',
    bad: ['CREATE INDEX CONCURRENTLY users_share ON users ((100 / score));'],
  },
  {
    code: 'compat/write-swallowed',
    title: 'A write has no effect, and no error tells',
    why: 'The rehearsal wrote a row before the release and the same row after it. Before it was there; now the server reports success and it is not: a trigger returns NULL, a rule or a view does something else instead.',
    production: 'What users enter is gone, and no log shows it. Somebody notices days later.',
    instead: 'Let the trigger return the row, or let it raise an error that somebody sees.',
    steps: [
      'Find the trigger, rule or view that the finding points to.',
      'Return NEW (of a DELETE, OLD), or write to the table in INSTEAD OF triggers.',
      'Rehearse again.',
    ],
    falseAlarm: 'Rows that are to be refused on purpose: raise an error in place of losing them.',
  },
  {
    code: 'compat/write-altered',
    title: 'Something else is kept than was written',
    why: 'The rehearsal wrote values to columns of before and read them back. Before the release they were as written; now a trigger, a rule or a view puts others there.',
    production:
      'The running version reads back what it did not write, and data changes without anybody having decided it.',
    instead: 'Let triggers of the release write columns of the release only.',
    steps: [
      'Fill a new column by the trigger, and leave the old ones as they are.',
      'Move the readers to the new column.',
      'Drop the old one in a later release.',
    ],
    falseAlarm: 'A column that nobody but the database writes, such as a moment of change that a trigger now fills.',
  },
  {
    code: 'compat/read-fails',
    title: 'Rows can no longer be read',
    why: 'The rehearsal read rows of the table before the release and after it. Now the server answers with an error: a virtual column cannot be computed of what stands there, or a view in place of the table fails.',
    production: 'Whoever reads all columns gets the error for every result with such a row.',
    instead: 'Compute the column so that it takes every value that is there, or store and fill it in batches.',
    steps: [
      'Look in production for values that the expression does not take.',
      'Write the expression so that it takes them.',
      'Rehearse with rows like them: `--seed-sql FILE`.',
    ],
    falseAlarm: 'A made-up value that production cannot have; a check on the column keeps such values out for good.',
  },
  {
    code: 'compat/writes-not-tried',
    title: 'Writes were not tried on a table',
    why: 'The rehearsal reads and writes rows of tables that the release touches, before and after it. On these tables it could not: no row is left, what told rows apart is gone, a statement took longer than two seconds, or there was no time for so many tables. The note says which.',
    production:
      'Nothing is known of such writes beside what the other rules say. It may well be that all is as before.',
    instead: 'Give the table rows of which some outlive the release: `--seed-sql FILE`.',
    steps: ['Read the reason in the note.', 'Give rows like those of production, and rehearse again.'],
    falseAlarm: 'A table that the release empties or makes anew on purpose.',
  },
]
