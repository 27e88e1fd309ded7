import type { Explanation } from '../../gate/finding.ts'

/** Codes about the folder itself, and about other branches. */
export const folderExplanations: readonly Explanation[] = [
  {
    code: 'ledger/duplicate-version',
    title: 'Two migrations have the same version',
    why: 'Two people took the same number, usually on two branches, and git merges both without a conflict because the files have different names. Depending on the tool, the service does not start, one of the two is never applied, or a ledger that knows the version under one name refuses the other at the next deploy.',
    instead:
      'Keep the one that is live in production. Rename the other one to the next free version; `seaworthy reserve NAME` finds it, and `seaworthy check --branches` notices the collision before the merge.',
    production:
      'Depending on the tool the service does not start, or one of the two migrations is never applied and its table is missing.',
    steps: [
      'Give the one that is not live yet the next free version: `seaworthy reserve NAME`.',
      'Rebase, and run again.',
    ],
  },
  {
    code: 'ledger/misnamed-file',
    title: 'The tool does not read this file',
    why: 'A file such as `0021_x_up.sql` does not fit the pattern that the tool looks for. It lies in the folder, everybody believes that it was applied, and a later migration fails on what it should have made. Some tools stop at such a file instead.',
    instead: "Rename it as the tool's documentation has it, or move it out of the migration folder.",
    falseAlarm:
      'SQL that is not meant to be a migration: seeds, notes, snippets. They are safer in a folder of their own.',
    production: 'The code of the release meets a schema without what the file should have made.',
    steps: ['Rename the file as the tool expects.', 'If it was never applied anywhere, nothing else is needed.'],
  },
  {
    code: 'ledger/orphan-down',
    title: 'A down file without its up file',
    why: 'The up file was removed, renamed or never committed. Tools differ: some record the version as applied without doing anything, some stop, and going back would run a script for something that was never made.',
    instead: 'Bring the up file back, or remove the down file.',
    production: 'Nothing until somebody goes back: then a script runs for something that was never made.',
    steps: ['Bring the up file back, or remove the down file with it.'],
  },
  {
    code: 'ledger/journal-without-file',
    title: 'The journal lists a migration that is not there',
    why: 'drizzle reads every file of its journal before it applies anything. One that is missing stops them all.',
    instead: 'Restore the file. Take the entry out of `meta/_journal.json` only if no database has applied it.',
    production: 'The tool stops before it applies anything, and the service does not start.',
    steps: ['Bring the file back, or take its entry out of the journal.'],
  },
  {
    code: 'ledger/file-without-journal',
    title: 'A migration that the journal does not list',
    why: 'drizzle applies what `meta/_journal.json` lists and nothing else. The file looks like a migration and is never run; after a badly resolved merge the entry is often what got lost.',
    instead: 'Generate the migration with drizzle-kit, which writes the entry, or remove the file.',
    production: 'The release goes live without the migration.',
    steps: ['Add the entry to `meta/_journal.json`, best by generating it anew.'],
  },
  {
    code: 'ledger/journal-order',
    title: 'The journal is not in the order of its times',
    why: "drizzle compares each entry's `when` with the newest row of its ledger and skips what is not newer. An entry with an older time behind a newer one is never applied where the newer one already was.",
    instead: 'Generate the later migration again, so that its time is newer than that of every entry before it.',
    production: 'Production skips the migration; a new environment applies it.',
    steps: ['Give the entry a time after the newest one.'],
  },
  {
    code: 'ledger/other-language',
    title: 'A migration in another language',
    why: 'Code between the SQL files (Go, TypeScript, Rust …) changes the database as well, and only its own program can run it. What comes after it was tried without it, so nothing is proved for it.',
    instead:
      'Write it as SQL where that is possible. Else start the rehearsal after it: `--baseline VERSION` on a server where it has run (`--server URL`).',
    production: 'Nothing by itself: what comes after that migration was tried without it.',
    steps: ['Write it as SQL where that is possible.', 'Else try the release with its own program as well.'],
  },
  {
    code: 'ledger/bad-metadata',
    title: 'Settings of a migration that do not say what they should',
    why: 'A settings file beside a migration is broken, or leaves out what decides how the migration runs (in a transaction or not). The tool falls back on a default that its author may not have meant. Where the whole folder cannot be used for that reason, nothing is proved.',
    instead:
      'Write the setting out: `run_in_transaction = true` or `false` in diesel’s `metadata.toml`; restore drizzle’s journal from git.',
    production: 'A migration runs inside a transaction, or outside of one, other than its author meant.',
    steps: ['Mend the settings file.'],
  },
  {
    code: 'parse/invalid-utf8',
    title: 'A migration that is not UTF-8',
    why: 'The server refuses bytes that are not valid in its encoding, or the tool alters them on the way. What would be sent is not known, so nothing is proved.',
    instead: 'Save the file as UTF-8.',
    production: 'The server refuses the file, or stores other characters than those that were written.',
    steps: ['Save the file as UTF-8.'],
  },
  {
    code: 'parse/unreadable',
    title: 'A file that cannot be read',
    why: 'It may be a migration, and what nobody could read is not proved.',
    instead: 'Make it a readable file inside of the repository, or remove it.',
    production: 'Nothing yet: nobody knows what is in it.',
    steps: ['Make the file readable, or remove it.'],
  },
  {
    code: 'parse/too-large',
    title: 'A migration that is too large to be read',
    why: 'There is a limit on every file, and what lies beyond it was not judged.',
    instead: 'Load data outside of the migrations, or split the file.',
    production: 'Nothing yet: it was not judged.',
    steps: ['Take the data out of the migration, and load it by a job.'],
  },
  {
    code: 'parse/symlink-loop',
    title: 'A symbolic link that leads in a circle',
    why: 'The folder could not be listed to its end, so a migration may be missing from what was judged.',
    instead: 'Remove the link.',
    production: 'A migration may be missing from what was judged.',
    steps: ['Remove the link.'],
  },
  {
    code: 'ledger/version-taken',
    title: 'Another branch has taken this version',
    why: 'Both branches are fine for themselves, and both pass. Merged, they are two migrations with one version, and whoever is merged second takes production down. Asked for with `--branches`.',
    instead:
      'Give this one the next free version: `seaworthy reserve NAME` looks at the folder, the ledger and all branches. A branch that nobody will merge should be deleted.',
    falseAlarm: 'An abandoned branch, or one on which the same migration has another file name.',
    production: 'The second branch to be merged takes production down.',
    steps: ['Take the next free version: `seaworthy reserve NAME`.'],
  },
  {
    code: 'ledger/branches-left-out',
    title: 'Not all branches were looked at',
    why: 'At most 500 branches are read, those with the newest commits. A version that an older one took is not seen.',
    instead: 'Delete branches that nobody will merge.',
    production: 'A version that an old branch took shows up as a conflict later.',
    steps: ['Delete branches that nobody needs.'],
  },
  {
    code: 'unproven/tree-and-pending-disagree',
    title: 'What is pending is not in the folder',
    why: 'The folder changed while it was looked at, or the observations of two runs were mixed. Together they prove nothing.',
    instead: 'Run the check again; if it stays, report it with the evidence folder.',
    production: 'Nothing yet.',
    steps: ['Run again.'],
  },
]
