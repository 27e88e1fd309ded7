import type { Explanation } from '../../gate/finding.ts'

/** Every code that the judge of repeated starts can return. */
export const explanations: readonly Explanation[] = [
  {
    code: 'repeat/second-start',
    title: 'Started again, the tool applies migrations once more',
    why: 'A service restarts, a second replica comes up, a deploy is tried again: the migration tool starts on a database where everything is applied, asks its ledger, and must find nothing to do. Here it found something, because a pending migration drops, renames, empties or locks away the ledger table, or because no ledger is known at all. What is applied twice fails, or changes rows twice.',
    instead:
      'Leave the ledger to the tool. Where the runner is one of your own, name its table (`ledgerTable`), or write every migration such that it may run twice: `CREATE TABLE IF NOT EXISTS`, `ADD COLUMN IF NOT EXISTS`, `INSERT … ON CONFLICT DO NOTHING`.',
    falseAlarm:
      'The runner keeps its ledger outside of the database, or in a table that Seaworthy was not told of: name it.',
    production:
      'The second replica, or the next restart, applies a migration again: it fails, or changes the data twice.',
    steps: [
      'Leave the ledger to the tool, or name it (`ledgerTable`).',
      'Write each statement such that it may run twice.',
    ],
    bad: ['TRUNCATE schema_migrations'],
    good: ['CREATE TABLE IF NOT EXISTS hearings (id bigint PRIMARY KEY)'],
  },
  {
    code: 'repeat/made-again',
    title: 'A block makes a table or an index without looking whether it is there',
    why: 'With the profile `additive` CREATE TABLE and CREATE INDEX carry IF NOT EXISTS, so that a runner which loses its ledger, or starts twice at once, goes on. In a DO block, a procedure or a function nobody reads the words, so it was run once more on a server, and stopped because the table or index was there. What else fails a second time, such as a plain ADD COLUMN, is guarded by the ledger.',
    instead: 'Write IF NOT EXISTS into the block as well, or take the CREATE out of it.',
    production:
      'A tenant whose data has been through that version before does not come up: "already exists", from inside of the block.',
    steps: ['Write IF NOT EXISTS into the block.', 'Or take the CREATE out of it, where everybody reads it.'],
    falseAlarm: 'A block that looks for the object in another way, which did not find it in the rehearsal.',
    bad: ["DO $$BEGIN EXECUTE 'CREATE TABLE coupons (code text PRIMARY KEY)'; END$$"],
    good: ["DO $$BEGIN EXECUTE 'CREATE TABLE IF NOT EXISTS coupons (code text PRIMARY KEY)'; END$$"],
  },
  {
    code: 'repeat/not-from-the-middle',
    title: 'A migration cannot be started again from where it stopped',
    why: 'The migration commits more than once: it runs outside of a transaction, or has a COMMIT of its own. If it is ended in between (a restart, a lost connection, a failing later statement), the first part is in for good, the ledger does not know it, and the next start runs the file from its beginning. That was tried on a real server: it fails, or leaves something else than a run without a stop, such as rows that were inserted twice.',
    instead:
      'Make a migration of its own of each part that commits; then the ledger knows where it stopped. Or write each statement such that it may run twice. With the profile `online` this is a note, since a person can mend it; with `additive` it refuses.',
    production:
      'After a restart in the middle the service does not come up: "already exists". Somebody has to finish the migration by hand.',
    steps: ['Make a migration of each part that commits.', 'Or write each statement such that it may run twice.'],
    falseAlarm: 'Somebody watches the release and finishes it by hand. With the profile `online` it is a note.',
    bad: ['CREATE TABLE hearings (id bigint); COMMIT; ALTER TABLE hearings ADD COLUMN held_on date'],
    good: ['CREATE TABLE IF NOT EXISTS hearings (id bigint)'],
  },
  {
    code: 'repeat/invalid-index',
    title: 'A stopped index build is taken for a finished one',
    why: '`CREATE INDEX CONCURRENTLY` that is ended, or that meets a duplicate, leaves an index of that name behind, marked invalid. `IF NOT EXISTS` then finds the name and skips the build: the migration succeeds, the ledger says applied, and the index is used by no query. A unique index that is invalid does not keep duplicates out that were there before.',
    instead:
      'Where the tool sends statement by statement, take a left-over away first: `DROP INDEX CONCURRENTLY IF EXISTS name;`, then `CREATE INDEX CONCURRENTLY name …`. Where it sends a file as one message, nothing may stand beside the build: leave IF NOT EXISTS out, so that a second start fails and a person drops the left-over; or, while the table is small, build without CONCURRENTLY.',
    production:
      'Queries stay slow although the ledger says that the index is there; duplicates come in past a unique one.',
    steps: [
      'Look for invalid indexes (`pg_index.indisvalid`).',
      'DROP INDEX CONCURRENTLY the left-over.',
      'Build it again.',
    ],
    falseAlarm: 'The release looks for invalid indexes itself, and drops them.',
    bad: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS hearings_day ON hearings (held_on)'],
    good: [
      'DROP INDEX CONCURRENTLY IF EXISTS hearings_day;\nCREATE INDEX CONCURRENTLY hearings_day ON hearings (held_on);',
    ],
  },
  {
    code: 'unproven/repeat-not-tried',
    title: 'Starting again from one place was not tried',
    why: 'The migration can stop there, and nobody knows what starting it again would do: the block or procedure commits on its way, where no one can stop it; there are more than 20 such places; the migrations do not apply; or the server does not let us leave an index invalid.',
    instead:
      'Make a migration of its own of each part that commits. For a backfill in batches let the program do it, or a job that can be started at any time. It is a note with the profile `online`.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Make a migration of each part that commits.', 'Run again.'],
  },
  {
    code: 'unproven/repeat-incomplete',
    title: 'The trial of starting again does not fit the migrations',
    why: 'A place at which a pending migration can stop has no trial, the profile is another one, or a trial contradicts itself. Evidence like that proves nothing, whatever it says.',
    instead: 'Run again. If the finding stays, report it with the evidence folder: it is a bug.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Run again.', 'If it stays, report it with the evidence folder.'],
  },
]
