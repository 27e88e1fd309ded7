import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RowsSeen } from '../../src/migrations/engine.ts'
import { watchRows } from '../../src/postgres/rows/watch.ts'
import { type Ground, groundWith } from './seed-ground.ts'

const SCHEMA = `
CREATE TABLE users (id serial PRIMARY KEY, email text);
INSERT INTO users (email) VALUES ('ann@x.org'), ('bob@x.org'), ('zoe@x.org');
CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
INSERT INTO orders DEFAULT VALUES;
CREATE SEQUENCE "odd Numbers";
SELECT nextval('"odd Numbers"');
CREATE TABLE pictures (loid oid);
INSERT INTO pictures VALUES (lo_from_bytea(0, 'one')), (lo_from_bytea(0, 'two'));
`

for (const major of [18, 15]) {
  describe(`beside the rows on PostgreSQL ${major}`, () => {
    let ground: Ground
    beforeAll(async () => {
      ground = await groundWith(major, SCHEMA)
    })
    afterAll(async () => {
      await ground[Symbol.asyncDispose]()
    })

    const after = async (sql: string): Promise<RowsSeen> => {
      const deploy = await ground.place.connectAs(ground.context.roles.migrating)
      try {
        await deploy.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata')
        await deploy.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
        await deploy.query(SCHEMA)
        const watch = await watchRows(ground.context, ground.place)
        await deploy.query(sql)
        return await watch.look()
      } finally {
        await deploy.end()
      }
    }

    it('a sequence that nobody moved is not told', async () => {
      expect(await after('SELECT currval(pg_get_serial_sequence($$users$$, $$id$$))')).toMatchObject({ moves: [] })
    })

    it('a position that was set back, with what its column holds', async () => {
      const { moves } = await after("SELECT setval('users_id_seq', (SELECT 1), false)")
      expect(moves).toEqual([
        {
          object: 'sequence public.users_id_seq',
          before: { last: '3', isCalled: true },
          after: { last: '1', isCalled: false },
          increment: '1',
          end: '2147483647',
          isCycling: false,
          columns: [{ column: 'column public.users.id', farthest: '3' }],
        },
      ])
    })

    it('an identity, a sequence of nobody, one that was renamed, one that was made again', async () => {
      const { moves } = await after(`ALTER TABLE orders ALTER COLUMN id RESTART WITH 7;
        ALTER SEQUENCE "odd Numbers" RESTART; ALTER SEQUENCE "odd Numbers" RENAME TO other;
        ALTER TABLE users ALTER COLUMN id DROP DEFAULT; DROP SEQUENCE users_id_seq; CREATE SEQUENCE users_id_seq`)
      expect(moves.map((one) => [one.object, one.after.last, one.columns.length])).toEqual([
        ['sequence public."odd Numbers"', '1', 0],
        ['sequence public.orders_id_seq', '7', 1],
        ['sequence public.users_id_seq', '1', 0],
      ])
    })

    it('a large object that is gone, and one that holds something else', async () => {
      const { changes, digests } =
        await after(`SELECT lo_unlink(loid) FROM pictures WHERE convert_from(lo_get(loid), 'UTF8') = 'one';
        SELECT lo_put(m.oid, 0, 'xxx') FROM pg_largeobject_metadata m`)
      expect(changes).toMatchObject([
        {
          object: 'large objects',
          rowsBefore: 2,
          lost: 1,
          lostExample: expect.stringMatching(/^loid=\d+$/),
          columns: [{ column: 'data', overwritten: 1 }],
        },
      ])
      expect(digests.map((one) => one.object)).toContain('large objects')
      expect((await after("SELECT lo_from_bytea(0, 'three')")).changes).toEqual([])
    })
  })
}
