import type { Explanation } from '../../../gate/finding.ts'

/** Who may do more than before, and what leaves the database. */
export const protection: readonly Explanation[] = [
  {
    code: 'security/definer-open-to-public',
    title: 'A SECURITY DEFINER function that every role may call',
    why: 'PUBLIC may call every new function until somebody revokes that, and this one runs with the rights of its owner: whoever calls it meets rows past the policies of their tables, reads or writes what no role was granted, or hands it a text to run. A fixed search_path does not change that.',
    instead: 'REVOKE EXECUTE FROM PUBLIC, and grant it to the role that calls it, in the same transaction.',
    production:
      'Nothing fails: any role of the server, a reporting tool or a web role among them, does what the owner may.',
    steps: [
      'REVOKE EXECUTE ON FUNCTION … FROM PUBLIC, in the transaction that makes it.',
      'GRANT EXECUTE ON FUNCTION … TO the role that calls it.',
      'Where every role has to call it: leave SECURITY DEFINER out, or put it into a schema that only its callers may use.',
    ],
    falseAlarm:
      'The function is meant for everybody, and its own conditions keep from each caller what is not theirs. Accept it in the policy with that reason.',
    bad: [
      "CREATE FUNCTION all_sessions() RETURNS SETOF sessions LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT * FROM sessions';",
    ],
    good: [
      "CREATE FUNCTION all_sessions() RETURNS SETOF sessions LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT * FROM sessions'; REVOKE EXECUTE ON FUNCTION all_sessions() FROM PUBLIC; GRANT EXECUTE ON FUNCTION all_sessions() TO app;",
    ],
  },
  {
    code: 'security/copy-around-rights',
    title: 'A copy of rows that others may not read',
    why: 'Policies and rights belong to a table, and stay behind when its rows are copied. Default privileges, or a grant, let a role read the copy, and with it what row security or a missing right kept from it. A trigger that writes each row elsewhere copies as well.',
    instead:
      'Take the right to read the copy from everybody but its owner, or give it row security and policies of its own.',
    production: 'Nothing fails: readers see rows of others, and a backup of a table is often forgotten.',
    steps: [
      'REVOKE ALL ON the copy FROM the role, in the transaction that makes it.',
      'Where the copy is there to be read: ENABLE ROW LEVEL SECURITY on it, and CREATE POLICY like those of the table.',
      'Or make it in a schema without default privileges.',
    ],
    falseAlarm:
      'The copy holds nothing that has to be kept from that role, such as numbers alone. Accept it in the policy with that reason.',
    bad: ['CREATE TABLE sessions_backup AS SELECT * FROM sessions;'],
    good: ['CREATE TABLE sessions_backup AS SELECT * FROM sessions; REVOKE ALL ON sessions_backup FROM readonly;'],
  },
  {
    code: 'security/part-around-row-security',
    title: 'A partition or parent past row security',
    why: 'Policies are asked of the table that a query names. Whoever may read a partition of a protected table, or a parent of it, that has no row security of its own reads past those policies.',
    instead: 'Let it be read through the protected table alone, or give it row security and policies of its own.',
    production: 'Nothing fails: readers see rows of others, until somebody notices.',
    steps: [
      'Leave the right to read the partition to its owner: queries of the whole table need none on its partitions.',
      'Where it has to be read by itself: ENABLE ROW LEVEL SECURITY on it, and CREATE POLICY.',
    ],
    falseAlarm: 'The partition holds rows that are meant for everybody. Accept it in the policy with that reason.',
    bad: ['GRANT SELECT ON events_2026 TO app;'],
    good: ['GRANT SELECT ON events TO app;'],
  },
  {
    code: 'security/widen-rights',
    title: 'A role gets rights that it did not have',
    why: 'The table, function or schema was there before, and the role could not do this to it: neither itself, nor by a role that it belongs to, nor as one of PUBLIC. It is a warning where somebody can log in as that role and it had no right at all there, or where it may now make objects that others run; else a note.',
    instead: 'Grant what the role needs and no more: single columns, a view, or a function.',
    production: 'Nothing fails: the role reads or writes what was kept from it.',
    steps: [
      'Say for what the role needs it.',
      'Grant that alone: GRANT SELECT (columns), or a view.',
      'Where it is meant: accept it in the policy with the reason.',
    ],
    falseAlarm: 'A grant that was forgotten, and that the new version of the service needs.',
    bad: ['GRANT SELECT ON users TO anon;', 'GRANT CREATE ON SCHEMA public TO app;'],
    good: ['GRANT SELECT (id, handle) ON users TO app;'],
  },
  {
    code: 'security/password-in-text',
    title: 'A password in a migration',
    why: 'It stands in the repository, in every copy of it, and in the log of the server. It is the same on every machine that runs the migrations, and whoever changes it in production has to fear that they set it back.',
    instead: 'Make the role without a password, and set it where secrets are kept.',
    production: 'Nothing fails: whoever can read the repository can log in.',
    steps: [
      'Take the password out of the migration.',
      'Set it where the server is managed, from the store of secrets.',
      'Change the one that was written down: the history of the repository keeps it.',
    ],
    falseAlarm: 'A role that exists on machines of developers only.',
    bad: ["CREATE ROLE reporter LOGIN PASSWORD 'a-secret';"],
    good: ['CREATE ROLE reporter LOGIN;'],
  },
  {
    code: 'security/reach-out',
    title: 'Something that leaves the database',
    why: "Files and programs of the server, and connections to other ones, are reached with the server's own account: no GRANT and no policy of this database holds there, and no ROLLBACK takes it back. Inside of an exception handler it does nothing where the rights are missing, as in a rehearsal, and works where they are not.",
    instead: 'Do it outside of the migrations, as somebody who is meant to.',
    production: 'Files are read, written or sent elsewhere; another server hangs, and the migration with it.',
    steps: [
      'Take the call out of the migration.',
      'Load files through the client (COPY … FROM STDIN), as the role that the data is for.',
    ],
    falseAlarm: 'An extension for something that is meant to reach another server. Accept it in the policy.',
    bad: ["SELECT pg_read_file('/etc/hosts');", "SELECT dblink_connect('host=db.example');"],
  },
  {
    code: 'unproven/roles-not-seen',
    title: 'Changes of roles that were not compared',
    why: 'Roles belong to the whole server. On one that others use at the same time their work would show up as this release’s, so attributes, memberships, passwords and VALID UNTIL are left out of the comparison there.',
    instead: 'Leave `--server` out, so that a scratch server is used.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Run the rehearsal on a scratch server, without `--server`.'],
  },
]
