import type { Explanation } from '../../../gate/finding.ts'

/** Rows that are written without one of before being lost. */
export const ofRows: readonly Explanation[] = [
  {
    code: 'data-loss/filled-values',
    title: 'NULL is filled in a column that production has',
    why: 'NULL was a value: not deleted, not banned, never expires. An UPDATE … WHERE column IS NULL gives all those rows another one, and afterwards nothing tells which rows they were. Let through is what only writes down what NULL stood for: the default of the column, what other columns hold, or a column that the release makes NOT NULL.',
    instead:
      'If NULL only says that nobody filled it, set the default first, or make the column NOT NULL in the same release; else add a column for what is to be said.',
    production:
      'Every user is deleted, banned, or an administrator at once, from the moment the migration commits. Setting NULL again also hits those that had the value before.',
    steps: [
      'Look where the running version asks for IS NULL of this column.',
      'If nothing does, set the value as the default before the UPDATE, or make the column NOT NULL after it.',
      'If something does, leave the rows as they are, and add a column.',
    ],
    falseAlarm: 'NULL and the value mean the same to every reader: accept it with that reason.',
    bad: ['UPDATE users SET last_seen = now() WHERE last_seen IS NULL;'],
    good: ["UPDATE users SET bio = '' WHERE bio IS NULL;"],
  },
  {
    code: 'compat/sequence-behind',
    title: 'Numbers that a sequence will give out again',
    why: 'Rows were inserted with numbers of their own into a column that a sequence or an identity fills. The sequence does not know of them: when it comes to such a number, it gives it out.',
    instead: 'Leave the column out, or set the sequence from the rows after the INSERT, by setval.',
    production:
      'Some insert of the running version fails with a duplicate key, at once or weeks later; the next attempt goes through, if the next number is free.',
    steps: [
      'Leave the column out of the INSERT if nothing depends on the number.',
      "Else set the sequence after it, by `SELECT setval('…', (SELECT coalesce(max(id), 0) + 1 FROM …), false)`.",
    ],
    falseAlarm:
      'Production’s sequence stands beyond the number for sure, or nobody inserts without one: accept it with that reason.',
    bad: ["INSERT INTO jobs (id, queue) VALUES (5000, 'mail');"],
    good: [
      "INSERT INTO jobs (id, queue) VALUES (5000, 'mail'); SELECT setval('jobs_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM jobs), false);",
    ],
  },
]
