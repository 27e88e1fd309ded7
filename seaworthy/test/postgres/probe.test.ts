import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Probe } from '../../src/migrations/effects.ts'
import { compareProbes } from '../../src/observers/effects/probing.ts'
import { holdRows } from '../../src/postgres/rows/held.ts'
import { probeTables } from '../../src/postgres/rows/probe.ts'
import { readTargets } from '../../src/postgres/rows/probe-targets.ts'
import { type Ground, groundWith } from './seed-ground.ts'

const SCHEMA = `
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.seen_at := clock_timestamp(); RETURN NEW; END $$;
CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, score int DEFAULT 0,
  amount text, seen_at timestamptz NOT NULL DEFAULT now(), doc json);
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
INSERT INTO users (email, score, amount, doc) VALUES ('ann@x.org', 1, '7', '{"a": "b, \\"c\\""}'), ('bob@x.org', 2, 'n/a', NULL);
CREATE TABLE users_archive (LIKE users);
CREATE FUNCTION archive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO users_archive SELECT OLD.*; RETURN OLD; END $$;
CREATE TRIGGER archive BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION archive();
CREATE TABLE visits (at timestamptz NOT NULL, note text);
INSERT INTO visits VALUES ('2026-01-01', 'one'), ('2026-01-02', NULL);
CREATE TABLE plans (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO plans VALUES (1, 'free'), (2, 'team');
CREATE TABLE tenants (id int PRIMARY KEY, plan_id int NOT NULL REFERENCES plans DEFERRABLE INITIALLY DEFERRED);
INSERT INTO tenants VALUES (1, 1);
`
const TABLES = ['users', 'visits', 'plans', 'tenants'].map((name) => `table public.${name}`)

const trigger = (body: string, when = 'BEFORE INSERT OR UPDATE'): string =>
  `CREATE FUNCTION new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
   CREATE TRIGGER new ${when} ON users FOR EACH ROW EXECUTE FUNCTION new()`

