import type { Explanation } from '../../gate/finding.ts'

/** Every code that the rehearsal's judge can return. */
export const explanations: readonly Explanation[] = [
  {
    code: 'apply/migration-fails',
    title: 'A pending migration does not apply',
    why: 'The migration was sent to a real server after the whole history, the way its tool sends it, and the server refused it. In production the service would stop at start-up, and `restart: unless-stopped` would restart it into the same error.',
    instead:
      "Read the server's message and the place. Where an earlier migration took away what this one needs, it is named. Mend the file while it is still pending; a migration that is live is never edited.",
    production:
      'The service stops at start-up, and a restart policy restarts it into the same error. With a tool that commits statement by statement, half of the migration is in the database.',
    steps: [
      "Read the server's own words in the finding, and mend the file while it is pending.",
      'Rehearse again.',
      'If production is stuck already, the hint says how this tool gets out.',
    ],
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
    production: 'The migration fails with 42501 in production only, and the service does not start.',
    steps: [
      'Let the owner apply the migration, or GRANT the owner to the deploy role, or hand the object over once, by hand.',
      'Say in `roles` how production has it, so that the rehearsal sees it from now on.',
    ],
  },
  {
    code: 'ownership/without-effect',
    title: 'A GRANT or REVOKE that does nothing',
    why: 'A role that does not own an object, and was not given its privileges with the right to pass them on, may still write `GRANT` and `REVOKE`: PostgreSQL answers with a warning (SQLSTATE 01007, 01006) and changes nothing. The migration counts as applied, and the service fails later with "permission denied". It is looked for where roles are split, since only then it is known who owns what.',
    instead:
      'Let the owner run the statement, or let the owner give the deploy role the privilege `WITH GRANT OPTION` first. Where the deploy role does own the object in production, say so in `roles.owns`.',
    production: 'The release succeeds. "permission denied" comes later, from code that counts on the grant.',
    steps: [
      'Let the owner, or a role with the grant option, write the GRANT.',
      'Look at the privileges afterwards: `\\dp`.',
    ],
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
    production: "Production itself runs. A new environment, a restore test, a developer's first day fail.",
    steps: [
      'Find the live migration that fails on an empty database.',
      'Where the tool lets you, mend it; else begin the folder anew with a dump of production as its first migration.',
    ],
    falseAlarm:
      'The history needs something that every environment gets by other means. Say so with `roles`, `--shape` or `--server`.',
  },
  {
    code: 'unproven/baseline-rights',
    title: 'The baseline needs rights that were not given',
    why: 'A live migration did something that the role of the rehearsal may not do, so the state in front of the pending ones could not be built.',
    instead:
      'Give the role in the configuration what it has in production: `roles: { attributes, memberOf }`. Or rehearse on a server that is set up like production.',
    production: 'Nothing yet: the state before the release could not be built, so nothing was tried.',
    steps: ['Say in `roles` what the role has in production.', 'Or name a server that is set up like it: `--server`.'],
  },
  {
    code: 'unproven/extension-missing',
    title: 'The scratch server lacks an extension',
    why: 'The embedded PostgreSQL comes with the contrib extensions only. What comes after `CREATE EXTENSION` was not rehearsed.',
    instead:
      'Install the extension for a PostgreSQL on this machine and choose it with `--pg`, or name a server that has it with `--server`.',
    production: 'Nothing yet: what comes after the extension was not tried.',
    steps: [
      'Install the extension for a PostgreSQL of this machine and use `--pg`.',
      'Or name a server that has it: `--server`.',
    ],
  },
  {
    code: 'unproven/other-engine',
    title: 'The history is written for another engine',
    why: 'The live history uses a type, a function or a word that PostgreSQL does not have and another engine does. Either the folder is for that engine, or the program rewrites the files before it sends them; then the files are not what reaches the server.',
    instead:
      'Name the folders that are for PostgreSQL (`seaworthy check DIR`), or check the files as the program sends them.',
    production: 'Nothing yet: the files were not tried.',
    steps: ['Name the folders that are for PostgreSQL.', 'If a program rewrites the files, check what it sends.'],
  },
  {
    code: 'unproven/templated',
    title: 'The migrations are templates',
    why: 'A marker such as `{{` stands where the server expects SQL. The program fills it in before it sends the file, and what it fills in is not known here.',
    instead: 'Render the files first and check the rendered folder.',
    production: 'Nothing yet: what would be sent is not known.',
    steps: ['Render the files in the build.', 'Check the rendered folder.'],
  },
  {
    code: 'unproven/privilege-assumed',
    title: 'A pending migration needs rights that production may not give',
    why: 'Only a superuser (or a role with CREATEROLE) may do this, or a guard that the history itself set up refuses it. The rehearsal went past that, so the rest is judged; whether production allows it is not proved.',
    instead:
      'Have an administrator do it before the release, or say in the configuration that the deploy role has the right.',
    production: 'The migration may fail with 42501 in production.',
    steps: ['Ask production whether its role may do that, or capture its shape.', 'Say so in `roles`, and run again.'],
  },
  {
    code: 'unproven/split-proves-nothing',
    title: 'Split roles without anything to split',
    why: 'Roles are split to prove that the deploy role can work on what it does not own. If everything after the baseline belongs to it, the proof would compare a thing with itself.',
    instead: 'Name a baseline in which the owner made tables, or use `--roles single`.',
    production: 'Nothing: the run would have said yes without having looked.',
    steps: [
      'Choose a baseline in which the owner has made tables.',
      'Or rehearse with a single role, and know that ownership is not proved.',
    ],
  },
  {
    code: 'unproven/server-limit',
    title: 'The given server does not let us prove it',
    why: 'On a server that you name with `--server` the rehearsal may do only what that login may do, and the roles and settings of a shape are not set up there for anybody: they belong to the whole cluster.',
    instead: 'Use a scratch server. Where a right is missing, a login that may create databases and roles will do.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Give the login of `--server` the right that is named.', 'Or leave `--server` out.'],
  },
  {
    code: 'unproven/pending-not-anchored',
    title: 'What is pending was not read from production',
    why: 'For a pull request it is enough to judge what is new on the branch. A deploy applies what production lacks, which can be more.',
    instead:
      'Give the ledger (`--ledger`, `--ledger-url`), a commit that is live (`--since`) or a version that is live (`--baseline`).',
    production: 'A deploy may apply more than what was judged.',
    steps: ['Name what is live: a ledger, best of all.', 'Run again with `--action deploy`.'],
  },
  {
    code: 'unproven/interrupted',
    title: 'A migration was not finished',
    why: 'A time limit or a lost server ended it. That says nothing about the migration.',
    instead: 'Run again; raise `timeouts.statementTimeoutMs` if the migration is slow by nature.',
    production: 'Nothing yet: nobody knows how long it takes.',
    steps: [
      'Look at why it took so long.',
      'Raise the time limit in the configuration, if the migration is slow by nature.',
    ],
  },
  {
    code: 'unproven/rehearsal-incomplete',
    title: 'The rehearsal does not cover this tree',
    why: 'Every migration has to be accounted for, in order. One that is missing, mixed up or left out without a reason proves nothing.',
    instead: 'Run the check again; if it stays, report it with the evidence folder.',
    production: 'Nothing yet.',
    steps: ['Run again.', 'If it stays, report it with the evidence folder.'],
  },
]
