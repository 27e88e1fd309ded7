import type { Explanation } from '../../../gate/finding.ts'

/** Who waits, beyond what the text of one statement shows. */
export const locks: readonly Explanation[] = [
  {
    code: 'lock/held-during-work',
    title: 'A lock that is held while other work goes on',
    why: 'The first statement needs its lock for a moment only, but keeps it until the transaction commits: everybody waits for what comes after it, be it a write, a query over a whole table, a copy of one, ANALYZE, pg_sleep() or a call to another server.',
    instead: 'Put the two into migrations of their own.',
    falseAlarm:
      'The table that is worked on is small in production: with `--shape` it is no finding. How large the locked table is does not matter.',
    production:
      'Queries of the first table wait for as long as the second statement takes, though it has nothing to do with them.',
    steps: [
      'Make a migration of each of the two.',
      'Put the one that takes long first, or outside of the migrations.',
      'Begin the one with the strong lock with SET LOCAL lock_timeout.',
    ],
    bad: [
      "BEGIN; ALTER TABLE users ADD COLUMN seen boolean; UPDATE orders SET note = ''; COMMIT;",
      'BEGIN; ALTER TABLE users ADD COLUMN seen boolean; SELECT count(*) FROM orders; COMMIT;',
      'BEGIN; ALTER TABLE users ADD COLUMN seen boolean; CREATE TABLE copied AS SELECT id FROM orders; COMMIT;',
      'BEGIN; ALTER TABLE users ADD COLUMN seen boolean; SELECT pg_sleep(60); COMMIT;',
    ],
  },
  {
    code: 'lock/all-rows',
    title: 'Locks every row of a table',
    why: 'SELECT … FOR UPDATE or FOR SHARE without a condition marks every row, which is a write to each of them, and nobody changes any until the transaction ends.',
    instead: 'Lock the rows that are about to be changed, in batches by key.',
    production:
      'Reads go on; every UPDATE and DELETE of the table waits, and with it whoever holds a connection for one.',
    steps: [
      'Say by a condition which rows are to be changed.',
      'Take some thousand at a time, in the order of the key, with SKIP LOCKED where that will do.',
      'Commit after each batch.',
    ],
    falseAlarm: 'A table that is small in production: with `--shape` it is no finding.',
    bad: ['SELECT id FROM users FOR UPDATE;'],
    good: ['SELECT id FROM users WHERE id = 1 FOR UPDATE;'],
  },
  {
    code: 'lock/advisory-lock-kept',
    title: 'A lock of the session that is not given back',
    why: 'pg_advisory_lock() does not end with the transaction, only with the connection or by pg_advisory_unlock().',
    instead: 'pg_advisory_xact_lock(), which ends with the transaction.',
    production:
      'Behind a pool of connections the lock stays for hours, and whoever asks for it, such as the next migration, waits for all that time.',
    steps: [
      'Use pg_advisory_xact_lock().',
      'Where the session has to hold it, call pg_advisory_unlock() with the same numbers, also after an error.',
    ],
    falseAlarm: 'The tool closes its connection after the migration, and no pool keeps it open.',
    bad: ['SELECT pg_advisory_lock(42);'],
    good: ['SELECT pg_advisory_xact_lock(42);', 'SELECT pg_advisory_lock(42); SELECT pg_advisory_unlock(42);'],
  },
  {
    code: 'lock/default-partition',
    title: 'A new partition beside a default one',
    why: 'The default partition may hold rows that belong to the new one: the server reads all of it under the strongest lock to see. It does not where a validated CHECK says that there are none.',
    instead:
      'A CHECK on the default partition that excludes the new bound, NOT VALID, validated in a migration of its own.',
    production:
      'Nobody reads or writes the default partition while it is read, and queries of the whole table that reach it wait too.',
    steps: [
      'On the default partition: a CHECK that says that no row lies within the new bound, NOT VALID.',
      'VALIDATE CONSTRAINT in another transaction; rows that are in the way have to be moved before.',
      'Create or attach the new partition, and drop the check.',
    ],
    falseAlarm:
      'A check that says the same in other words than `NOT (key >= from AND key < to)`; or a default partition that is empty or small: with `--shape` it is no finding.',
  },
  {
    code: 'lock/timeout-off',
    title: 'A time limit is switched off',
    why: 'Something had set a limit for the session: the tool, the role, or the migration itself. With 0 a statement waits for its lock as long as it takes, and everybody who comes after waits behind it.',
    instead:
      'Leave lock_timeout as it is. What takes long and locks nobody out may have SET LOCAL statement_timeout = 0.',
    production:
      'One long query of somebody is enough: the migration waits for it, and every query of the table waits for the migration.',
    steps: [
      'Take the setting out, or set lock_timeout to some seconds before the statement that locks.',
      'Let the migration be sent again where it gave up.',
    ],
    falseAlarm: 'The migrations are applied while the service is stopped.',
    bad: ["SET lock_timeout = '2s'; SET lock_timeout = 0; ALTER TABLE users ADD COLUMN seen boolean;"],
    good: ["SET lock_timeout = '2s'; ALTER TABLE users ADD COLUMN seen boolean;"],
  },
  {
    code: 'lock/autovacuum-off',
    title: 'Switches autovacuum off for a table',
    why: 'Nothing removes dead rows any more: table and indexes grow with every UPDATE, and statistics age. Before transaction numbers run out, the server vacuums it all the same, at once and at the worst time.',
    instead: 'Tune it: autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay.',
    production: 'Nothing for days; then queries become slower and slower, and the disk fills.',
    steps: [
      'Leave autovacuum on.',
      'For a bulk load, switch it off and on again within the same job, and VACUUM ANALYZE at its end.',
    ],
    falseAlarm: 'A table that is only ever filled, and vacuumed by a job of its own.',
    bad: ['ALTER TABLE users SET (autovacuum_enabled = off);'],
    good: ['ALTER TABLE users SET (autovacuum_vacuum_scale_factor = 0.05);'],
  },
]
