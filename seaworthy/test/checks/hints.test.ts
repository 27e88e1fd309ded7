import { afterAll, describe, expect, it } from 'vitest'
import { codesWithSafeForm } from '../../src/checks/migrations-contract/hints/safe-form.ts'
import { usePrivateCache } from '../postgres/private-places.ts'
import { gate, type Layout, LIVE, migrationsIn } from './hints.ts'

const cache = usePrivateCache()
afterAll(() => cache.remove())

interface Case {
  readonly code: string
  readonly bad: string
  readonly layout?: Layout
  readonly flags?: readonly string[]
  /** What else a person has to write beside the hint, such as the statement before the one that is replaced. */
  readonly first?: string
  /** What somebody has to answer for all the same: it is what the statement is for. */
  readonly remains?: readonly string[]
}

const ADDITIVE = ['--profile', 'additive']
const LINES = '"Shop"."Order Lines"'

/** Statements that are refused, whose hints are then applied in their place. */
const CASES: readonly Case[] = [
  ...(['numbered', 'golang-migrate', 'sqlx', 'diesel', 'prisma'] as const).map((layout) => ({
    code: 'lock/create-index',
    bad: 'CREATE INDEX orders_status ON orders (status);',
    layout,
  })),
  {
    code: 'lock/create-index',
    bad: 'CREATE INDEX ON orders USING btree (lower(status) text_pattern_ops DESC NULLS LAST, total) INCLUDE (user_id) WITH (fillfactor = 70) WHERE total > 0;',
  },
  {
    code: 'lock/create-index',
    bad: `CREATE UNIQUE INDEX IF NOT EXISTS "By é" ON ${LINES} ("é", "limit") NULLS NOT DISTINCT;`,
  },
  { code: 'lock/create-index', bad: 'CREATE INDEX ON events (id);' },
  { code: 'lock/drop-index', bad: 'DROP INDEX users_nickname_idx, users_age_idx;' },
  { code: 'lock/drop-index', bad: 'DROP INDEX IF EXISTS "Shop"."Lines by limit" CASCADE;', layout: 'sqlx' },
  { code: 'lock/refresh-view', bad: 'REFRESH MATERIALIZED VIEW totals;' },
  { code: 'lock/reindex', bad: 'REINDEX TABLE users;' },
  { code: 'lock/reindex', bad: 'REINDEX (VERBOSE) INDEX users_nickname_idx;' },
  {
    code: 'lock/detach-partition',
    bad: 'ALTER TABLE events DETACH PARTITION events_1;',
    remains: ['compat/detach-partition', 'data-loss/lost-rows'],
  },
  {
    code: 'lock/add-foreign-key',
    bad: 'ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT DEFERRABLE;',
  },
  {
    code: 'lock/add-foreign-key',
    bad: `ALTER TABLE ONLY ${LINES} ADD COLUMN seller bigint DEFAULT NULL CONSTRAINT "has a seller" REFERENCES users (id);`,
  },
  { code: 'lock/add-check', bad: `ALTER TABLE ${LINES} ADD CHECK ("limit" > 0 AND "é" <> ','), ADD COLUMN note text;` },
  {
    code: 'lock/add-check',
    bad: 'ALTER TABLE users ADD COLUMN height int CONSTRAINT tall CHECK (height > 0) DEFAULT 1;',
  },
  {
    code: 'lock/set-not-null',
    bad: 'ALTER TABLE users ALTER COLUMN nickname SET NOT NULL, ALTER COLUMN age SET NOT NULL;',
  },
  { code: 'lock/set-not-null', bad: `ALTER TABLE ${LINES} ALTER "limit" SET NOT NULL;`, layout: 'golang-migrate' },
  { code: 'lock/set-not-null', bad: 'ALTER TABLE users ADD CONSTRAINT given NOT NULL nickname;' },
  {
    code: 'lock/add-unique',
    bad: 'ALTER TABLE users ADD CONSTRAINT users_nickname_key UNIQUE NULLS NOT DISTINCT (nickname) INCLUDE (age);',
  },
  { code: 'lock/add-unique', bad: 'ALTER TABLE unkeyed ADD PRIMARY KEY (id);' },
  {
    code: 'lock/add-unique',
    bad: 'ALTER TABLE users ADD COLUMN handle text UNIQUE DEFERRABLE INITIALLY DEFERRED;',
    layout: 'diesel',
  },
  {
    code: 'lock/add-column-rewrite',
    bad: 'ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();',
  },
  { code: 'lock/add-column-rewrite', bad: `ALTER TABLE ${LINES} ADD COLUMN "number" bigserial;` },
  { code: 'lock/add-column-rewrite', bad: 'ALTER TABLE users ADD COLUMN number int GENERATED ALWAYS AS IDENTITY;' },
  {
    code: 'lock/add-column-rewrite',
    bad: 'ALTER TABLE users ADD COLUMN domain text GENERATED ALWAYS AS (lower(email)) STORED;',
  },
  { code: 'lock/change-column-type', bad: 'ALTER TABLE users ALTER COLUMN age TYPE bigint;' },
  {
    code: 'lock/change-column-type',
    bad: `ALTER TABLE ${LINES} ALTER "é" TYPE varchar(5) COLLATE "C" USING left("é", 5);`,
  },
  { code: 'data-loss/narrow-column-type', bad: 'ALTER TABLE users ALTER created_at TYPE date USING created_at::date;' },
  {
    code: 'lock/add-column-rewrite',
    bad: 'ALTER TABLE users ADD COLUMN domain text NOT NULL UNIQUE GENERATED ALWAYS AS (lower(email)) STORED;',
  },
  {
    code: 'lock/backfill',
    bad: 'UPDATE users SET handle = lower(email);',
    first: 'ALTER TABLE users ADD COLUMN handle text;\n',
  },
  {
    code: 'lock/validate-in-same-transaction',
    bad: 'ALTER TABLE orders VALIDATE CONSTRAINT c;',
    first: 'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > -1) NOT VALID;\n',
  },
  { code: 'compat/add-required-column', bad: 'ALTER TABLE users ADD COLUMN country text NOT NULL;' },
  {
    code: 'compat/add-required-column',
    first: "ALTER TABLE users ADD COLUMN country text NOT NULL DEFAULT 'xx';\n",
    bad: 'ALTER TABLE users ALTER COLUMN country DROP DEFAULT;',
    layout: 'prisma',
  },
  {
    code: 'compat/drop-default',
    bad: 'ALTER TABLE users ADD COLUMN note text, ALTER COLUMN age DROP DEFAULT, ALTER created_at DROP DEFAULT;',
  },
  { code: 'data-loss/narrow-column-type', bad: 'ALTER TABLE users ALTER COLUMN balance TYPE numeric(10,0);' },
  {
    code: 'data-loss/upsert',
    bad: "INSERT INTO users (id, email) VALUES (1, 'é do update') ON CONFLICT (id) DO UPDATE SET email = EXCLUDED.email;",
  },
  {
    code: 'security/definer-without-search-path',
    bad: "CREATE FUNCTION secret() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
  },
  { code: 'security/definer-without-search-path', bad: 'ALTER FUNCTION total_of(bigint) SECURITY DEFINER;' },
  { code: 'repeat/create-table-if-not-exists', bad: 'CREATE UNLOGGED TABLE t (a int);', flags: ADDITIVE },
  { code: 'repeat/create-index-if-not-exists', bad: 'CREATE INDEX ON orders (lower(status), total);', flags: ADDITIVE },
  ...(['numbered', 'golang-migrate', 'sqlx', 'diesel'] as const).map((layout) => ({
    code: 'repeat/create-index-if-not-exists',
    bad: 'CREATE INDEX CONCURRENTLY orders_status ON orders (status);',
    layout,
    flags: ADDITIVE,
  })),
  { code: 'apply/concurrently-in-transaction', bad: 'CREATE INDEX CONCURRENTLY orders_status ON orders (status);' },
  {
    code: 'apply/concurrently-in-transaction',
    bad: 'CREATE INDEX CONCURRENTLY orders_status ON orders (status);',
    layout: 'sqlx',
  },
  { code: 'apply/concurrently-in-transaction', bad: 'DROP INDEX CONCURRENTLY users_age_idx;', layout: 'diesel' },
]

