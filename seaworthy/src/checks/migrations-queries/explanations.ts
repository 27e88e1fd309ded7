import type { Explanation } from '../../gate/finding.ts'

/** Every code that the judge of the queries can return. */
export const explanations: readonly Explanation[] = [
  {
    code: 'compat/query-stops-working',
    title: 'A query of the running version stops working',
    why: 'The query was prepared and planned on a real server before the pending migrations, and is refused after them. From the moment the migration is in until the last old process has gone, the program that is running gets this error.',
    instead:
      'Expand, move, contract. 1. Add the new column, table or function beside the old one, and keep both in step. 2. Deploy the version that only uses the new one. 3. Take the old one away in a later release. A view under the old name may carry a renamed table over.',
    falseAlarm:
      'The query is of a version that no longer runs anywhere: capture again, or take it out of the workload. A migration that is applied while the service is stopped has no running version: accept the finding with that reason.',
    production:
      'Every process of the old version gets this error for this query, from the commit until it has been replaced.',
    steps: [
      'Add what is new beside the old, and keep both in step.',
      'Release the version that only uses the new.',
      'Take the old away in a later release.',
    ],
    bad: ['ALTER TABLE users RENAME COLUMN email TO mail'],
    good: ['ALTER TABLE users ADD COLUMN mail text'],
  },
  {
    code: 'compat/query-loses-privilege',
    title: 'The role of a query may no longer run it',
    why: 'The query is refused for want of a right (SQLSTATE 42501), or its role may no longer log in. A REVOKE does that, and more often a table, view or function that was dropped and made again: grants go with the old one. A superuser in CI never notices.',
    instead:
      'Grant again in the same migration what the old object had, or change the object in place. Set default privileges (`ALTER DEFAULT PRIVILEGES … GRANT …`), so that a new object has them from the beginning.',
    production: '"permission denied" for this query, from the commit on, though the role of the migrations can run it.',
    steps: [
      'Grant again, in the same migration, what the old object had.',
      'Or change the object in place, which keeps its grants.',
      'Set default privileges for the objects to come.',
    ],
    falseAlarm: 'The role no longer runs that query: capture again, or take it out of the workload.',
    bad: ['DROP VIEW active_users; CREATE VIEW active_users AS SELECT id FROM users'],
    good: [
      'DROP VIEW active_users; CREATE VIEW active_users AS SELECT id FROM users; GRANT SELECT ON active_users TO app',
    ],
  },
  {
    code: 'compat/query-changes-result',
    title: 'A query of the running version returns something else',
    why: 'Its result has other columns after the pending migrations: other names, types, another order or number. A program that reads by position takes one value for another, one that reads by name misses one, one with typed rows stops. Where the result only gains columns at its end (`SELECT *`), or a type only its length, it is a warning: most programs read on, but every statement that was prepared before fails once with “cached plan must not change result type”, and drivers that count columns stop.',
    instead:
      'Let the running version name its columns before the migration ships, or make the change in expand and contract steps. After a migration that widens a `SELECT *`, let the processes reconnect.',
    falseAlarm: 'The program reads by name, leaves unknown columns alone and prepares nothing: accept the finding.',
    production: 'The program takes one column for another, or stops at a row that it cannot read.',
    steps: [
      'Let the running version name its columns.',
      'Add columns at the end only.',
      'Release the reader of the new form before the old form goes.',
    ],
    bad: ['ALTER TABLE users ALTER COLUMN age TYPE text'],
    good: ['ALTER TABLE users ADD COLUMN age_text text'],
  },
  {
    code: 'compat/query-answers-differently',
    title: 'A query of the running version means something else',
    why: 'It returns the same columns and takes the same parameters, and the server reads a name in it as something else than before. A new column takes over a name that was found further out (`id IN (SELECT user_id FROM archived)` meant the user_id of the outer table until archived got one), joins more columns in a NATURAL JOIN, is taken in place of a function that was written like a column (`u.fullname`), or of an alias in GROUP BY. No error tells of it: a DELETE takes other rows.',
    instead:
      'Give the new column another name. Or write the table in front of every name of the query first, release that, and add the column in the release after it.',
    production: 'The query goes on without an error, with other rows: nobody notices before the data are wrong.',
    steps: [
      'Give the new column a name that the query does not use.',
      'Or qualify the names of the query, release that, and add the column later.',
    ],
    falseAlarm: 'Nobody sends that query any more: capture again, or take it out of the workload.',
    bad: ['ALTER TABLE archived ADD COLUMN user_id bigint'],
    good: ['ALTER TABLE archived ADD COLUMN archived_by bigint'],
  },
  {
    code: 'compat/query-changes-parameters',
    title: 'A query of the running version takes other parameters',
    why: 'The server infers other types for `$1`, `$2`, … than before. Drivers encode values by the type that they were told, or refuse a value whose type does not fit. text and varchar count as one type, and a length or precision as none.',
    instead: 'Change the type by a new column, in expand and contract steps; or let the program cast: `$1::bigint`.',
    production: 'The driver sends a value in the old form, and the server refuses it or reads it differently.',
    steps: [
      'Let the program cast its parameters, and release that.',
      'Or add a column of the new type beside the old one.',
      'Take the old one away in a later release.',
    ],
    falseAlarm: 'A driver that sends every parameter as text of unknown type.',
    bad: ['ALTER TABLE users ALTER COLUMN id TYPE text'],
    good: ['ALTER TABLE users ALTER COLUMN email TYPE text'],
  },
  {
    code: 'unproven/stale-queries',
    title: 'Too many queries do not even work before the release',
    why: 'A query that does not prepare on the schema as it is says nothing about the release: it is of an older version, it uses something that the rehearsal lacks, or it lost its meaning when constants were taken out (`DATE $1`). A few are to be expected. Many of them mean that the workload is not that of the running version.',
    instead:
      'The message names the first few with the server’s answer. A captured shape holds whatever was sent since production last ran `pg_stat_statements_reset()`, what somebody typed into psql among it: reset, let the running version serve for a while, capture again. Take dead queries out of a workload, and rehearse in production’s shape. `policy.staleQueriesPercent` sets how many may be stale (20).',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: [
      'Reset pg_stat_statements and capture again later, or take dead queries out of the workload.',
      'Run again.',
    ],
  },
  {
    code: 'unproven/query-not-planned',
    title: 'A query was not planned',
    why: 'A time limit ended it, the scratch server went away, or there were more than 5,000 queries. Nothing is known of it.',
    instead:
      'Run again. A function that is declared IMMUTABLE runs while a query is planned: look whether one takes long. Where there are too many queries, many differ in their constants alone.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Look whether a function that is declared IMMUTABLE takes long.', 'Run again.'],
  },
  {
    code: 'unproven/query-role-played',
    title: 'A role was played by another one',
    why: 'The queries of this role were planned as the role that migrates, since the rehearsal does not have it or it is no ordinary role. Whether they work is known; whether the real role may run them is not.',
    instead:
      'Rehearse with `--shape FILE`, which brings production’s roles and grants. In a workload file, name a role that the migrations make.',
    falseAlarm: 'The program connects as the very role that migrates: leave `-- role:` out.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ["Capture production's shape, and run again with `--shape FILE`."],
  },
  {
    code: 'unproven/queries-partly-known',
    title: 'The shape does not hold all queries',
    why: 'Whoever captured the shape could not read all of pg_stat_statements. Queries that nobody saw were not judged.',
    instead:
      'Let the role that captures be a member of `pg_read_all_stats`, and capture again; or list the missing queries in a file for `--workload`.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Let the capturing role be a member of pg_read_all_stats.', 'Capture again.'],
  },
  {
    code: 'unproven/queries-not-captured',
    title: 'The queries of production could not be read',
    why: 'Production counts its queries (pg_stat_statements), and whoever captured the shape might not read those of other roles. The release was to be judged by them, and nobody knows one of them.',
    instead:
      'Let the role that captures be a member of `pg_read_all_stats`, and capture again; or list the queries in a file for `--workload`.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Let the capturing role be a member of pg_read_all_stats.', 'Capture again.'],
  },
  {
    code: 'unproven/queries-incomplete',
    title: 'What was observed of the queries does not add up',
    why: 'Some query is counted twice or not at all, or a change has no cause among the pending migrations. Evidence like that proves nothing, whatever it says.',
    instead: 'Run again. If the finding stays, report it with the evidence folder: it is a bug.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Run again.', 'If it stays, report it with the evidence folder.'],
  },
]
