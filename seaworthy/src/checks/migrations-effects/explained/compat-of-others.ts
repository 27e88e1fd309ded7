import type { Explanation } from '../../../gate/finding.ts'

/** Functions, triggers, types, sequences and the rest. */
export const compatOfOthers: readonly Explanation[] = [
  {
    code: 'compat/slower-plans',
    title: 'Queries that may get a worse plan',
    why: 'The planner is told less than it knew, or what it may not do: no statistics of a column, no index scans within a function, hardly any memory. Answers stay the same; how long they take does not.',
    instead: 'Leave statistics and planner settings as they are, and mend the one query that gets a bad plan.',
    production:
      'Nothing fails at first. Where tables are large, queries that took milliseconds take seconds, and time limits end them.',
    steps: [
      'Compare EXPLAIN (ANALYZE) of the queries before and after, on data of production’s size.',
      'Where statistics are too coarse: ALTER COLUMN … SET STATISTICS with a larger number, then ANALYZE.',
    ],
    falseAlarm: 'Nothing filters or joins by the column; or the plan was measured on data like production’s.',
    bad: ['ALTER TABLE users ALTER COLUMN nickname SET STATISTICS 0;'],
    good: ['ALTER TABLE users ALTER COLUMN nickname SET STATISTICS 500;'],
  },
  {
    code: 'compat/change-function',
    title: 'A function that answers differently',
    why: 'The running version, its triggers, defaults and indexes call it as well, and get the new answer from the moment the migration commits; after a rollback they still do.',
    instead:
      'Give the new function a name of its own, let the new version call that, and drop the old one when nothing calls it.',
    falseAlarm:
      'A mended mistake that the running version suffers from, too. Accept it in the policy with that reason.',
    production:
      'Answers are other ones from the commit on, in the version that still runs too: totals, prices, rights. No error says so, and a rollback of the program does not bring the old body back.',
    steps: [
      'Create the new function under a name of its own.',
      'Release code that calls it.',
      'Drop the old one in a later release.',
    ],
    bad: ["CREATE OR REPLACE FUNCTION total_of(u bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 0.0';"],
    good: ["CREATE FUNCTION total_of_v2(u bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 0.0';"],
  },
  {
    code: 'compat/function-answers-differently',
    title: 'A column changes what a live function does',
    why: 'The server reads the body of a function anew after the release, and checks nothing at the release itself. A new column takes over a name that was a parameter, a variable or a column further out: a body in SQL then takes the column without an error, one in PL/pgSQL fails as ambiguous. A query with `*` gets a column more than the function returns, or than the table takes that it is inserted into. RETURN QUERY converts nothing, so that a varchar that becomes text fails where varchar is returned. And a function that is written like a column (`users.fullname`) gives way to a column of that name.',
    instead:
      'Give the column another name. Or mend the body first, by CREATE OR REPLACE in a release before: a table in front of each column, the function’s name in front of its parameters, columns by name in place of `*`.',
    falseAlarm: 'Nothing calls the function any more: drop it first. Or the body failed before already.',
    production:
      'The function fails at its next call, or goes on with other rows: a DELETE by a parameter takes what the column says. The running version calls it as well.',
    steps: [
      'Give the new column a name that no body uses.',
      'Or release a body first that qualifies its names and lists its columns, and add the column after it.',
    ],
    bad: ['ALTER TABLE orders ADD COLUMN wanted bigint;'],
    good: ['ALTER TABLE orders ADD COLUMN wished_for bigint;'],
  },
  {
    code: 'compat/create-trigger',
    title: 'A new trigger on an existing table',
    why: 'It fires for the writes of the running version. A BEFORE trigger may swallow or change them without an error, an AFTER trigger may refuse them or change other rows.',
    instead: 'Let the new version do the work; or add the trigger in a release whose running version expects it.',
    falseAlarm:
      'A trigger in PL/pgSQL that always returns the row and only stamps the time or fills a new column, or one that only adds rows elsewhere, is just noted. What the body calls is not followed.',
    production: 'Writes of the running version are refused, changed, or lost without an error.',
    steps: [
      'Let the new version do the work in its own code.',
      'Or release a version that expects the trigger first, then add it.',
      'Watch writes and errors of that table afterwards.',
    ],
    bad: [
      'CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER swallow BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION swallow();',
    ],
  },
  {
    code: 'compat/change-type',
    title: 'A type that is another one',
    why: 'Values that the running version reads or writes are gone, in another order, or of another form: casts and row literals fail, comparisons answer differently.',
    instead: 'Add new values at the end; for any other change make a type of another name, and a column of it.',
    production: 'Casts fail, row values have one field too many, and sorting by the type answers differently.',
    steps: [
      'For an enum: ADD VALUE at the end, in a migration of its own.',
      'For anything else: a type of another name, a new column, write both, move the readers.',
      'Drop the old one in a later release.',
    ],
    falseAlarm: 'A type that no column and no running code uses.',
    bad: ['ALTER TYPE pair ADD ATTRIBUTE c text;'],
    good: ["ALTER TYPE mood ADD VALUE 'glad';"],
  },
  {
    code: 'compat/change-domain',
    title: 'A domain that lets less through',
    why: 'Every column of the domain changes at once: the server reads each of their tables under a lock, and writes of the running version are refused.',
    instead: 'Add the check as NOT VALID and validate it in a later migration, or make a new domain for new columns.',
    production: 'Every table with a column of the domain is read under a lock, and writes that were fine are refused.',
    steps: [
      'ADD CONSTRAINT … NOT VALID.',
      'Mend the values that do not fit.',
      'VALIDATE CONSTRAINT in a later migration.',
    ],
    falseAlarm: 'No column has the domain yet, or what it asks is asked by every column already.',
    bad: ['ALTER DOMAIN handle SET NOT NULL;'],
    good: ["ALTER DOMAIN handle ADD CONSTRAINT no_blank CHECK (VALUE <> '') NOT VALID;"],
  },
  {
    code: 'compat/change-sequence',
    title: 'A sequence that counts otherwise',
    why: 'Clients that take numbers in blocks (Hibernate and others) count on the increment; a lower end or a cycle makes inserts fail, or hands numbers out twice.',
    instead: 'Make a new sequence for what is new.',
    production: 'Clients that take numbers in blocks hand out numbers twice, some time after the release.',
    steps: [
      'Make a new sequence and let the new version use it.',
      'Change the client and the increment in releases in which both agree.',
    ],
    falseAlarm: 'Only defaults of columns call it, and no client takes numbers in blocks.',
    bad: ['ALTER SEQUENCE orders_id_seq INCREMENT BY 50;'],
  },
  {
    code: 'compat/own-sequence',
    title: 'A sequence belongs to another column',
    why: 'It goes when that column goes, and no longer with the one before. Nothing changes for queries.',
    instead: 'Nothing has to be done.',
    production: 'Nothing, until the column it belongs to is dropped: then the sequence goes with it.',
    steps: ['Look which defaults use the sequence.', 'Let it belong to the column whose default does.'],
    falseAlarm: 'It is a note: the new owner is the column that uses it.',
  },
  {
    code: 'compat/change-replication',
    title: 'Takes the replica identity away',
    why: 'Where the table is published, updates and deletes fail, or replicas no longer follow.',
    instead: 'Keep a replica identity: the primary key, a unique index, or FULL.',
    production:
      'UPDATE and DELETE on a published table fail ("does not have a replica identity"), or replicas stand still.',
    steps: [
      'Give the table a primary key or a unique index over NOT NULL columns.',
      'Set that as the replica identity.',
      'Drop the old index in a later release.',
    ],
    falseAlarm: 'The table is in no publication, and no other system reads its changes.',
    bad: ['ALTER TABLE users REPLICA IDENTITY NOTHING;'],
  },
  {
    code: 'compat/change-object',
    title: 'Another operator, cast, publication or their like',
    why: 'They work without being named: a cast changes what an expression means, an event trigger fires for later migrations, a publication decides what a replica gets.',
    instead: 'Make another one beside it, and accept in the policy what has to change in place.',
    production: 'Expressions mean something else, or a replica lacks a table, without an error.',
    steps: ['Make another object beside it.', 'Move its users.', 'Drop the old one in a later release.'],
    falseAlarm: 'Nothing in the database or the running code uses the object.',
    bad: ['CREATE CAST (text AS mood) WITH INOUT AS IMPLICIT;'],
  },
  {
    code: 'compat/extension-version',
    title: 'Another version of an extension',
    why: 'Its functions and types are those of the new version, which is not listed here piece by piece.',
    instead: "Read the extension's notes on the new version.",
    production: 'Functions of the extension may behave differently for the running version.',
    steps: [
      "Read the extension's notes on the new version.",
      'Rehearse with the version that production has.',
      'Update it in a release of its own.',
    ],
    falseAlarm: 'A version that only mends the extension.',
  },
  {
    code: 'compat/narrow-policy',
    title: 'A policy that keeps rows back',
    why: 'A restrictive policy hides rows from the running version as well. Reads return less, without an error.',
    instead: 'Try the running version as its own role against it first, and accept it in the policy for that release.',
    production: 'Pages show fewer rows, or none, without an error; writes are refused.',
    steps: [
      'Try the queries of the running version as its own roles (`--workload`).',
      'Release code that can live with fewer rows.',
      'Add the policy in a release that only does that.',
    ],
    falseAlarm: 'The policy is for a role that no running version uses.',
    bad: ['CREATE POLICY open_only ON orders AS RESTRICTIVE USING (status = 1);'],
  },
  {
    code: 'compat/search-path-persists',
    title: 'A search_path that outlives its file',
    why: "The next migration of the session, and the tool's own record, are looked for in other schemas.",
    instead: 'SET LOCAL, which ends with the transaction; or qualified names.',
    production:
      'The next file of the same session fails with "relation does not exist", or makes its tables in another schema.',
    steps: [
      'Write SET LOCAL, or qualify the names.',
      'Where several statements need it, set it back at the end of the file.',
    ],
    falseAlarm: 'The tool opens a session for each file.',
    bad: ['SET search_path = billing;'],
    good: ['SET LOCAL search_path = billing;'],
  },
  {
    code: 'compat/cannot-connect',
    title: 'The server lets a role no longer in',
    why: 'After the release a role could not connect that could before it: a limit on connections, a login taken away, a right to connect revoked. Sessions that are open go on, so that it shows only with the next one.',
    instead: 'Leave limits, logins and passwords to where the server is managed.',
    production:
      'The running version works until its pool opens the next connection or the server restarts; then nothing works. The migration tool cannot come back to mend it either.',
    steps: [
      'Take the statement out of the migration.',
      'Where access has to end, do it where the server is managed, and look at who is connected first.',
      'Keep one role that may always connect.',
    ],
    falseAlarm: 'A role that nobody uses any more. Drop it where roles are managed.',
    bad: ['ALTER DATABASE app CONNECTION LIMIT 0;', 'ALTER ROLE deploy NOLOGIN;'],
  },
]
