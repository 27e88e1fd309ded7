import type { Explanation } from '../../gate/finding.ts'

/** Codes about production's ledger, and about what is live. */
export const ledgerExplanations: readonly Explanation[] = [
  {
    code: 'unproven/base-not-known',
    title: 'Whether live files were edited is not known',
    why: 'A baseline or a ledger says what is live, and git could not say what those files were: usually the clone is shallow. An edit to a migration that production has applied would not be seen.',
    instead:
      'Fetch the history: `git fetch --unshallow origin`, or `fetch-depth: 0` in a CI checkout (`GIT_DEPTH: 0` on GitLab). A ledger with a checksum for each live migration shows edits without git.',
    production: 'An edit of a migration that is live would go unseen.',
    steps: ['Fetch the history: `git fetch --unshallow`.', 'Run again.'],
  },
  {
    code: 'unproven/ledger-and-pending-disagree',
    title: 'What was judged as pending is not what the ledger lacks',
    why: 'The ledger was said to decide what is pending, and asked again it says something else: some migration was judged that is applied, or was not judged and is not applied. The two were not observed together.',
    instead: 'Run the check again, on one ledger and one folder.',
    production: 'Nothing yet: another set of migrations was judged than would be applied.',
    steps: ['Observe the ledger and the folder in one run.'],
  },
  {
    code: 'unproven/ledger-empty',
    title: 'The ledger is empty, and the folder is not new',
    why: 'The ledger has no row at all, while git knows migrations from before this candidate. Most often it is the ledger of a new database and not that of production; then nothing is known of what is live.',
    instead: 'Export the ledger of production.',
    falseAlarm: 'Nothing was ever deployed. Then judge everything with `--all`, without a ledger.',
    production: 'Nothing yet: the ledger is most likely that of another database.',
    steps: ['Read the ledger of production.', 'For a new database, use `--all`.'],
  },
  {
    code: 'ledger/applied-under-another-name',
    title: 'Production knows this version under another name',
    why: 'Somebody’s migration with this version has reached production, and the one in the folder is a different one. A runner that compares names stops at start-up; one that compares versions only takes the new file for applied and never runs it.',
    instead:
      'Bring the file that was applied into the folder (it is on some branch), and give this one the next free version: `seaworthy reserve NAME`.',
    falseAlarm: 'The file was renamed after it was applied. Then give it back the name that the ledger has.',
    production: 'The tool stops at start-up, or takes the new file for applied and never runs it.',
    steps: [
      'Find out which branch the applied one came from, and bring its file back.',
      'Give the other one a new version.',
    ],
  },
  {
    code: 'ledger/checksum-mismatch',
    title: 'An applied migration has another content',
    why: 'The file was edited after production had applied it. sqlx and many home-grown runners refuse to start; the others do not notice, and production keeps what the old text made, while every new environment gets the new one.',
    instead: 'Restore the file as it was applied (`git log -- FILE` has it), and make the change in a new migration.',
    production: 'The tool refuses to start; or production and new environments differ without a word.',
    steps: ['Bring the applied text back.', 'Write what was meant as a new migration.'],
  },
  {
    code: 'ledger/line-ending-drift',
    title: 'An applied migration differs in its line endings',
    why: 'The same text with CRLF instead of LF, or the reverse: usually a checkout on another system. The SQL is the same, and yet the bytes are not: sqlx and most runners with checksums compare bytes and refuse. Prisma takes both for the same.',
    instead:
      'Write `*.sql text eol=lf` into `.gitattributes` (or `eol=crlf`, if that is what was applied), then `git add --renormalize .`.',
    production: 'A tool that compares bytes refuses to start.',
    steps: ['Check the files out with the endings that were applied (`.gitattributes`: `*.sql -text`).'],
  },
  {
    code: 'ledger/unknown-checksums',
    title: 'The ledger’s checksums are of an unknown kind',
    why: 'They have the form of a SHA-256, and not one of them is the SHA-256 of its file. The runner computes them from something else, so whether a live file was edited could not be seen.',
    instead:
      'Leave the column out of the snapshot, or let `ledgerTable` name a view without it. Edits to live files are then found through git.',
    production: 'Nothing by itself: an edit of a live file would not be seen by the ledger.',
    steps: ['Say which table or column holds the real checksums, or rely on git.'],
  },
  {
    code: 'ledger/applied-but-missing',
    title: 'Production has a migration that the folder lacks',
    why: 'It came from a branch that was deployed and not merged, or its file was removed. What the release was tried on is then not what production is; golang-migrate, sqlx and runners that compare refuse to start.',
    instead: 'Merge the branch that brought it, or restore its files.',
    falseAlarm: 'A history that was squashed on purpose: then the ledger has to be squashed with it.',
    production: 'The tool refuses to start, or the release was tried on another schema than production has.',
    steps: ['Bring the file back from the branch that was deployed.'],
  },
  {
    code: 'ledger/pending-older-than-applied',
    title: 'A pending migration is older than what is live',
    why: 'Two branches, and the newer version was merged and deployed first. golang-migrate and drizzle only look ahead from the newest applied version: they skip the older one without a word, and the service meets a schema that lacks it. sqlx, diesel and Prisma apply it after the newer one, in an order that no new environment will ever see.',
    instead: 'Rename it to a version newer than everything that is live: `seaworthy reserve NAME`.',
    production: 'The migration is skipped in production without a word, or applied in an order that no test had.',
    steps: ['Give it a version after the newest applied one.'],
  },
  {
    code: 'ledger/dirty',
    title: 'Production is stuck in a half-applied migration',
    why: 'The ledger says that a migration was begun and not finished. Most tools refuse to go on, and what of it is in the database nobody knows without looking.',
    instead:
      'Look what of the migration is there, finish or undo it by hand, then tell the tool: `migrate force VERSION`, `prisma migrate resolve`, or the row of the ledger.',
    production: 'No migration is applied any more until somebody has looked.',
    steps: [
      'Look at what of it is in the database, and undo or finish it by hand.',
      "Set the record with the tool's own command.",
    ],
  },
  {
    code: 'ledger/baseline-not-applied',
    title: 'The baseline says more than the ledger',
    why: 'A migration was taken as live because of `--baseline` or `--since`, and production’s ledger does not list it. The release would be tried on a schema that production does not have.',
    instead: 'Name the newest version that is really applied, or leave the baseline out: the ledger says what is live.',
    production: 'The release is tried on a schema that production does not have.',
    steps: ['Take the ledger as the basis, or a lower baseline.'],
  },
  {
    code: 'ledger/already-applied',
    title: 'A migration that was judged as pending is applied',
    why: 'The ledger lists it, and `--baseline` or `--since` counts it as new. Judging it again does no harm.',
    instead: 'Nothing; a newer baseline makes the run shorter.',
    production: 'Nothing.',
    steps: ['Take the ledger as the basis.'],
  },
  {
    code: 'ledger/baseline-is-new',
    title: 'A new file is taken as live',
    why: '`--baseline` names a version, and everything up to it counts as applied. Git has only known these files since the base that the release is compared with, so nobody but the name says that production has them, and they were not judged. A new file that stands between older ones is judged all the same: production came past its place before it was there.',
    instead:
      'Give the ledger (`--ledger FILE`, `--ledger-url URL`): it knows what was applied. Or name the baseline that production really stands at.',
    production: 'If it is not so, the next deploy applies what no gate has looked at.',
    steps: ['Ask production which version it stands at.', 'Name that one, or give its ledger.'],
    falseAlarm: 'A branch that was deployed before it was merged.',
  },
  {
    code: 'ledger/baseline-edited',
    title: 'A live migration was edited',
    why: 'The file is not what it was at the base revision. Production has applied the old text and will not apply the new one; a tool with checksums refuses to start.',
    instead: 'Restore the file, and make the change in a new migration.',
    falseAlarm:
      'The base is older than what is live, and the migration was still pending: name what is live with `--since`, `--baseline` or `--ledger`.',
    production: 'A tool with checksums refuses to start; without them production keeps the old state.',
    steps: ['Bring the live text back.', 'Write what was meant as a new migration.'],
  },
  {
    code: 'ledger/baseline-line-endings',
    title: 'A live migration has other line endings',
    why: 'Its text is the same, its bytes are not. sqlx and most runners with checksums refuse to start.',
    instead: 'Put the line endings back, and hold them with `*.sql text eol=lf` in `.gitattributes`.',
    production: 'A tool that compares bytes refuses to start.',
    steps: ['Bring the old endings back (`.gitattributes`: `*.sql -text`).'],
  },
  {
    code: 'ledger/baseline-removed',
    title: 'A live migration was removed',
    why: 'The base revision has it and the candidate does not. golang-migrate, sqlx and runners that compare refuse to start, and no new environment can be built as production was.',
    instead: 'Restore it. To squash a history, squash the ledger of every environment with it.',
    production: 'Tools that compare refuse to start, and no new environment can be built.',
    steps: ['Bring the file back.'],
  },
  {
    code: 'ledger/baseline-renamed',
    title: 'A live migration was renamed',
    why: 'Content and version are the same. Tools that know a migration by its version do not care; a runner that compares names stops at start-up.',
    instead: 'Leave the name of a live migration as it was applied.',
    production: 'A tool that compares names refuses to start.',
    steps: ['Give it its old name.'],
  },
]
