import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RowChange } from '../../src/migrations/effects.ts'
import { watchRows } from '../../src/postgres/rows/watch.ts'
import { type Ground, groundWith } from './seed-ground.ts'

const SCHEMA = `
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(40), age int, price numeric(10,2), at timestamp, code text);
INSERT INTO users VALUES (1, 'ann@x.org', 'Ann Long Name', 30, 12.34, '2020-02-29 12:34:56.789', '007'),
  (2, 'bob@x.org', NULL, NULL, 5.00, NULL, '8'), (3, 'Zoë@x.org', 'Zoë', 0, -1.50, '1970-01-01', NULL);
CREATE TABLE log (line text, n int);
INSERT INTO log VALUES ('a', 1), ('a', 1), ('b', 2), (NULL, NULL);
CREATE TABLE parts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO parts VALUES (1, '2020-05-05'), (2, '2020-06-06');
CREATE TABLE "odd Name" ("the Key" int PRIMARY KEY, val text);
INSERT INTO "odd Name" VALUES (1, E'x"\\\\y, (z)'), (2, '');
`

for (const major of [18, 15]) {
  describe(`rows on PostgreSQL ${major}`, () => {
    let ground: Ground
    beforeAll(async () => {
      ground = await groundWith(major, SCHEMA)
    })
    afterAll(async () => {
      await ground[Symbol.asyncDispose]()
    })

    /** What a migration does to rows, in a copy of the schema that is taken back afterwards. */
    const changesOf = async (sql: string): Promise<readonly RowChange[]> => {
      const deploy = await ground.place.connectAs(ground.context.roles.migrating)
      try {
        await deploy.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
        await deploy.query(SCHEMA)
        const watch = await watchRows(ground.context, ground.place)
        await deploy.query(sql)
        return (await watch.look()).changes
      } finally {
        await deploy.end()
      }
    }
    const one = async (sql: string): Promise<RowChange | undefined> => {
      const changes = await changesOf(sql)
      expect(changes.length).toBeLessThanOrEqual(1)
      return changes[0]
    }
    const column = async (sql: string, name: string): Promise<RowChange['columns'][number] | undefined> =>
      (await one(sql))?.columns.find((it) => it.column === name)

    it('rows that a function deletes', async () => {
      const change = await one(`CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        EXECUTE 'DELETE FROM users WHERE age IS NULL'; END $$; SELECT f()`)
      expect(change).toMatchObject({ object: 'table public.users', rowsBefore: 3, lost: 1, lostExample: 'id=2' })
    })

    it('what another run would not have is told by what it is', async () => {
      const given = await column('UPDATE users SET at = now() WHERE id = 1', 'at')
      expect(given?.example).toMatchObject({ before: '2020-02-29 12:34:56.789', after: 'a moment around now' })
      expect((await column('ALTER TABLE users ALTER code TYPE uuid USING gen_random_uuid()', 'code'))?.example).toEqual(
        {
          key: 'id=1',
          before: '007',
          after: 'a random uuid',
        },
      )
    })

    it('a TRUNCATE, and a dropped table: every row', async () => {
      expect(await one('TRUNCATE users')).toMatchObject({ lost: 3, columns: [] })
      expect(await one('DROP TABLE users')).toMatchObject({ lost: 3, lostExample: 'id=1', columns: [] })
      expect(await one('DROP TABLE parts_1')).toMatchObject({ object: 'table public.parts', lost: 2 })
    })

    it('values that an UPDATE overwrites, apart from those it fills', async () => {
      expect(await column("UPDATE users SET name = 'x'", 'name')).toEqual({
        column: 'name',
        overwritten: 2,
        example: { key: 'id=1', before: 'Ann Long Name', after: 'x' },
        filled: 1,
        isRetyped: false,
        isDropped: false,
      })
      expect(await column('UPDATE users SET age = NULL', 'age')).toMatchObject({ overwritten: 2, filled: 0 })
    })

    it('a key that is changed is followed by another one, else by the other values', async () => {
      expect(await one('UPDATE users SET id = id + 100')).toMatchObject({
        lost: 0,
        columns: [{ column: 'id', overwritten: 3 }],
      })
      expect(await one('UPDATE "odd Name" SET "the Key" = "the Key" + 9')).toMatchObject({ lost: 0 })
      expect(await one(`UPDATE "odd Name" SET "the Key" = "the Key" + 9, val = 'other'`)).toMatchObject({ lost: 2 })
    })

    it('a narrowed number, a cut text, a lost time of day', async () => {
      expect(await column('ALTER TABLE users ALTER price TYPE numeric(10,1)', 'price')).toMatchObject({
        overwritten: 1,
        isRetyped: true,
        example: { before: '12.34', after: '12.3' },
      })
      expect(await column('ALTER TABLE users ALTER price TYPE int', 'price')).toMatchObject({ overwritten: 2 })
      expect(await column('ALTER TABLE users ALTER name TYPE varchar(4) USING left(name, 4)', 'name')).toMatchObject({
        overwritten: 1,
        isRetyped: true,
      })
      expect(await column('ALTER TABLE users ALTER code TYPE int USING code::int', 'code')).toMatchObject({
        overwritten: 1,
        example: { before: '007', after: '7' },
      })
      expect(await column('ALTER TABLE users ALTER at TYPE date', 'at')).toMatchObject({ overwritten: 1 })
      expect(await column('ALTER TABLE users ALTER name TYPE boolean USING true', 'name')).toMatchObject({
        overwritten: 2,
      })
    })

    it('a dropped column with its values, and one that is made again without them', async () => {
      expect(await column('ALTER TABLE users DROP COLUMN name', 'name')).toMatchObject({
        isDropped: true,
        overwritten: 2,
        example: { key: 'id=1', before: 'Ann Long Name', after: null },
      })
      expect(
        await column('ALTER TABLE users DROP COLUMN name; ALTER TABLE users ADD COLUMN name varchar(40)', 'name'),
      ).toMatchObject({ isDropped: false, overwritten: 2, example: { after: null } })
    })

    it('the key itself dropped', async () => {
      expect(await one('ALTER TABLE users DROP COLUMN id')).toMatchObject({
        lost: 0,
        columns: [{ column: 'id', isDropped: true, overwritten: 3 }],
      })
    })

    it('a table of the same name without its rows, also where the old one is kept aside', async () => {
      expect(await one('DROP TABLE log; CREATE TABLE log (line text, n int)')).toMatchObject({ lost: 4 })
      expect(await one('ALTER TABLE log RENAME TO log_old; CREATE TABLE log (line text, n int)')).toMatchObject({
        lost: 4,
      })
    })

    it('columns that change places by their names', async () => {
      const change = await one(
        `ALTER TABLE users RENAME name TO t; ALTER TABLE users RENAME code TO name; ALTER TABLE users RENAME t TO code`,
      )
      expect(change?.columns.map((it) => it.column)).toEqual(['name', 'code'])
    })

    it('a copy that is swapped in with one row missing, and a view that hides one', async () => {
      const swap = (where: string): string =>
        `CREATE TABLE n (LIKE users INCLUDING ALL); INSERT INTO n SELECT * FROM users ${where};
         DROP TABLE users; ALTER TABLE n RENAME TO users`
      expect(await one(swap('WHERE age IS NOT NULL'))).toMatchObject({ lost: 1, lostExample: 'id=2' })
      expect(await changesOf(swap(''))).toEqual([])
      const view = (where: string): string =>
        `CREATE TABLE n (LIKE users INCLUDING ALL); INSERT INTO n SELECT * FROM users; DROP TABLE users;
         CREATE VIEW users AS SELECT * FROM n ${where}`
      expect(await one(view('WHERE id > 1'))).toMatchObject({ lost: 1, lostExample: 'id=1' })
      expect(await changesOf(view(''))).toEqual([])
    })

    it('rows without a key: a loss, one of two equal ones, and an overwritten value', async () => {
      expect(await one("DELETE FROM log WHERE line = 'b'")).toMatchObject({ lost: 1, lostExample: 'line=b, n=2' })
      expect(await one('DELETE FROM log WHERE ctid = (SELECT min(ctid) FROM log WHERE n = 1)')).toMatchObject({
        lost: 1,
      })
      expect(await one('UPDATE log SET n = 9 WHERE n = 2')).toMatchObject({
        lost: 0,
        columns: [{ column: 'n', overwritten: 1 }],
      })
    })

    it('says nothing of what loses nothing', async () => {
      for (const sql of [
        'ALTER TABLE users ADD COLUMN slug text; UPDATE users SET slug = lower(email)',
        "INSERT INTO users (id, email) VALUES (9, 'n@x.org'); UPDATE users SET email = 'm@x.org' WHERE id = 9; DELETE FROM users WHERE id = 9",
        'ALTER TABLE users ALTER id TYPE bigint, ALTER name TYPE text, ALTER at TYPE timestamptz, ALTER price TYPE numeric(14,4)',
        'ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME name TO full_name',
        'CREATE SCHEMA app; ALTER TABLE users SET SCHEMA app',
        'ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT id, email FROM people',
        "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
        `ALTER TABLE users ADD COLUMN twice int GENERATED ALWAYS AS (age * 2) STORED`,
        'DELETE FROM users; ROLLBACK',
      ].map((text) => (text.endsWith('ROLLBACK') ? `BEGIN; ${text}` : text)))
        expect([sql, await changesOf(sql)]).toEqual([sql, []])
    })

    it('leaves no role behind, and reads past row security', async () => {
      const before = await ground.catalogue()
      expect(
        await one('ALTER TABLE log ENABLE ROW LEVEL SECURITY; ALTER TABLE log FORCE ROW LEVEL SECURITY'),
      ).toBeUndefined()
      expect((await ground.catalogue()).filter((entry) => entry.object.startsWith('role '))).toEqual(
        before.filter((entry) => entry.object.startsWith('role ')),
      )
    })

    it('no function of the schema runs with more rights than a plain role has', async () => {
      const trap = `CREATE FUNCTION trap(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
          IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)
          THEN CREATE TABLE public.caught (); END IF; RETURN $1; END $$;
        CREATE INDEX ON users (id) WHERE trap(1) > 0;
        ALTER TABLE users ADD CHECK (trap(age) IS DISTINCT FROM 77);
        DROP TABLE log; CREATE VIEW log AS SELECT trap(1)::text AS line, trap(2) AS n`
      const changes = await changesOf(trap)
      expect(changes.map((it) => it.object)).toEqual(['table public.log'])
      expect((await ground.catalogue()).some((entry) => entry.object === 'table public.caught')).toBe(false)
    })

    it('digests are alike for alike releases and differ for others', async () => {
      const digests = async (sql: string): Promise<readonly { object: string; digest: string }[]> => {
        const deploy = await ground.place.connectAs(ground.context.roles.migrating)
        await deploy.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
        await deploy.query(SCHEMA)
        const watch = await watchRows(ground.context, ground.place)
        await deploy.query(sql)
        await deploy.end()
        return (await watch.look()).digests
      }
      const stamped = 'UPDATE users SET at = clock_timestamp(); INSERT INTO log VALUES (random()::text, 1)'
      expect(await digests(stamped)).toEqual(await digests(stamped))
      expect(await digests("UPDATE users SET name = 'x'")).not.toEqual(await digests("UPDATE users SET name = 'y'"))
      expect(await digests('DELETE FROM log WHERE n = 2')).not.toEqual(await digests('SELECT 1'))
    })
  })
}
