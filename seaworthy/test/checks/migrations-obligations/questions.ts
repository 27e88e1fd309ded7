/** A release that asks one thing of rows: rows that meet it and rows that do not. */
export interface Question {
  readonly name: string
  readonly code: string
  /** What production has. */
  readonly live: string
  /** Migrations; the last one asks. */
  readonly release: readonly string[]
  readonly good: readonly string[]
  readonly bad: string
  /** First major version that knows it. */
  readonly since?: number
  /** The release goes through on the bad rows, and changes them. */
  readonly isLossy?: boolean
  /** As a person is asked, where the words are not the usual ones. */
  readonly words?: string
}

const USERS = 'CREATE TABLE users (id int PRIMARY KEY, handle text, email text, age int, deleted_at date);'

export const QUESTIONS: readonly Question[] = [
  {
    name: 'a unique constraint',
    code: 'obligation/unique',
    live: USERS,
    release: ['ALTER TABLE users ADD CONSTRAINT users_handle_key UNIQUE (handle)'],
    good: [`INSERT INTO users VALUES (1, 'ada'), (2, 'bob'), (3, NULL), (4, NULL)`],
    bad: `INSERT INTO users VALUES (5, 'ada')`,
  },
  {
    name: 'a unique index over an expression, for a part of the rows',
    code: 'obligation/unique',
    live: USERS,
    release: ['CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE deleted_at IS NULL'],
    good: [
      `INSERT INTO users VALUES (1, NULL, 'a@x', 1, NULL), (2, NULL, 'A@x', 1, '2025-01-01'), (3, NULL, 'a@x', 1, '2025-01-01')`,
    ],
    bad: `INSERT INTO users VALUES (5, NULL, 'A@x', 1, NULL)`,
    words: 'no two rows of users with the same lower(email) where deleted_at IS NULL',
  },
  {
    name: 'a table that may hold one row only, by an index over a number',
    code: 'obligation/unique',
    live: USERS,
    release: ['CREATE UNIQUE INDEX ON users ((1))'],
    good: ['INSERT INTO users VALUES (1)'],
    bad: 'INSERT INTO users VALUES (2)',
    words: 'at most one row in users',
  },
  {
    name: 'one row only of those that a condition lets through, by an index over a boolean',
    code: 'obligation/unique',
    live: USERS,
    release: ['CREATE UNIQUE INDEX ON users ((true)) WHERE age IS NULL'],
    good: ['INSERT INTO users VALUES (1, NULL, NULL, 5), (2, NULL, NULL, 6), (3, NULL, NULL, NULL)'],
    bad: 'INSERT INTO users VALUES (4)',
    words: 'at most one row in users where age IS NULL',
  },
  {
    name: 'a unique index in which numbers stand that GROUP BY would take for places',
    code: 'obligation/unique',
    live: USERS,
    release: [`CREATE UNIQUE INDEX ON users ((2), ('x'::text), (age + 1), handle)`],
    good: [`INSERT INTO users VALUES (1, 'ada', NULL, 5), (2, 'ada', NULL, 6), (3, NULL, NULL, 5), (4, NULL, NULL, 5)`],
    bad: `INSERT INTO users VALUES (5, 'ada', NULL, 5)`,
    words: 'no two rows of users with the same age + 1 and handle',
  },
  {
    name: 'a unique index in which NULLs are the same',
    code: 'obligation/unique',
    live: USERS,
    release: ['CREATE UNIQUE INDEX ON users (handle, age) NULLS NOT DISTINCT'],
    good: [`INSERT INTO users VALUES (1, 'ada', NULL, NULL), (2, 'ada', NULL, 1)`],
    bad: `INSERT INTO users VALUES (3, 'ada', NULL, NULL)`,
  },
  {
    name: 'a unique index on a column that the release renames',
    code: 'obligation/unique',
    live: 'CREATE TABLE "Order" ("select" text, "b""c" int)',
    release: [
      'ALTER TABLE "Order" RENAME TO "New ""Orders"""; ALTER TABLE "New ""Orders""" RENAME "select" TO "group"',
      'CREATE UNIQUE INDEX u ON "New ""Orders""" (upper("group"), "b""c")',
    ],
    good: [`INSERT INTO "Order" VALUES ('a', 1), ('a', 2)`],
    bad: `INSERT INTO "Order" VALUES ('A', 2)`,
  },
  {
    name: 'a unique key over a new column with a constant and one that is there',
    code: 'obligation/unique',
    live: USERS,
    release: ['ALTER TABLE users ADD COLUMN tenant int DEFAULT 1, ADD CONSTRAINT u UNIQUE (tenant, handle)'],
    good: [`INSERT INTO users VALUES (1, 'ada'), (2, 'bob')`],
    bad: `INSERT INTO users VALUES (3, 'bob')`,
  },
  {
    name: 'a unique key over a new generated column',
    code: 'obligation/unique',
    live: USERS,
    release: [`ALTER TABLE users ADD COLUMN slug text GENERATED ALWAYS AS (lower(handle)) STORED UNIQUE`],
    good: [`INSERT INTO users VALUES (1, 'ada'), (2, 'bob')`],
    bad: `INSERT INTO users VALUES (3, 'Bob')`,
  },
  {
    name: 'a partition key that becomes unique, asked at the parent',
    code: 'obligation/unique',
    live: `CREATE TABLE e (at int, n int) PARTITION BY RANGE (at); CREATE TABLE e1 PARTITION OF e FOR VALUES FROM (0) TO (10);
      CREATE TABLE e2 PARTITION OF e FOR VALUES FROM (10) TO (20)`,
    release: ['CREATE UNIQUE INDEX e_u ON e (at, n)'],
    good: ['INSERT INTO e VALUES (1, 1), (11, 1)'],
    bad: 'INSERT INTO e VALUES (11, 1)',
  },
  {
    name: 'NOT NULL',
    code: 'obligation/not-null',
    live: USERS,
    release: ['ALTER TABLE users ALTER COLUMN email SET NOT NULL'],
    good: [`INSERT INTO users VALUES (1, 'ada', 'a@x')`],
    bad: `INSERT INTO users VALUES (2, 'bob', NULL)`,
  },
  {
    name: 'NOT NULL in dynamic SQL',
    code: 'obligation/not-null',
    live: USERS,
    release: [`DO $$ BEGIN EXECUTE 'ALTER TABLE users ' || 'ALTER COLUMN email SET NOT NULL'; END $$`],
    good: [`INSERT INTO users VALUES (1, 'ada', 'a@x')`],
    bad: `INSERT INTO users VALUES (2, 'bob', NULL)`,
  },
  {
    name: 'NOT NULL of a domain',
    code: 'obligation/not-null',
    live: 'CREATE DOMAIN word AS text; CREATE DOMAIN name AS word; CREATE TABLE t (a public.name)',
    release: ['ALTER DOMAIN word SET NOT NULL'],
    good: [`INSERT INTO t VALUES ('x')`],
    bad: 'INSERT INTO t VALUES (NULL)',
  },
  {
    name: 'a check',
    code: 'obligation/check',
    live: USERS,
    release: ['ALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 18 AND handle <> email)'],
    good: [`INSERT INTO users VALUES (1, 'ada', 'a@x', 18), (2, 'b', NULL, NULL)`],
    bad: `INSERT INTO users VALUES (3, 'c', 'd', 17)`,
  },
  {
    name: 'a check that was there and was not valid, on a renamed column',
    code: 'obligation/check',
    live: `${USERS} INSERT INTO users VALUES (9, 'x', NULL, 5); DELETE FROM users; ALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 18) NOT VALID`,
    release: ['ALTER TABLE users RENAME age TO years', 'ALTER TABLE users VALIDATE CONSTRAINT grown'],
    good: [`INSERT INTO users VALUES (1, 'ada', 'a@x', 18)`],
    bad: `ALTER TABLE users DROP CONSTRAINT grown; INSERT INTO users VALUES (3, 'c', 'd', 17); ALTER TABLE users ADD CONSTRAINT grown CHECK (age >= 18) NOT VALID`,
  },
  {
    name: 'a check of a domain',
    code: 'obligation/check',
    live: 'CREATE SCHEMA app; CREATE DOMAIN app.grade AS int; CREATE TABLE app.t (g app.grade)',
    release: ['ALTER DOMAIN app.grade ADD CONSTRAINT small CHECK (VALUE BETWEEN 1 AND 6)'],
    good: ['INSERT INTO app.t VALUES (1), (NULL)'],
    bad: 'INSERT INTO app.t VALUES (7)',
  },
  {
    name: 'a foreign key',
    code: 'obligation/foreign-key',
    live: `${USERS} CREATE TABLE orders (id int PRIMARY KEY, user_id int)`,
    release: [
      'ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users DEFERRABLE INITIALLY DEFERRED',
    ],
    good: [`INSERT INTO users VALUES (1)`, 'INSERT INTO orders VALUES (1, 1), (2, NULL)'],
    bad: 'INSERT INTO orders VALUES (3, 2)',
  },
  {
    name: 'a composite foreign key with MATCH FULL',
    code: 'obligation/foreign-key',
    live: 'CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE c (x int, y int)',
    release: ['ALTER TABLE c ADD CONSTRAINT c_p FOREIGN KEY (x, y) REFERENCES p MATCH FULL'],
    good: ['INSERT INTO p VALUES (1, 2)', 'INSERT INTO c VALUES (1, 2), (NULL, NULL)'],
    bad: 'INSERT INTO c VALUES (1, NULL)',
  },
  {
    name: 'a foreign key to a table that the release makes',
    code: 'obligation/foreign-key',
    live: 'CREATE TABLE c (kind int)',
    release: ['CREATE TABLE kinds (id int PRIMARY KEY)', 'ALTER TABLE c ADD FOREIGN KEY (kind) REFERENCES kinds'],
    good: ['INSERT INTO c VALUES (NULL)'],
    bad: 'INSERT INTO c VALUES (1)',
  },
  {
    name: 'an exclusion constraint',
    code: 'obligation/exclusion',
    live: 'CREATE TABLE h (room int4range, during tsrange, off bool)',
    release: ['ALTER TABLE h ADD CONSTRAINT once EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (NOT off)'],
    good: [
      `INSERT INTO h VALUES ('[1,1]', '[2025-01-01,2025-01-02)', false), ('[1,1]', '[2025-01-02,2025-01-03)', false), ('[1,1]', '[2025-01-01,2025-01-02)', true)`,
    ],
    bad: `INSERT INTO h VALUES ('[1,1]', '[2025-01-01,2025-01-05)', false)`,
  },
  {
    name: 'a key without overlaps',
    code: 'obligation/exclusion',
    since: 18,
    live: 'CREATE TABLE h (room int4range NOT NULL, during tsrange NOT NULL)',
    release: ['ALTER TABLE h ADD CONSTRAINT h_pkey PRIMARY KEY (room, during WITHOUT OVERLAPS)'],
    good: [`INSERT INTO h VALUES ('[1,1]', '[2025-01-01,2025-01-02)'), ('[1,1]', '[2025-01-02,2025-01-03)')`],
    bad: `INSERT INTO h VALUES ('[1,1]', '[2025-01-01,2025-01-05)')`,
  },
  {
    name: 'a shorter text',
    code: 'obligation/type',
    live: USERS,
    release: ['ALTER TABLE users ALTER COLUMN handle TYPE varchar(4)'],
    good: [`INSERT INTO users VALUES (1, 'adaa'), (2, 'ÄÖÜß')`],
    bad: `INSERT INTO users VALUES (3, 'adaaa')`,
  },
  {
    name: 'a smaller integer',
    code: 'obligation/type',
    live: USERS,
    release: ['ALTER TABLE users ALTER COLUMN age TYPE smallint'],
    good: [`INSERT INTO users VALUES (1, 'a', NULL, -32768), (2, 'b', NULL, NULL)`],
    bad: `INSERT INTO users VALUES (3, 'c', NULL, 32768)`,
  },
  {
    name: 'a numeric that is rounded',
    code: 'obligation/type',
    live: 'CREATE TABLE prices (amount numeric(12, 4))',
    release: ['ALTER TABLE prices ALTER COLUMN amount TYPE numeric(12, 2)'],
    good: ['INSERT INTO prices VALUES (1.25), (NULL)'],
    bad: 'INSERT INTO prices VALUES (1.255)',
    isLossy: true,
  },
  {
    name: 'a numeric with fewer digits',
    code: 'obligation/type',
    live: 'CREATE TABLE prices (amount numeric)',
    release: ['ALTER TABLE prices ALTER COLUMN amount TYPE numeric(5, 2)'],
    good: [`INSERT INTO prices VALUES (999.99), ('NaN')`],
    bad: 'INSERT INTO prices VALUES (1000)',
  },
  {
    name: 'a text that becomes an integer',
    code: 'obligation/type',
    live: USERS,
    release: ['ALTER TABLE users ALTER COLUMN handle TYPE int USING handle::int'],
    good: [`INSERT INTO users VALUES (1, '-12'), (2, NULL)`],
    bad: `INSERT INTO users VALUES (3, '9999999999')`,
  },
  {
    name: 'a text that becomes a uuid',
    code: 'obligation/type',
    live: USERS,
    release: ['ALTER TABLE users ALTER COLUMN handle TYPE uuid USING handle::uuid'],
    good: [`INSERT INTO users VALUES (1, '00000000-0000-4000-8000-000000000000')`],
    bad: `INSERT INTO users VALUES (3, 'ada')`,
  },
  {
    name: 'a text that becomes JSON',
    code: 'obligation/type',
    since: 16,
    live: USERS,
    release: ['ALTER TABLE users ALTER COLUMN handle TYPE jsonb USING handle::jsonb'],
    good: [`INSERT INTO users VALUES (1, '{"a": [1]}'), (2, NULL)`],
    bad: `INSERT INTO users VALUES (3, '{')`,
  },
  {
    name: 'a text that becomes an enum',
    code: 'obligation/type',
    live: USERS,
    release: [
      `CREATE TYPE mood AS ENUM ('sad', 'it''s fine')`,
      'ALTER TABLE users ALTER COLUMN handle TYPE mood USING handle::mood',
    ],
    good: [`INSERT INTO users VALUES (1, 'sad'), (2, 'it''s fine'), (3, NULL)`],
    bad: `INSERT INTO users VALUES (4, 'glad')`,
  },
  {
    name: 'an enum that loses a value',
    code: 'obligation/type',
    live: `CREATE TYPE mood AS ENUM ('sad', 'glad', 'odd'); CREATE TABLE t (m mood)`,
    release: [
      `ALTER TYPE mood RENAME TO mood_old; CREATE TYPE mood AS ENUM ('sad', 'glad');
       ALTER TABLE t ALTER m TYPE mood USING m::text::mood; DROP TYPE mood_old`,
    ],
    good: [`INSERT INTO t VALUES ('sad'), (NULL)`],
    bad: `INSERT INTO t VALUES ('odd')`,
  },
  {
    name: 'a text that becomes a domain',
    code: 'obligation/type',
    live: `${USERS} CREATE DOMAIN word AS text CHECK (VALUE ~ '^[a-z]+$')`,
    release: ['ALTER TABLE users ALTER COLUMN handle TYPE word'],
    good: [`INSERT INTO users VALUES (1, 'ada'), (2, NULL)`],
    bad: `INSERT INTO users VALUES (3, 'Ada')`,
  },
  {
    name: 'a time that loses its fractions',
    code: 'obligation/type',
    live: 'CREATE TABLE t (at timestamptz)',
    release: ['ALTER TABLE t ALTER at TYPE timestamptz(0)'],
    good: [`INSERT INTO t VALUES ('2025-01-01 10:00:00Z')`],
    bad: `INSERT INTO t VALUES ('2025-01-01 10:00:00.5Z')`,
    isLossy: true,
  },
  {
    name: 'a table that becomes a partition by range',
    code: 'obligation/partition',
    live: 'CREATE TABLE e (at date, n int) PARTITION BY RANGE (at, n); CREATE TABLE old (at date NOT NULL, n int NOT NULL)',
    release: [`ALTER TABLE e ATTACH PARTITION old FOR VALUES FROM ('2025-01-01', 1) TO ('2026-01-01', 1)`],
    good: [`INSERT INTO old VALUES ('2025-01-01', 1), ('2026-01-01', 0)`],
    bad: `INSERT INTO old VALUES ('2025-01-01', 0)`,
  },
  {
    name: 'a table that becomes a partition by list',
    code: 'obligation/partition',
    live: 'CREATE TABLE e (k text) PARTITION BY LIST (k); CREATE TABLE old (k text)',
    release: [`ALTER TABLE e ATTACH PARTITION old FOR VALUES IN ('a', 'b', NULL)`],
    good: [`INSERT INTO old VALUES ('a'), (NULL)`],
    bad: `INSERT INTO old VALUES ('c')`,
  },
  {
    name: 'a table that becomes a partition by hash',
    code: 'obligation/partition',
    live: 'CREATE TABLE e (k int) PARTITION BY HASH (k); CREATE TABLE old (k int)',
    release: ['ALTER TABLE e ATTACH PARTITION old FOR VALUES WITH (MODULUS 2, REMAINDER 0)'],
    good: [],
    bad: 'INSERT INTO old SELECT generate_series(1, 20)',
  },
  {
    name: 'a new partition that takes rows from the default one',
    code: 'obligation/partition',
    live: 'CREATE TABLE e (k int) PARTITION BY RANGE (k); CREATE TABLE rest PARTITION OF e DEFAULT',
    release: ['CREATE TABLE e1 PARTITION OF e FOR VALUES FROM (1) TO (10)'],
    good: ['INSERT INTO e VALUES (0), (10), (NULL)'],
    bad: 'INSERT INTO e VALUES (9)',
  },
]
