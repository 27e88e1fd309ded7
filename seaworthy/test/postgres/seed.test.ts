import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SeaworthyError } from '../../src/gate/error.ts'
import type { MadeRows } from '../../src/postgres/seed/make-rows.ts'
import type { CatalogueEntry } from '../../src/migrations/engine.ts'
import { usePrivateCache } from './private-places.ts'
import { stage } from './rehearse.ts'
import { type Ground, groundWith } from './seed-ground.ts'
import { IMPOSSIBLE, NASTY } from './seed-nasty.ts'

for (const major of [18, 15]) {
  describe(`seeding on PostgreSQL ${major}`, () => {
    let ground: Ground
    let seeding: MadeRows
    let before: readonly CatalogueEntry[]
    beforeAll(async () => {
      ground = await groundWith(major, NASTY + IMPOSSIBLE)
      before = await ground.catalogue()
      seeding = await ground.seed()
    })
    afterAll(async () => {
      await ground[Symbol.asyncDispose]()
    })
    const value = async (sql: string): Promise<unknown> => Object.values((await ground.rows(sql))[0] ?? {})[0]

    /** What fewer rows than that fulfil. */
    const lacking = async (
      cases: readonly (readonly [what: string, from: string])[],
      least: number,
    ): Promise<string[]> => {
      const lack: string[] = []
      for (const [what, from] of cases) {
        const rows = Number((await value(`SELECT count(*) FROM public.${from}`)) ?? 0)
        if (rows < least) lack.push(what)
      }
      return lack
    }

    it('names the tables in which nothing fits, with the reason, and no other', () => {
      expect(seeding.unseeded).toEqual([
        { object: 'table public.needs_never', reason: expect.stringContaining('table public.never') },
        { object: 'table public.never', reason: expect.stringContaining('no values were found that satisfy') },
        { object: 'table public.no_partition', reason: expect.stringContaining('no partition of relation') },
        { object: 'table public.slow', reason: expect.stringContaining('statement timeout') },
        { object: 'table public.stuck_a', reason: expect.stringContaining('refer to rows of a table that has none') },
        { object: 'table public.stuck_b', reason: expect.stringContaining('refer to rows of a table that has none') },
      ])
    })

    it('leaves the catalogue exactly as it was', async () => {
      expect(await ground.catalogue()).toEqual(before)
    })

    it('keeps every constraint, also the ones that were not watched meanwhile', async () => {
      const { rows } = await ground.admin.query<{ sql: string }>(`
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', conrelid::regclass, conname, conname,
            pg_get_constraintdef(oid)) AS sql FROM pg_constraint
          WHERE contype IN ('f', 'c') AND conparentid = 0 AND coninhcount = 0 AND conrelid::regclass::text <> 'public.slow'
            AND connamespace IN ('public'::regnamespace, '"odd Schema"'::regnamespace) AND conrelid <> 0`)
      expect(rows.length).toBeGreaterThan(25)
      await ground.admin.query('BEGIN')
      for (const { sql } of rows) await ground.admin.query(sql)
      await ground.admin.query('ROLLBACK')
      const tables = [
        'tenants',
        'chicken',
        'egg',
        'tree',
        'pairs',
        'profile',
        'full_match',
        'uses_lookup',
        'loop_a',
        'loop_b',
      ]
      expect(
        await lacking(
          tables.map((table) => [table, table]),
          6,
        ),
      ).toEqual([])
    })

    it('has every value of an enum, NULL in every column that may have it, and both booleans', async () => {
      expect(await value('SELECT count(DISTINCT mood)::int FROM public.tenants')).toBe(4)
      const { rows } = await ground.admin.query<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'public.everything'::regclass AND attnum > 0
           AND NOT attnotnull AND attgenerated = '' AND attname <> 'dom'`,
      )
      expect(rows.length).toBeGreaterThan(40)
      const having = (condition: string) =>
        rows.map(({ name }): [string, string] => [name, `everything WHERE num_nulls("${name}") ${condition}`])
      expect(await lacking(having('> 0'), 1)).toEqual([])
      expect(await lacking(having('= 0'), 4)).toEqual([])
      const again = rows.filter(({ name }) => ['txt', 'big', 'v', 'day', 'u', 'money_'].includes(name))
      const twice = again.map(({ name }): [string, string] => [
        name,
        `everything GROUP BY "${name}" HAVING count("${name}") > 1`,
      ])
      expect(await lacking(twice, 1)).toEqual([])
      expect(await value('SELECT count(DISTINCT ok)::int FROM public.everything')).toBe(2)
    })

    it('has values that a narrower type would lose', async () => {
      const wanted = [
        ['big > 2147483647', 'beyond integer'],
        ['big > 9007199254740992', 'beyond what a double holds'],
        ['money_ <> trunc(money_, 1)', 'the full scale'],
        ['money_ < 0', 'a negative one'],
        ['length(v) = 40', 'a text as long as it may be'],
        ["txt = ''", 'an empty text'],
        ["txt LIKE ' %' OR txt LIKE '% '", 'blanks at an end'],
        ['txt <> lower(txt)', 'upper case'],
        ["txt ~ '[^ -~]'", 'beyond ASCII'],
        ["txt = '007'", 'a number with zeros in front'],
        ["ts <> date_trunc('second', ts)", 'fractions of a second'],
        ['tstz < now()', 'the past'],
        ['tstz > now()', 'the future'],
      ]
      const cases = wanted.map(([condition, what]): [string, string] => [what ?? '', `everything WHERE ${condition}`])
      expect(await lacking(cases, 1)).toEqual([])
    })

    it('its keys meet none of the live migrations, nor the next value of a sequence', async () => {
      expect(await value("SELECT min(id) FROM public.lookups WHERE code NOT IN ('one', 'two')")).toBeGreaterThan(6000)
      expect(
        await value("SELECT bool_and(code ILIKE 'seaworthy%') FROM public.lookups WHERE id NOT IN (1, 5000)"),
      ).toBe(true)
      expect(await value('SELECT min(id) > 1000 FROM public.tenants')).toBe(true)
      await ground.admin.query('BEGIN')
      const sql = `INSERT INTO public.everything (money_, ok, tstz, arr, dom) VALUES (1, true, now(), '{}', 1) RETURNING
        id > (SELECT max(id) FROM public.everything)`
      expect(await value(sql)).toBe(true)
      await ground.admin.query('ROLLBACK')
    })

    it('fills every partition that asks for certain values', async () => {
      const partitions = [
        'by_list_eu',
        'by_list_us',
        'by_range_24',
        'by_range_25_0',
        'by_range_25_1',
        'by_default_low',
        'by_default_rest',
      ]
      expect(
        await lacking(
          partitions.map((partition) => [partition, partition]),
          1,
        ),
      ).toEqual([])
    })

    it('the same seed makes the same rows, another one others', async () => {
      const digest = `SELECT md5(string_agg(x::text, '|' ORDER BY x::text)) FROM public.checked x`
      const own = await value(digest)
      for (const [seed, isSame] of [
        [1, true],
        [2, false],
      ] as const) {
        await using other = await groundWith(major, NASTY)
        await other.seed(seed)
        expect(Object.values((await other.rows(digest))[0] ?? {})[0] === own).toBe(isSame)
      }
    })
  })

  it(`a check of the schema runs as nobody of weight (PostgreSQL ${major})`, async () => {
    await using ground = await groundWith(
      major,
      `CREATE FUNCTION mighty(int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         RESET ROLE; RESET SESSION AUTHORIZATION;
         RETURN NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolsuper AND rolname IN (current_user, session_user)); END $$;
       CREATE TABLE guarded (id int PRIMARY KEY CHECK (mighty(id)))`,
    )
    expect((await ground.seed()).tables).toEqual([{ object: 'table public.guarded', rows: 14, synthetic: 14 }])
  })
}

it('types of extensions, through their own input; of a type that takes none of what we know, the table is named', async () => {
  await using ground = await groundWith(
    null,
    `CREATE TABLE typed (id serial PRIMARY KEY, mail citext UNIQUE, attributes hstore NOT NULL, path ltree, space cube NOT NULL, book isbn NOT NULL);
     CREATE TABLE plain (id serial PRIMARY KEY, book isbn)`,
    'CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION cube; CREATE EXTENSION isn',
  )
  const { tables, unseeded } = await ground.seed()
  expect(unseeded).toEqual([
    { object: 'table public.typed', reason: 'no value is known for its column book of type public.isbn' },
  ])
  expect(tables).toEqual([{ object: 'table public.plain', rows: 14, synthetic: 14 }])
  await ground.admin.query('ALTER TABLE public.typed DROP COLUMN book')
  expect((await ground.seed()).unseeded).toEqual([])
})

describe('the user’s own rows', () => {
  const texts = ['CREATE TABLE cases (id int PRIMARY KEY, docket text NOT NULL);', 'SELECT 1;']
  const seedWith = async (text: string) => {
    const staged = await stage({ texts, live: 1 })
    await using rehearsing = staged.rehearsing
    return (await rehearsing.seed({ script: { file: 'seed.sql', text }, seed: 1 })).seeding
  }

  it('stand in place of made-up ones', async () => {
    expect(await seedWith("INSERT INTO cases VALUES (1, 'a'), (2, 'b');")).toEqual({
      source: 'file',
      seed: 1,
      tables: [{ object: 'table public.cases', rows: 2, synthetic: 0 }],
      unseeded: [],
    })
    expect((await seedWith('SELECT 1')).unseeded).toEqual([
      { object: 'table public.cases', reason: 'seed.sql gives it no rows' },
    ])
  })

  it('are refused with the place and what to do', async () => {
    const error: unknown = await seedWith('-- mine\nINSERT INTO casse VALUES (1);').catch((it: unknown) => it)
    expect(error).toBeInstanceOf(SeaworthyError)
    expect(error).toMatchObject({
      code: 'config',
      message: 'the rows of seed.sql:2 do not go in: relation "casse" does not exist',
      hint: expect.stringContaining('as deploy after the live migrations'),
    })
  })
})

describe('a seeded state', () => {
  it('is kept: a second run begins where the first one froze it, and each fork is alone', async () => {
    const cache = usePrivateCache()
    try {
      const texts = ['CREATE TABLE cases (id serial PRIMARY KEY, docket text NOT NULL);', 'DELETE FROM cases;']
      const run = async () => {
        const staged = await stage({ texts, live: 1, useCache: true })
        await using rehearsing = staged.rehearsing
        const seeded = await rehearsing.seed({ script: null, seed: 1 })
        const changes = []
        for (let fork = 0; fork < 2; fork += 1) {
          await using world = await seeded.fork()
          const watch = await world.watchRows()
          expect((await watch.look()).changes).toEqual([])
          await world.apply(staged.pending)
          changes.push((await watch.look()).changes)
        }
        return { seeding: seeded.seeding, changes }
      }
      const first = await run()
      expect(first.changes[0]).toMatchObject([{ object: 'table public.cases', rowsBefore: 14, lost: 14 }])
      expect(first.changes[1]).toEqual(first.changes[0])
      expect(await run()).toEqual(first)
    } finally {
      cache.remove()
    }
  })
})