for (const major of [18, 15]) {
  describe(`the write probe on PostgreSQL ${major}`, () => {
    let ground: Ground
    beforeAll(async () => {
      ground = await groundWith(major, SCHEMA)
    })
    afterAll(async () => {
      await ground[Symbol.asyncDispose]()
    })

    const after = async (sql: string, more = ''): Promise<Probe[]> => {
      const { context, place } = ground
      const deploy = await place.connectAs(context.roles.migrating)
      try {
        await deploy.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP PUBLICATION IF EXISTS everything')
        await deploy.query(SCHEMA + more)
        const held = await holdRows(context, place)
        const targets = (await readTargets(place.admin, held)).filter((one) => TABLES.includes(one.object))
        const before = await probeTables(context, place, targets, held.zone)
        expect(before.unprobed).toEqual([])
        await deploy.query(sql)
        const now = await probeTables(context, place, targets, held.zone)
        expect(now.unprobed).toEqual([])
        return compareProbes(before.outcomes, now.outcomes)
      } finally {
        await deploy.end()
      }
    }

    it('before a release everything can be read and written, also what is referred to', async () => {
      const { context, place } = ground
      const held = await holdRows(context, place)
      const targets = (await readTargets(place.admin, held)).filter((one) => TABLES.includes(one.object))
      const { outcomes } = await probeTables(context, place, targets, held.zone)
      // A number that was thought of for a key refers to nothing.
      const refused = outcomes.filter((one) => one.result.error !== null || !one.result.isKept)
      expect(new Set(refused.map((one) => one.what))).toEqual(new Set(['plan_id: 0', 'plan_id: -1']))
      for (const object of TABLES)
        expect(new Set(outcomes.filter((one) => one.object === object).map((one) => one.operation))).toEqual(
          new Set(['select', 'update', 'delete', 'insert']),
        )
    })

    it('nothing of it stays', async () => {
      const rows = async (): Promise<unknown> =>
        await ground.rows('SELECT xmin::text, u.id, u.email FROM public.users u ORDER BY u.id')
      const before = await rows()
      await after('SELECT 1')
      const { context, place } = ground
      const held = await holdRows(context, place)
      const now = await rows()
      await probeTables(context, place, await readTargets(place.admin, held), held.zone)
      expect(await rows()).toEqual(now)
      expect(before).toHaveLength(2)
    })

    it.each([
      ['ALTER TABLE users ADD COLUMN city text; ALTER TABLE users_archive ADD COLUMN city text'],
      ['ALTER TABLE users ALTER COLUMN email TYPE varchar(300); ALTER TABLE plans ADD COLUMN n int NOT NULL DEFAULT 0'],
      ['CREATE INDEX ON users (lower(email)); CREATE INDEX ON visits (note)'],
      [trigger('RETURN NEW;')],
      ['ALTER TABLE plans DROP COLUMN name'],
      ['DROP TABLE tenants'],
    ])('says nothing of %s', async (sql) => {
      expect(await after(sql)).toEqual([])
    })

    it.each([
      ['no RETURN', trigger('NEW.email := NEW.email;'), 'update', '2F005'],
      [
        'INTO STRICT',
        trigger('SELECT 1 INTO STRICT NEW.score FROM visits WHERE false; RETURN NEW;'),
        'update',
        'P0002',
      ],
      ['an archive without the column', 'ALTER TABLE users ADD COLUMN city text', 'delete', '42601'],
      ['a division in an index', 'CREATE INDEX ON users ((100 / score))', 'insert', '22012'],
      ['a default that raises', 'ALTER TABLE users ALTER COLUMN score SET DEFAULT 1 / length($$$$)', 'insert', '22012'],
    ])('a write that fails: %s', async (_name, sql, operation, sqlstate) => {
      const probes = await after(sql)
      expect(probes.find((one) => one.operation === operation)).toMatchObject({
        object: 'table public.users',
        role: ground.context.roles.migrating,
        before: { error: null },
        after: { error: { sqlstate } },
      })
    })

    it('an insert whose new default refers to nothing', async () => {
      const plan = 'ALTER TABLE users ADD plan_id int REFERENCES plans; ALTER TABLE users_archive ADD plan_id int'
      expect(await after('ALTER TABLE users ALTER plan_id SET DEFAULT 77', plan)).toMatchObject([
        { operation: 'insert', what: 'defaults', before: { error: null }, after: { error: { sqlstate: '23503' } } },
      ])
      expect(await after('ALTER TABLE users ALTER plan_id SET DEFAULT 1', plan)).toEqual([])
    })

    it.each([
      ['insert', trigger('RETURN NULL;', 'BEFORE INSERT')],
      ['update', trigger('RETURN NULL;', 'BEFORE UPDATE')],
      ['delete', trigger('RETURN NULL;', 'BEFORE DELETE')],
    ])('an %s that is swallowed', async (operation, sql) => {
      expect(await after(sql)).toMatchObject([{ operation, before: { rows: 1 }, after: { error: null, rows: 0 } }])
    })

    it('an update that keeps the old values', async () => {
      expect(await after(trigger('RETURN OLD;', 'BEFORE UPDATE'))).toMatchObject([
        {
          operation: 'update',
          after: { altered: expect.arrayContaining([{ column: 'email', wrote: 'bob@x.org', holds: 'ann@x.org' }]) },
        },
      ])
    })

    it('a value that a trigger replaces, however it is spelled', async () => {
      const [update, insert] = await after(trigger(`"new"."email" := 'x'; RETURN NEW;`))
      expect(update?.after.altered).toEqual([{ column: 'email', wrote: 'ann@x.org', holds: 'x' }])
      expect(insert?.operation).toBe('insert')
    })

    it.each([
      ['a negative number', 'update', 'score: -1', 'IF NEW.score < 0 THEN RAISE EXCEPTION $m$no$m$; END IF;'],
      ['NULL', 'update', 'score: NULL', 'IF NEW.score IS NULL THEN RAISE EXCEPTION $m$no$m$; END IF;'],
      ['an empty text', 'update', 'email: an empty text', "IF NEW.email = '' THEN RAISE EXCEPTION $m$no$m$; END IF;"],
      ['spaces and capitals', 'update', 'email: a long text', 'NEW.email := lower(trim(NEW.email));'],
      [
        'a far date',
        'update',
        'seen_at: 9999-12-31',
        "IF NEW.seen_at > '2100-01-01' THEN RAISE EXCEPTION $m$no$m$; END IF;",
      ],
    ])('what only comes out with %s', async (_name, operation, what, body) => {
      const [first] = await after(trigger(`${body} RETURN NEW;`, 'BEFORE UPDATE'))
      expect(first).toMatchObject({ object: 'table public.users', operation, what })
    })

    it('a new row where none can be deleted', async () => {
      const all = 'INSERT INTO tenants VALUES (2, 2);'
      const probes = await after(
        `CREATE FUNCTION new() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'closed'; END $$; CREATE TRIGGER new BEFORE INSERT ON plans FOR EACH ROW EXECUTE FUNCTION new()`,
        all,
      )
      expect(probes).toMatchObject([
        { operation: 'insert', what: 'a new row', after: { error: { message: 'closed' } } },
      ])
    })

    it('defaults of a new row where none can be deleted', async () => {
      const all = 'INSERT INTO tenants VALUES (2, 2); ALTER TABLE plans ADD best int REFERENCES plans'
      expect(await after('ALTER TABLE plans ALTER best SET DEFAULT 77', all)).toMatchObject([
        { operation: 'insert', what: 'defaults of a new row', after: { error: { sqlstate: '23503' } } },
      ])
    })

    it.each([
      ['score IS NOT NULL AND score > 1000', true],
      ['length(email) < 40', false],
    ])('whether a check refuses everything: %s', async (check, isEverything) => {
      const [probe] = await after(`ALTER TABLE users ADD CONSTRAINT c CHECK (${check}) NOT VALID`)
      expect(probe).toMatchObject({ operation: 'update', isEverything, after: { error: { constraint: 'c' } } })
    })

    it('a table without a key that is published', async () => {
      const probes = await after('CREATE PUBLICATION everything FOR TABLE visits')
      expect(probes.map((one) => [one.object, one.operation, one.after.error?.sqlstate])).toEqual([
        ['table public.visits', 'update', '55000'],
        ['table public.visits', 'delete', '55000'],
      ])
    })

    it('a view in place of the table whose trigger does nothing', async () => {
      const probes = await after(`ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT * FROM people;
        ${trigger('RETURN coalesce(NEW, OLD);', 'INSTEAD OF INSERT OR UPDATE OR DELETE')}`)
      expect(probes.map((one) => one.operation)).toEqual(['update', 'delete', 'insert'])
      expect(probes[0]?.after.altered.length).toBeGreaterThan(0)
      expect(probes[1]?.after).toMatchObject({ rows: 1, isKept: false })
    })

    it.runIf(major >= 18)('a virtual column that cannot be computed', async () => {
      const probes = await after('ALTER TABLE users ADD COLUMN n int GENERATED ALWAYS AS (amount::int) VIRTUAL')
      expect(probes).toMatchObject([{ operation: 'select', after: { error: { sqlstate: '22P02' } } }])
    })
  })
}
