import type { Explanation } from '../../gate/finding.ts'

const ASK =
  'Ask production before the release: `seaworthy prove --against URL` runs the question in a read-only transaction under a time limit and writes the dated answer to a file. Give that file to `seaworthy check --action deploy --answers FILE`. If rows are in the way, mend them in production first. docs/guides/obligations.md tells the whole way.'

const STEPS: readonly string[] = [
  'Ask production, and look at the rows that stand in the way.',
  'Mend them, and let the running version write no more of them.',
  'Deploy with the fresh answer: it says that no row is left.',
]

const FALSE_ALARM =
  'It is no alarm but a question: a pull request shows it as a note. Whether it becomes one, production says.'

const sort = (
  name: string,
  title: string,
  why: string,
  bad: readonly string[],
  good: readonly string[] = [],
): Explanation => ({
  code: `obligation/${name}`,
  title,
  why,
  production:
    'The migration fails in production on the first such row, after it has looked at all before it, and the service does not start.',
  instead: ASK,
  steps: STEPS,
  bad,
  ...(good.length === 0 ? {} : { good }),
  falseAlarm: FALSE_ALARM,
})

/** Every code that the judge of obligations can return. */
export const explanations: readonly Explanation[] = [
  sort(
    'unique',
    'Production may hold duplicates',
    'A unique index, unique constraint or primary key on a table that exists fails on the first duplicate. Rows that were made up for the rehearsal cannot say whether production has one.',
    ['CREATE UNIQUE INDEX users_handle_key ON users (handle);'],
  ),
  sort(
    'gives-up',
    'The release may give up on the rows that production has',
    'A block of the release raises an error where a condition holds. It held for rows that were made up; whether it does in production, only production can say.',
    [
      "DO $$ BEGIN IF EXISTS (SELECT FROM users WHERE email IS NULL) THEN RAISE EXCEPTION 'mend them first'; END IF; END $$;",
    ],
  ),
  {
    ...sort(
      'not-there',
      'Production may have what no migration made',
      'A guarded DROP (IF EXISTS, or a question to the catalogue in a block) does nothing in the rehearsal, because no migration made the thing. Somebody may have made it in production by hand, and there it is taken away.',
      ['DROP TABLE IF EXISTS old_exports;', 'ALTER TABLE users DROP COLUMN IF EXISTS nickname;'],
    ),
    production: 'The migration goes through, and what somebody made by hand is gone with its rows.',
  },
  sort(
    'exclusion',
    'Production may hold rows that exclude each other',
    'An exclusion constraint, or a key WITHOUT OVERLAPS, fails on the first two rows that meet all of its conditions.',
    ['ALTER TABLE hearings ADD CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&);'],
  ),
  sort(
    'not-null',
    'Production may hold NULLs',
    '`SET NOT NULL` on a column that exists, a primary key over it, or NOT NULL of its domain fails on the first row without a value.',
    ['ALTER TABLE users ALTER COLUMN email SET NOT NULL;'],
  ),
  sort(
    'check',
    'Production may hold rows that a check refuses',
    'A CHECK that is validated at once, `VALIDATE CONSTRAINT`, and a check of a domain look at every row and fail on the first one that does not meet it.',
    ['ALTER TABLE orders ADD CONSTRAINT total_not_negative CHECK (total >= 0);'],
    ['ALTER TABLE orders ADD CONSTRAINT total_not_negative CHECK (total >= 0) NOT VALID;'],
  ),
  sort(
    'foreign-key',
    'Production may hold rows without their parent',
    'A foreign key that is validated looks at every row and fails on the first one whose parent is missing.',
    ['ALTER TABLE orders ADD CONSTRAINT orders_user_fkey FOREIGN KEY (user_id) REFERENCES users;'],
    ['ALTER TABLE orders ADD CONSTRAINT orders_user_fkey FOREIGN KEY (user_id) REFERENCES users NOT VALID;'],
  ),
  sort(
    'type',
    'Production may hold values that do not fit the new type',
    'A narrower type fails on the first value that is too long, too large or of another form, and rounds or cuts others without a word. An enum that lost a value fails on rows that hold it.',
    ['ALTER TABLE users ALTER COLUMN handle TYPE varchar(20);'],
    ['ALTER TABLE users ALTER COLUMN handle TYPE text;'],
  ),
  sort(
    'partition',
    'Production may hold rows outside of the bounds of a partition',
    'ATTACH PARTITION fails on the first row outside of the bounds; a new partition fails while the default partition holds a row that belongs there.',
    ["ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');"],
  ),
  {
    code: 'obligation/unanswered',
    title: 'Production has not answered a question that the deploy depends on',
    why: 'The release asks something of rows that only production has. For a pull request that is a note; a deploy without the answer would find out by failing. An answer to another query does not count, nor does one that ended in an error or in a time limit.',
    instead: ASK,
    production: 'The deploy finds out by failing, or by losing what does not fit.',
    steps: ['Ask production: `seaworthy prove`.', 'Deploy with the answers, as long as they are fresh.'],
  },
  {
    code: 'obligation/stale-answer',
    title: "Production's answer is too old",
    why: 'Rows change. An answer counts for as long as the policy says (`policy.answersMaxAgeHours`, by default 24 hours), and one that is dated in the future does not count at all. A replica answers for the time up to which it has replayed.',
    instead: ASK,
    production: 'Rows may have come in since that make the migration fail.',
    steps: ['Ask again, directly before the deploy.'],
  },
  {
    code: 'obligation/other-database',
    title: 'The answers are of another database than the shape or the ledger',
    why: 'Answers, shape and a ledger that was read by URL each carry a digest of the cluster’s own identifier and the name of the database. The answers have another one: staging was asked, or the shape is of another server. Its rows say nothing about those that the release will meet. A replica has the identifier of its primary; a cluster that was restored from a logical dump, or upgraded, has a new one.',
    instead:
      'Ask the database that shape and ledger are of, or a replica of it. After a move to another cluster, capture the shape again.',
    production: 'The deploy finds out by failing on rows that nobody asked about.',
    steps: ['Ask production itself, or a replica: `seaworthy prove`.', 'After a move, capture the shape again.'],
  },
  {
    code: 'obligation/database-not-compared',
    title: 'Nothing says that production answered',
    why: 'The answers name the database that gave them by a digest. Without a shape or a ledger that was read by URL there is nothing to compare it with, so answers of staging would be taken as well.',
    instead: 'Give the shape of production with `--shape`, or its ledger with `--ledger-url`.',
    production: 'Nothing, if it was production that answered.',
    steps: ['Capture the shape of production.', 'Deploy with `--shape` and `--answers`.'],
  },
  {
    code: 'obligation/not-askable',
    title: 'Production cannot be asked yet',
    why: 'Whether the release goes through depends on rows that production has, and the question cannot be put to production as it is: it needs a type or a function that the release itself makes, an expression of the migration, or the release writes to those rows first and no row of the rehearsal had anything to mend. For a pull request it is a note, for a deploy unproven.',
    instead:
      'Split the release: first what the question depends on (the backfill, the new type), then the constraint. Or give rows like those of production with `--seed-sql FILE`, so that the rehearsal shows that the release mends them.',
    production: 'The deploy finds out by failing.',
    steps: [
      'Split the release: first what the question depends on, then the constraint.',
      'Or rehearse with rows like those of production: `--seed-sql FILE`.',
    ],
  },
  {
    code: 'obligation/settled-by-release',
    title: 'The release itself decides',
    why: 'The release fills or mends the rows before it asks something of them, or what it asks is about a column that it adds. Production cannot be asked about what is not there yet; in the rehearsal the release went through on rows that needed it.',
    instead: 'Nothing. For more certainty, give rows like those of production with `--seed-sql FILE`.',
    production: 'Nothing: the release mends the rows before it asks.',
    steps: ['Nothing has to be done.', 'For more certainty, rehearse with rows like those of production.'],
  },
  {
    code: 'unproven/synthetic-conflict',
    title: 'A migration fails on made-up rows only',
    why: 'With rows in the tables the migration fails, without them it does not, and no question to production is known that would settle which of the two happens there.',
    instead:
      'Give rows like those of production with `--seed-sql FILE`. If the migration goes through on them, the made-up rows were at fault; if it fails, it would have failed in production.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Write rows like those of production into a file.', 'Run again with `--seed-sql FILE`.'],
    bad: ['-- on a table with rows:\nALTER TABLE users ADD COLUMN email text NOT NULL;'],
  },
  {
    code: 'unproven/obligations-incomplete',
    title: 'Not everything was seen that the release asks of rows',
    why: 'A pending migration did not apply. What it and those after it ask of the rows that production has is not known.',
    instead: 'Mend what keeps the migration from applying.',
    production: 'Nothing yet: a part of the proof is missing.',
    steps: ['Mend what keeps the migration from applying.', 'Run again.'],
  },
]