describe('the SQL of a hint passes the gate in place of what was refused', () => {
  it.each(CASES.map((one) => [`${one.code}, ${one.layout ?? 'numbered'}: ${one.bad}`, one] as const))(
    '%s',
    async (_, one) => {
      const { code, bad, layout = 'numbered', flags = [], first = '', remains = [] } = one
      const before = await gate(layout, LIVE, [`${first}${bad}`], ['--only', 'migrations-contract', ...flags])
      const hint = before.findings.find((found) => found.code === code)?.hint
      expect({ ...before, type: typeof hint }).toMatchObject({ type: 'string' })
      const migrations = migrationsIn(hint!)
      // A statement may have to wait as a whole; then what stood before it is left.
      expect([...migrations, first].join('')).not.toBe('')
      expect(migrations.join()).not.toMatch(/…|\.\.\./)
      const after = await gate(layout, LIVE, [...(first === '' ? [] : [first]), ...migrations], flags)
      const known = new Set(remains)
      const loud = after.findings.filter((found) => found.severity !== 'note' && !known.has(found.code))
      expect({ hint, loud }).toEqual({ hint, loud: [] })
      const expected = remains.length === 0 ? [0, 'pass'] : [1, 'fail']
      expect([after.ran.code, after.verdict, after.ran.stderr]).toEqual([...expected, expect.any(String)])
    },
  )

  it('tries every code that has one', () => {
    expect(new Set(CASES.map((one) => one.code))).toEqual(new Set(codesWithSafeForm))
  })
})
