import type { Explanation } from '../../gate/finding.ts'

/** Every code that the judge of drift can return. */
export const explanations: readonly Explanation[] = [
  {
    code: 'drift/release-collides',
    title: 'The release makes what production has already',
    why: 'No migration before the release makes this object, and production has it: somebody made it by hand, or an earlier attempt left it. `CREATE` fails there and the release stops half-way; `IF NOT EXISTS` takes the old thing for the new one, whatever its columns are.',
    instead:
      'Look at what production has. If it is what the release makes, record the migration as applied with the tool; if not, rename or drop the old thing first, or let the migration bring it to the new form.',
    falseAlarm:
      'The release is applied already, and what is pending was taken from git: give the ledger, or a newer shape.',
    production: 'The migration fails with "already exists", or takes the old thing for the new one.',
    steps: ['Compare the two objects.', 'Record the migration as applied, or rename the old one first.'],
  },
  {
    code: 'drift/release-touches',
    title: 'The release touches what is different in production',
    why: 'The rehearsal ran on what the migrations build. This object is another one in production (a column more, another type, no index, or it is not there at all), so what was rehearsed says little about what will happen there.',
    instead:
      'Bring both together before the release: write what production has into a migration and record it as applied, or change production to what the migrations say. Then run `seaworthy capture` again.',
    production: 'Unknown: the rehearsal was of another object than production has.',
    steps: ['Bring both together in a migration of its own.', 'Capture the shape again.'],
  },
  {
    code: 'drift/missing',
    title: 'Production lacks what the migrations build',
    why: 'A live migration makes this object, and production does not have it. A new server built from the folder is another one than production: tests and rehearsals see what users do not have.',
    instead: 'Find out whether it was dropped by hand or never made, and make it again, or drop it in a migration.',
    falseAlarm: 'The shape is older than the newest live migration: capture it again.',
    production: 'Queries that need the object are slow or fail in production only.',
    steps: ['Find out whether it was dropped by hand.', 'Make it again, or drop it in a migration.'],
  },
  {
    code: 'drift/only-in-production',
    title: 'Production has what no migration builds',
    why: 'Something was made by hand: an index in an emergency, a table of a report, a function of monitoring. A new server built from the folder lacks it, and no rehearsal sees it.',
    instead: 'Write it into a migration (`IF NOT EXISTS`), if the application needs it.',
    falseAlarm: 'It belongs to something else than the application, and lives in the same database.',
    production: 'Nothing today; a new server, or a restore from the migrations, lacks it.',
    steps: ['Find out who made it and what for.', 'Write it into a migration, if the application needs it.'],
  },
  {
    code: 'drift/different',
    title: 'An object is another one in production',
    why: 'Production and the migrations both have it, with other columns, types, defaults, constraints, indexes or triggers. The release does not touch it, so it does not stop the release.',
    instead: 'Find out who changed it, and bring both together in a migration.',
    production: 'What was tested is not what runs.',
    steps: ['Find out who changed it.', 'Bring both together in a migration.'],
  },
  {
    code: 'drift/shape-older',
    title: 'The shape is older than what is live',
    why: 'The shape holds the ledger as it was when it was captured, and that lacks migrations that are live now. What they made, changed or dropped is not in the shape, and looks like drift. Sizes, grants and queries are of that day as well.',
    instead: 'Run `seaworthy capture` again after each release, and give that shape.',
    falseAlarm:
      'The run takes merged migrations as live that production does not have yet: give the ledger with `--ledger` or `--ledger-url`.',
    production: 'Nothing by itself: whether production differs from its migrations is not known.',
    steps: ['Capture the shape again.', 'Run again; what is told then is a difference.'],
  },
  {
    code: 'drift/not-shown',
    title: 'More objects differ than are told one by one',
    why: 'So many differences mostly have one cause: the shape is of another database, or another version is taken as live than production has.',
    instead: 'Look at the name and the ledger in the shape first.',
    production: 'Nothing by itself.',
    steps: ['Look at the name of the database and the ledger in the shape.', 'Capture again from the right one.'],
  },
  {
    code: 'drift/server-version',
    title: 'Production runs another major version',
    why: 'What PostgreSQL locks, rewrites and refuses changes from one major version to the next, and so do the texts that it has for views.',
    instead: 'Rehearse on the version of production with `--pg`.',
    production: 'Locks, rewrites and plans may be other ones than those that were rehearsed.',
    steps: ['Rehearse with `--pg` and the version of production.'],
  },
  {
    code: 'drift/extension-version',
    title: 'Production has another version of an extension',
    why: 'Functions and types of an extension may differ between its versions.',
    instead: 'Mostly nothing. If the release uses what is new in one of them, rehearse with that version.',
    production: 'A function of the extension may be missing or answer differently.',
    steps: ['Look whether the release uses what is new.', 'Rehearse with the version of production, if it does.'],
  },
  {
    code: 'unproven/drift-not-traced',
    title: 'What the release touches is not known',
    why: 'Production differs from what the migrations build. That is harmless where the release does not touch it, and that could not be traced.',
    instead: 'Rehearse on a scratch server, or bring production and the migrations together.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Rehearse on a scratch server.', 'Or bring production and the migrations together.'],
  },
  {
    code: 'unproven/drift-not-compared',
    title: 'Production was not compared',
    why: 'The shape was given, and the catalogue that the migrations build was not observed: the rehearsal did not get there.',
    instead: 'Mend what stopped the rehearsal, and run again.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Mend what stopped the rehearsal.', 'Run again.'],
  },
]
