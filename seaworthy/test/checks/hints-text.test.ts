import { beforeAll, describe, expect, it } from 'vitest'
import { factsOf } from '../../src/checks/migrations-contract/hints/facts.ts'
import { safeForm } from '../../src/checks/migrations-contract/hints/safe-form.ts'
import { loadGrammar } from '../../src/sql/parse.ts'
import { asIdentifier } from '../../src/sql/tokens.ts'

beforeAll(loadGrammar)

describe('the text of a hint', () => {
  it('tells each tool in its own way that a file is sent alone', () => {
    const first = (format: Parameters<typeof factsOf>[0]): string | undefined =>
      safeForm('lock/drop-index', 'DROP INDEX a', factsOf(format))?.split('\n')[0]
    expect(first('numbered')).toBe('-- seaworthy:no-transaction')
    expect(first('sqlx')).toBe('-- no-transaction')
    expect(first('diesel')).toContain('run_in_transaction = false')
    expect(first('golang-migrate')).toContain('the only statement of its file')
    expect(first('prisma')).toContain('the only statement of its file')
  })

  it('never tells drizzle to send CONCURRENTLY, or two steps in one release', () => {
    expect(safeForm('lock/create-index', 'CREATE INDEX ON t (a)', factsOf('drizzle'))).toMatchInlineSnapshot(`
      "-- outside of the migrations, before the release: drizzle sends all in one transaction
      -- if a try was interrupted, by hand before the next one: DROP INDEX CONCURRENTLY IF EXISTS t_a_idx;
      CREATE INDEX CONCURRENTLY t_a_idx ON t (a);
      -- next migration
      -- seaworthy:allow lock/create-index reason="done by hand beforehand, so that this does nothing"
      CREATE INDEX IF NOT EXISTS t_a_idx ON t (a);"
    `)
    expect(safeForm('lock/set-not-null', 'ALTER TABLE t ALTER a SET NOT NULL', factsOf('drizzle')))
      .toMatchInlineSnapshot(`
        "-- if it gives up, send the migration again
        SET LOCAL lock_timeout = '2s';
        ALTER TABLE t ADD CONSTRAINT t_a_given_check CHECK (a IS NOT NULL) NOT VALID;
        -- next release
        ALTER TABLE t VALIDATE CONSTRAINT t_a_given_check;
        -- next release
        -- if it gives up, send the migration again
        SET LOCAL lock_timeout = '2s';
        ALTER TABLE t ALTER COLUMN a SET NOT NULL;
        ALTER TABLE t DROP CONSTRAINT t_a_given_check;"
      `)
  })

  it('is none for what has no safe form, for several statements, and for what cannot be read', () => {
    const facts = factsOf('numbered')
    for (const [code, sql] of [
      ['data-loss/drop-table', 'DROP TABLE t'],
      ['lock/add-unique', 'ALTER TABLE t ADD EXCLUDE USING gist (a WITH =)'],
      ['lock/create-index', 'CREATE INDEX ON t (a); CREATE INDEX ON t (b)'],
      ['lock/create-index', 'CREATE INDEX ON'],
      ['lock/create-index', ''],
      ['lock/create-index', `CREATE INDEX ON t (a) WHERE a IN (${'1, '.repeat(10_000)}1)`],
      ['lock/reindex', 'REINDEX SYSTEM app'],
    ] as const) {
      expect(safeForm(code, sql, facts)).toBeNull()
    }
    const parted = { ...facts, isPartitioned: () => true }
    for (const constraint of ['UNIQUE (a)', 'FOREIGN KEY (a) REFERENCES u (id)']) {
      expect(safeForm('lock/add-unique', `ALTER TABLE t ADD ${constraint}`, parted)).toBeNull()
      expect(safeForm('lock/add-unique', `ALTER TABLE t ADD COLUMN b int DEFAULT 1 UNIQUE`, parted)).toBeNull()
    }
  })

  it('keeps the other commands of the statement', () => {
    expect(
      safeForm(
        'lock/add-check',
        'ALTER TABLE IF EXISTS public . t * ADD CHECK (a IN (1, 2)), /* , */ DROP COLUMN b, SET (fillfactor = 70, autovacuum_enabled = off)',
        factsOf('numbered'),
      ),
    ).toMatchInlineSnapshot(`
      "-- if it gives up, send the migration again
      SET LOCAL lock_timeout = '2s';
      ALTER TABLE IF EXISTS public . t ADD CONSTRAINT t_a_check CHECK (a IN (1, 2)) NOT VALID, DROP COLUMN b, SET (fillfactor = 70, autovacuum_enabled = off);
      -- next migration
      ALTER TABLE public . t VALIDATE CONSTRAINT t_a_check;"
    `)
  })

  it('never copies a value that would be rounded or cut', () => {
    const filling = (from: string | null, type: string): string | null | undefined => {
      const facts = { ...factsOf('numbered'), typeOf: () => from }
      const hint = safeForm('lock/change-column-type', `ALTER TABLE t ALTER a TYPE ${type}`, facts)
      return hint === null ? null : hint.slice(hint.indexOf('UPDATE'), hint.indexOf(' LIMIT')).replaceAll('\n', ' ')
    }
    const plain = 'UPDATE t SET a_new = a WHERE ctid IN (SELECT ctid FROM t WHERE a_new IS NULL AND a IS NOT NULL'
    for (const [from, to] of [
      ['varchar(40)', 'char(40)'],
      ['int4', 'int8'],
      [null, 'char(3)'],
    ] as const) {
      expect(filling(from, to)).toBe(plain)
    }
    // A batch with one value that is too long would fail, and so would every batch after it.
    for (const [from, to] of [
      ['varchar(40)', 'varchar(10)'],
      ['varchar(40)', 'varchar(10) USING a::varchar(10)'],
      ['text', 'varchar(10)'],
      ['varchar', 'varchar(10)'],
    ] as const) {
      expect(filling(from, to)).toBe(`${plain} AND CAST(a AS varchar(10)) = a`)
    }
    expect(filling('numeric(10,2)', 'numeric(10,0)')).toBe(
      `${plain} AND CAST(CAST(a AS numeric(10,0)) AS numeric(10,2)) = a`,
    )
    expect(filling('timestamptz', 'timestamptz(0) USING a::timestamptz(0)')).toBe(
      `${plain} AND CAST(CAST(a AS timestamptz(0)) AS timestamptz) = a`,
    )
    expect(filling('text', 'int USING a::int')).toContain('SET a_new = a::int WHERE')
    for (const [from, to] of [
      [null, 'numeric(10,0)'],
      ['timestamp', 'time'],
      ['text', 'numeric(10,0) USING a::numeric(10,0)'],
      ['inet', 'cidr'],
    ] as const) {
      expect(filling(from, to)).toBeNull()
    }
  })

  it('ends, whatever the value of a row', () => {
    const filling = (sql: string, isVolatile = false): string | undefined =>
      safeForm('lock/backfill', sql, { ...factsOf('numbered'), isVolatile: () => isVolatile })
        ?.split('\n')
        .at(-1)
    const within = (condition: string, table = 't'): string =>
      `WHERE ctid IN (SELECT ctid FROM ${table} WHERE ${condition} LIMIT 5000);`
    expect(filling('UPDATE t SET a = lower(b)')).toBe(within('a IS NULL AND (lower(b)) IS NOT NULL'))
    expect(filling('UPDATE t AS x SET a = x.b WHERE true')).toBe(within('a IS NULL AND (x.b) IS NOT NULL', 't AS x'))
    expect(filling('UPDATE t SET a = (SELECT c FROM u WHERE u.b = t.b) RETURNING a')).toBe(
      within('a IS NULL AND ((SELECT c FROM u WHERE u.b = t.b)) IS NOT NULL'),
    )
    expect(filling("UPDATE t SET a = 'x'")).toBe(within('a IS NULL'))
    expect(filling('UPDATE t SET a = gen_random_uuid()', true)).toBe(within('a IS NULL'))
  })

  it('leaves to a later release what relies on rows that are filled by hand', () => {
    const facts = { ...factsOf('numbered'), isVolatile: () => true }
    expect(
      safeForm('lock/add-column-rewrite', 'ALTER TABLE t ADD COLUMN a uuid NOT NULL DEFAULT gen_random_uuid()', facts),
    ).toMatchInlineSnapshot(`
      "-- if it gives up, send the migration again
      SET LOCAL lock_timeout = '2s';
      ALTER TABLE t ADD COLUMN a uuid;
      ALTER TABLE t ALTER COLUMN a SET DEFAULT gen_random_uuid();
      -- outside of the migrations, again and again until it changes no row
      UPDATE t SET a = gen_random_uuid()
      WHERE ctid IN (SELECT ctid FROM t WHERE a IS NULL LIMIT 5000);
      -- next release, when every row has a value
      -- if it gives up, send the migration again
      SET LOCAL lock_timeout = '2s';
      ALTER TABLE t ADD CONSTRAINT t_a_given_check CHECK (a IS NOT NULL) NOT VALID;
      -- next migration
      ALTER TABLE t VALIDATE CONSTRAINT t_a_given_check;
      -- next migration
      -- if it gives up, send the migration again
      SET LOCAL lock_timeout = '2s';
      ALTER TABLE t ALTER COLUMN a SET NOT NULL;
      ALTER TABLE t DROP CONSTRAINT t_a_given_check;"
    `)
    expect(
      safeForm(
        'lock/add-column-rewrite',
        'ALTER TABLE t ADD COLUMN a text GENERATED ALWAYS AS (coalesce(b, (c))) STORED PRIMARY KEY',
        facts,
      ),
    ).toMatchInlineSnapshot(`
      "-- if it gives up, send the migration again
      SET LOCAL lock_timeout = '2s';
      ALTER TABLE t ADD COLUMN a text, ADD CONSTRAINT t_a_given_check CHECK (a IS NOT NULL) NOT VALID;
      -- a plain column, which the application writes from now on
      -- outside of the migrations, again and again until it changes no row
      UPDATE t SET a = coalesce(b, (c))
      WHERE ctid IN (SELECT ctid FROM t WHERE a IS NULL AND (coalesce(b, (c))) IS NOT NULL LIMIT 5000);
      -- next release, when every row has a value
      ALTER TABLE t VALIDATE CONSTRAINT t_a_given_check;
      -- next migration
      -- if it gives up, send the migration again
      SET LOCAL lock_timeout = '2s';
      ALTER TABLE t ALTER COLUMN a SET NOT NULL;
      ALTER TABLE t DROP CONSTRAINT t_a_given_check;
      -- next migration
      -- seaworthy:no-transaction
      DROP INDEX CONCURRENTLY IF EXISTS t_pkey;
      CREATE UNIQUE INDEX CONCURRENTLY t_pkey ON t (a);
      -- next migration
      -- if it gives up, send the migration again
      SET LOCAL lock_timeout = '2s';
      ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey;"
    `)
  })

  it('writes names as they have to be', () => {
    expect(['a', 'user', 'A', 'a b', 'x"y', 'int', 'left', 'é', 'name'].map(asIdentifier)).toEqual([
      'a',
      '"user"',
      '"A"',
      '"a b"',
      '"x""y"',
      '"int"',
      '"left"',
      '"é"',
      'name',
    ])
  })
})
