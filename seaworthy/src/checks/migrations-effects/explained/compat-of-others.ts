import type { Explanation } from '../../../gate/finding.ts'

/** Functions, triggers, types, sequences and the rest. */
export const compatOfOthers: readonly Explanation[] = [
  {
    code: 'compat/change-function',
    title: 'A function that answers differently',
    why: 'The running version, its triggers, defaults and indexes call it as well, and get the new answer from the moment the migration commits; after a rollback they still do.',
    instead:
      'Give the new function a name of its own, let the new version call that, and drop the old one when nothing calls it.',
    falseAlarm:
      'A mended mistake that the running version suffers from, too. Accept it in the policy with that reason.',
    bad: ["CREATE OR REPLACE FUNCTION total_of(u bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 0.0';"],
    good: ["CREATE FUNCTION total_of_v2(u bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 0.0';"],
  },
  {
    code: 'compat/create-trigger',
    title: 'A new trigger on an existing table',
    why: 'It fires for the writes of the running version. A BEFORE trigger may swallow or change them without an error, an AFTER trigger may refuse them or change other rows.',
    instead: 'Let the new version do the work; or add the trigger in a release whose running version expects it.',
    falseAlarm:
      'A trigger in PL/pgSQL that always returns the row and only stamps the time or fills a new column, or one that only adds rows elsewhere, is just noted. What the body calls is not followed.',
    bad: [
      'CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER swallow BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION swallow();',
    ],
  },
  {
    code: 'compat/change-type',
    title: 'A type that is another one',
    why: 'Values that the running version reads or writes are gone, in another order, or of another form: casts and row literals fail, comparisons answer differently.',
    instead: 'Add new values at the end; for any other change make a type of another name, and a column of it.',
    bad: ['ALTER TYPE pair ADD ATTRIBUTE c text;'],
    good: ["ALTER TYPE mood ADD VALUE 'glad';"],
  },
  {
    code: 'compat/change-domain',
    title: 'A domain that lets less through',
    why: 'Every column of the domain changes at once: the server reads each of their tables under a lock, and writes of the running version are refused.',
    instead: 'Add the check as NOT VALID and validate it in a later migration, or make a new domain for new columns.',
    bad: ['ALTER DOMAIN handle SET NOT NULL;'],
    good: ["ALTER DOMAIN handle ADD CONSTRAINT no_blank CHECK (VALUE <> '') NOT VALID;"],
  },
  {
    code: 'compat/change-sequence',
    title: 'A sequence that counts otherwise',
    why: 'Clients that take numbers in blocks (Hibernate and others) count on the increment; a lower end or a cycle makes inserts fail, or hands numbers out twice.',
    instead: 'Make a new sequence for what is new.',
    bad: ['ALTER SEQUENCE orders_id_seq INCREMENT BY 50;'],
  },
  {
    code: 'compat/own-sequence',
    title: 'A sequence belongs to another column',
    why: 'It goes when that column goes, and no longer with the one before. Nothing changes for queries.',
    instead: 'Nothing has to be done.',
  },
  {
    code: 'compat/change-replication',
    title: 'Takes the replica identity away',
    why: 'Where the table is published, updates and deletes fail, or replicas no longer follow.',
    instead: 'Keep a replica identity: the primary key, a unique index, or FULL.',
    bad: ['ALTER TABLE users REPLICA IDENTITY NOTHING;'],
  },
  {
    code: 'compat/change-object',
    title: 'Another operator, cast, publication or their like',
    why: 'They work without being named: a cast changes what an expression means, an event trigger fires for later migrations, a publication decides what a replica gets.',
    instead: 'Make another one beside it, and accept in the policy what has to change in place.',
    bad: ['CREATE CAST (text AS mood) WITH INOUT AS IMPLICIT;'],
  },
  {
    code: 'compat/extension-version',
    title: 'Another version of an extension',
    why: 'Its functions and types are those of the new version, which is not listed here piece by piece.',
    instead: "Read the extension's notes on the new version.",
  },
  {
    code: 'compat/narrow-policy',
    title: 'A policy that keeps rows back',
    why: 'A restrictive policy hides rows from the running version as well. Reads return less, without an error.',
    instead: 'Try the running version as its own role against it first, and accept it in the policy for that release.',
    bad: ['CREATE POLICY open_only ON orders AS RESTRICTIVE USING (status = 1);'],
  },
  {
    code: 'compat/search-path-persists',
    title: 'A search_path that outlives its file',
    why: "The next migration of the session, and the tool's own record, are looked for in other schemas.",
    instead: 'SET LOCAL, which ends with the transaction; or qualified names.',
    bad: ['SET search_path = billing;'],
    good: ['SET LOCAL search_path = billing;'],
  },
]
