import type { Explanation } from '../../gate/finding.ts'

/** Every code that the rehearsal's judge can return. */
export const explanations: readonly Explanation[] = [
  {
    code: 'apply/migration-fails',
    title: 'A pending migration does not apply',
    why: 'The migration was sent to a real server after the whole history, the way its tool sends it, and the server refused it. In production the service would stop at start-up, and `restart: unless-stopped` would restart it into the same error.',
    instead:
      "Read the server's message and the place. Where an earlier migration took away what this one needs, it is named. Mend the file while it is still pending; a migration that is live is never edited.",
    bad: [
      'ALTER TABLE cases DROP COLUMN docket_no;\n-- a later migration:\nCREATE INDEX cases_docket_idx ON cases (docket_no);',
    ],
    falseAlarm:
      'Production has an object that no migration makes. Add it as a migration, or rehearse on a server that has it (`--server`).',
  },
  {
    code: 'ownership/not-allowed',
    title: 'The deploy role may not do what the migration does',
    why: 'SQLSTATE 42501. In tests the role that migrates owns everything, because it has just created it. In production the tables often belong to another role, and `ALTER TABLE` fails with "must be owner of table".',
    instead:
      'Let the owner apply the migration, hand the object over (`ALTER TABLE … OWNER TO`), or make the deploy role a member of the owner (`GRANT owner TO deploy`). Then say in the configuration what the deploy role owns (`roles.owns`) or is a member of (`roles.memberOf`).',
    falseAlarm: 'The configuration does not say what the deploy role really owns in production.',
  },
  {
    code: 'ownership/without-effect',
    title: 'A GRANT or REVOKE that does nothing',
    why: 'A role that does not own an object, and was not given its privileges with the right to pass them on, may still write `GRANT` and `REVOKE`: PostgreSQL answers with a warning (SQLSTATE 01007, 01006) and changes nothing. The migration counts as applied, and the service fails later with "permission denied". It is looked for where roles are split, since only then it is known who owns what.',
    instead:
      'Let the owner run the statement, or let the owner give the deploy role the privilege `WITH GRANT OPTION` first. Where the deploy role does own the object in production, say so in `roles.owns`.',
    bad: ['-- as a deploy role that does not own cases:\nGRANT SELECT ON cases TO reporting;'],
    falseAlarm:
      'Whoever is named has the privilege already, by another role or through PUBLIC. Then leave the statement out.',
  },
  {
    code: 'apply/baseline-fails',
    title: 'The history does not apply from the start',
    why: 'A migration that is taken as live fails on an empty database. Nothing after it can be rehearsed, and no new environment can be built from these files.',
    instead:
      'Mend the history with care (the ledger may hold its checksum), or squash it into a dump of production as a new first migration.',
  },
  {
    code: 'unproven/baseline-rights',
    title: 'The baseline needs rights that were not given',
    why: 'A live migration did something that the role of the rehearsal may not do, so the state in front of the pending ones could not be built.',
    instead:
      'Give the role in the configuration what it has in production: `roles: { attributes, memberOf }`. Or rehearse on a server that is set up like production.',
  },
  {
    code: 'unproven/extension-missing',
    title: 'The scratch server lacks an extension',
    why: 'The embedded PostgreSQL comes with the contrib extensions only. What comes after `CREATE EXTENSION` was not rehearsed.',
    instead:
      'Install the extension for a PostgreSQL on this machine and choose it with `--pg`, or name a server that has it with `--server`.',
  },
  {
    code: 'unproven/other-engine',
    title: 'The history is written for another engine',
    why: 'The live history uses a type, a function or a word that PostgreSQL does not have and another engine does. Either the folder is for that engine, or the program rewrites the files before it sends them; then the files are not what reaches the server.',
    instead:
      'Name the folders that are for PostgreSQL (`seaworthy check DIR`), or check the files as the program sends them.',
  },
  {
    code: 'unproven/templated',
    title: 'The migrations are templates',
    why: 'A marker such as `{{` stands where the server expects SQL. The program fills it in before it sends the file, and what it fills in is not known here.',
    instead: 'Render the files first and check the rendered folder.',
  },
  {
    code: 'unproven/privilege-assumed',
    title: 'A pending migration needs rights that production may not give',
    why: 'Only a superuser (or a role with CREATEROLE) may do this, or a guard that the history itself set up refuses it. The rehearsal went past that, so the rest is judged; whether production allows it is not proved.',
    instead:
      'Have an administrator do it before the release, or say in the configuration that the deploy role has the right.',
  },
  {
    code: 'unproven/split-proves-nothing',
    title: 'Split roles without anything to split',
    why: 'Roles are split to prove that the deploy role can work on what it does not own. If everything after the baseline belongs to it, the proof would compare a thing with itself.',
    instead: 'Name a baseline in which the owner made tables, or use `--roles single`.',
  },
  {
    code: 'unproven/server-limit',
    title: 'The given server does not let us prove it',
    why: 'On a server that you name with `--server` the rehearsal may do only what that login may do.',
    instead: 'Give it a login that may create databases and roles, or use a scratch server.',
  },
  {
    code: 'unproven/pending-not-anchored',
    title: 'What is pending was not read from production',
    why: 'For a pull request it is enough to judge what is new on the branch. A deploy applies what production lacks, which can be more.',
    instead:
      'Give the ledger (`--ledger`, `--ledger-url`), a commit that is live (`--since`) or a version that is live (`--baseline`).',
  },
  {
    code: 'unproven/interrupted',
    title: 'A migration was not finished',
    why: 'A time limit or a lost server ended it. That says nothing about the migration.',
    instead: 'Run again; raise `timeouts.statementTimeoutMs` if the migration is slow by nature.',
  },
  {
    code: 'unproven/rehearsal-incomplete',
    title: 'The rehearsal does not cover this tree',
    why: 'Every migration has to be accounted for, in order. One that is missing, mixed up or left out without a reason proves nothing.',
    instead: 'Run the check again; if it stays, report it with the evidence folder.',
  },
]
