import type { Explanation } from '../../gate/finding.ts'

/** Every code that the judge of the downs can return. */
export const explanations: readonly Explanation[] = [
  {
    code: 'apply/down-failed',
    title: 'A down file fails',
    why: 'The down was run right after its up, on a real server, and the server refused it. The first time that anybody runs a down in earnest is an outage: it is then that it has to work.',
    instead:
      'Read the SQLSTATE and the statement, and mend the down while the migration is pending. A down takes back in the reverse order what the up made: what depends on a thing goes before the thing.',
    production: 'The release is taken back in an outage, and the way back stops half-way.',
    steps: [
      'Run the down after its up, on a scratch database, until it works.',
      'Where there is no way back, say so by leaving the down file out, and plan a way forward.',
    ],
    falseAlarm:
      'The down needs something that only production has. Give its shape, or accept the finding in the policy.',
    bad: [
      "-- up: CREATE TYPE mood AS ENUM ('low'); CREATE TABLE feelings (m mood);\nDROP TYPE mood;\nDROP TABLE feelings;",
    ],
    good: [
      "-- up: CREATE TYPE mood AS ENUM ('low'); CREATE TABLE feelings (m mood);\nDROP TABLE feelings;\nDROP TYPE mood;",
    ],
  },
  {
    code: 'apply/down-missing',
    title: 'A migration has no down file',
    why: 'Other migrations of the folder have a way back, or the policy requires one, and this migration has none. A tool that is told to go back several steps stops here, half-way.',
    instead:
      'Write the down. Where there is no way back (data is thrown away), accept the finding in the policy for this file, with that reason: then everybody knows it before the release, and not during the rollback.',
    falseAlarm:
      'The project rolls forward only and keeps some old down files. Remove them, or leave `requireDowns` off.',
    production: 'Going back stops at this migration, with the ones after it already undone.',
    steps: [
      'Write the down file, if there is a way back that keeps the data.',
      'If there is none, say so where the team looks, and prepare a release that goes forward.',
    ],
  },
  {
    code: 'apply/down-leaves-over',
    title: 'A down leaves something over',
    why: 'After up and down the catalogue holds objects that were not there before: an index, a type, a function, a grant, a role. The next up may fail on it ("already exists"), or, worse, `IF NOT EXISTS` takes an old thing for the new one.',
    instead: 'Take back in the down everything that the up made. The hint names the statements where they can be told.',
    production: 'The next try of the release fails with "already exists", or silently keeps the old object.',
    steps: [
      'Undo in the down, in reverse order, all that the up made.',
      'Where something has to stay, let the up use IF NOT EXISTS and check its shape.',
    ],
    bad: ["-- up: CREATE TYPE mood AS ENUM ('low'); CREATE TABLE feelings (m mood);\nDROP TABLE feelings;"],
    good: [
      "-- up: CREATE TYPE mood AS ENUM ('low'); CREATE TABLE feelings (m mood);\nDROP TABLE feelings;\nDROP TYPE mood;",
    ],
    falseAlarm: 'The up makes with `IF NOT EXISTS` what production has already: the down is then right to leave it.',
  },
  {
    code: 'apply/down-does-not-restore',
    title: 'A down does not bring back what was there',
    why: 'After up and down the catalogue lacks something that was there before, or has it with another type, default, nullability, owner, definition or privilege. The version that ran before the migration meets a schema that it has never seen.',
    instead:
      'Write the old definition into the down, with its default, constraints, indexes, comments and grants. The order of columns does not matter. Rows that the up deleted do not come back: that is not judged here.',
    production: 'The old version is back and meets a schema that it has never run on.',
    steps: [
      'Bring back in the down each thing that the finding names, with its type, default, owner and grants.',
      'Data that the up has dropped cannot come back: drop in a later release.',
    ],
    falseAlarm: 'The difference is a name that the server made up, or a comment.',
    bad: ['-- up: ALTER TABLE users DROP COLUMN email;\nALTER TABLE users ADD COLUMN email text;'],
    good: [
      "-- up: ALTER TABLE users DROP COLUMN email;\nALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT 'x';",
    ],
  },
  {
    code: 'apply/up-after-down-failed',
    title: 'A migration does not apply again after its down',
    why: 'Up, down, up: the second up failed. After a rollback the release could not be tried again without mending the database by hand.',
    instead:
      'The error names what stands in the way: mostly something that the down left over. Take it back in the down.',
    production: 'After a rollback the release cannot be tried again without mending the database by hand.',
    steps: ['Let the down take away all that the up makes.', 'Try up, down, up on a scratch database.'],
    falseAlarm: 'The up depends on data that the down has not brought back on purpose.',
  },
  {
    code: 'unproven/down-not-tried',
    title: 'A down could not be tried',
    why: 'The trial did not get to it: its up, or an earlier one, does not apply, or the scratch server was cut short. Nothing is known about the way back.',
    instead: 'Mend the cause that the message names, and run again. It is a warning unless the policy requires downs.',
    production: 'Nothing yet: nobody knows whether there is a way back.',
    steps: ['Mend what stopped the trial, which is told above.', 'Run again.'],
  },
  {
    code: 'unproven/downs-incomplete',
    title: 'The trial of the downs does not fit the migrations',
    why: 'Some migration that had to be tried has no trial, or a trial contradicts the folder or itself. Evidence like that proves nothing, whatever it says.',
    instead: 'Run again. If the finding stays, report it with the evidence folder: it is a bug.',
    production: 'Nothing yet.',
    steps: ['Run again.', 'If it stays, report it with the evidence folder.'],
  },
]
